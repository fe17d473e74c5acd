/** `keywitness log …`: everything about the log that proves the trail. */
import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addLogCheckpoint } from './log-checkpoint.ts'
import { addLogCheckpoints } from './log-checkpoints.ts'
import { addLogConsistency } from './log-consistency.ts'
import { addLogContinuity } from './log-continuity.ts'
import { addLogFsck } from './log-fsck.ts'
import { addLogKey } from './log-key.ts'
import { addLogKeys, addLogRotateKey } from './log-keys.ts'
import { addLogMinimumIndex } from './log-minimum-index.ts'
import { addLogSave } from './log-save.ts'
import { addLogVerifications } from './log-verifications.ts'
import { addLogVerify } from './log-verify.ts'

export function addLogCommands(program: Command, io: Surroundings): void {
  const log = program.command('log').description('the log that proves the trail')
  addLogVerify(log, io)
  addLogCheckpoint(log, io)
  addLogCheckpoints(log, io)
  addLogConsistency(log, io)
  addLogContinuity(log, io)
  addLogMinimumIndex(log, io)
  addLogSave(log, io)
  addLogVerifications(log, io)
  addLogFsck(log, io)
  addLogKey(log, io)
  addLogKeys(log, io)
  addLogRotateKey(log, io)
}
