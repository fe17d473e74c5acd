/** The whole command line: every command in its group, with what the program says of itself. */
import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { addEventsList } from './commands/events-list.ts'
import { addEventsReceipt } from './commands/events-receipt.ts'
import { addEventsShow } from './commands/events-show.ts'
import { addEventsTail } from './commands/events-tail.ts'
import { addIamKeysCreate } from './commands/iam-keys-create.ts'
import { addIamKeysList } from './commands/iam-keys-list.ts'
import { addIamServiceIdsCreate } from './commands/iam-service-ids-create.ts'
import { addIamServiceIdsList } from './commands/iam-service-ids-list.ts'
import { addKeysCreate } from './commands/keys-create.ts'
import { addKeysDelete } from './commands/keys-delete.ts'
import { addKeysList } from './commands/keys-list.ts'
import { addKeysRotate } from './commands/keys-rotate.ts'
import { addLogCheckpoint } from './commands/log-checkpoint.ts'
import { addLogKey } from './commands/log-key.ts'
import { addLogVerify } from './commands/log-verify.ts'
import { addStatus } from './commands/status.ts'
import { addVerify } from './commands/verify.ts'
import type { Surroundings } from './surroundings.ts'

const exitCodeHelp = `
Exit codes: 0 good · 1 a verification failed · 2 the command line or a file is wrong · 3 the server cannot be
reached, or refused.
`

/** Builds the program; its commands act on these surroundings. */
export function createProgram(io: Surroundings, version: string): Command {
  const program = new Command('keywitness')
    .description('Sees, proves and checks what a Keywitness witnessed; makes and changes its keys.')
    .version(version)
    .addHelpText('after', exitCodeHelp)
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => io.out.columns ?? 100,
      getErrHelpWidth: () => io.err.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()

  addStatus(program, io)
  const events = program.command('events').description('the trail: who did what')
  addEventsList(events, io)
  addEventsShow(events, io)
  addEventsTail(events, io)
  addEventsReceipt(events, io)
  addVerify(program, io)
  const log = program.command('log').description('the log that proves the trail')
  addLogVerify(log, io)
  addLogCheckpoint(log, io)
  addLogKey(log, io)
  const keys = program.command('keys').description('the keys of a service instance')
  addKeysList(keys, io)
  addKeysCreate(keys, io)
  addKeysRotate(keys, io)
  addKeysDelete(keys, io)
  const iam = program.command('iam').description('who may sign in')
  const serviceIds = iam.command('service-ids').description('identities for programs')
  addIamServiceIdsList(serviceIds, io)
  addIamServiceIdsCreate(serviceIds, io)
  const apiKeys = iam.command('keys').description('API keys')
  addIamKeysList(apiKeys, io)
  addIamKeysCreate(apiKeys, io)
  tab(program, { completionCommandName: 'completion' })
  return program
}
