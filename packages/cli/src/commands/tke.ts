/** `keywitness tke`: crypto units, administered by commands that are signed here and proved by the units' signed answers. */
import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { addTkeAdministrators } from './tke-admins.ts'
import { addTkeInitialisation } from './tke-auto-init.ts'
import { addTkeRecovery } from './tke-auto-recover.ts'
import { addTkeCompare } from './tke-compare.ts'
import { addTkeControlPoints } from './tke-control-points.ts'
import { addTkeFailover } from './tke-failover.ts'
import { addTkeKeyParts } from './tke-key-parts.ts'
import { addTkeRegisters } from './tke-registers.ts'
import { addTkeRoot } from './tke-root.ts'
import { addTkeRotation } from './tke-rotate.ts'
import { addTkeSignatureKeys } from './tke-sigkeys.ts'
import { addTkeThresholds } from './tke-thresholds.ts'
import { addTkeTranscript } from './tke-transcript.ts'
import { addTkeUnits } from './tke-units.ts'
import { addTkeZeroize } from './tke-zeroize.ts'

export function addTkeCommands(program: Command, io: Surroundings): void {
  const tke = program
    .command('tke')
    .description('crypto units: administrators, thresholds and master keys, signed on this machine')
  addTkeUnits(tke, io)
  addTkeCompare(tke, io)
  addTkeRoot(tke, io)
  addTkeSignatureKeys(tke, io)
  addTkeAdministrators(tke, io)
  addTkeThresholds(tke, io)
  addTkeKeyParts(tke, io)
  addTkeRegisters(tke, io)
  addTkeRotation(tke, io)
  addTkeZeroize(tke, io)
  addTkeControlPoints(tke, io)
  addTkeInitialisation(tke, io)
  addTkeRecovery(tke, io)
  addTkeFailover(tke, io)
  addTkeTranscript(tke, io)
}
