/** Which event each administrative command is, and what it says of the command (TKE reference, section 9). */
import { hash } from 'node:crypto'
import type { ActionName, RequestFields, ResponseFields } from '@keywitness/cadf'
import type { CommandFacts } from '@keywitness/crypto-unit/command-facts'
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import type { CommandName } from '@keywitness/crypto-unit/tke/command-block'

/** A command as the unit understood it, and the unit before and after it. */
interface Understood {
  readonly facts: CommandFacts
  readonly before: UnitReport
  /** As the unit will be; as it was, when the command was refused. */
  readonly after: UnitReport
  /** Payload of the answer, for what only it says. */
  readonly output: Buffer
}

/** One kind of command as its event tells it. */
export interface CommandEvent<A extends ActionName = ActionName> {
  readonly action: A
  readonly request: (understood: Understood) => Partial<RequestFields<A>>
  readonly response: (understood: Understood) => Partial<ResponseFields<A>>
}

/** Forgets which action a command has: its fields were typed where it was declared. */
function telling<A extends ActionName>(event: CommandEvent<A>): CommandEvent {
  return event
}

const nothing = (): object => ({})

const addAdministrator = telling({
  action: 'hs-crypto.tke-cryptounit-admin.add',
  request: adminId,
  response: adminIds,
})
const removeAdministrator = telling({
  action: 'hs-crypto.tke-cryptounit-admin.remove',
  request: adminId,
  response: adminIds,
})
const setThresholds = telling({
  action: 'hs-crypto.tke-cryptounit-threshold.set',
  request: ({ facts: { signatureThreshold, revocationSignatureThreshold, permissions } }) => ({
    ...(signatureThreshold === undefined ? {} : { signatureThreshold }),
    ...(revocationSignatureThreshold === undefined ? {} : { revocationSignatureThreshold }),
    ...(permissions === undefined ? {} : { permissions: wordOf(permissions) }),
  }),
  response: ({ before, after: { signatureThreshold, revocationSignatureThreshold } }) => ({
    signatureThreshold,
    revocationSignatureThreshold,
    'initialValue.signatureThreshold': before.signatureThreshold,
    'initialValue.revocationSignatureThreshold': before.revocationSignatureThreshold,
    'initialValue.permissions': wordOf(before.permissions),
  }),
})
const load = telling({
  action: 'hs-crypto.tke-cryptounit-master-key-register.add',
  request: ({ facts: { partPatterns } }) => (partPatterns === undefined ? {} : { masterKeyIds: [...partPatterns] }),
  response: ({ after }) => patternOf(after.newRegister),
})
/** A random key in the new register was loaded by the unit itself: it is its only part. */
const randomToNew = telling({
  action: 'hs-crypto.tke-cryptounit-master-key-register.add',
  // Of a refused one there is none: what the register holds then is another key.
  request: ({ before, after }) =>
    before.newRegister.pattern === after.newRegister.pattern
      ? {}
      : { masterKeyIds: [...after.newRegister.partPatterns] },
  response: ({ after }) => patternOf(after.newRegister),
})
const commit = telling({
  action: 'hs-crypto.tke-cryptounit-master-key-register.commit',
  request: pattern,
  response: ({ after }) => ({ masterKeyIds: [...after.newRegister.partPatterns] }),
})
const activate = telling({
  action: 'hs-crypto.tke-cryptounit-master-key-register.activate',
  request: pattern,
  response: ({ after }) => patternOf(after.currentRegister),
})
/** A random key in an empty current register is in force at once: nobody loads or commits it. */
const randomToCurrent = telling({
  action: 'hs-crypto.tke-cryptounit-master-key-register.activate',
  request: nothing,
  response: ({ after }) => patternOf(after.currentRegister),
})
const clearNew = telling({
  action: 'hs-crypto.tke-cryptounit-new-master-key-register.clear',
  request: nothing,
  response: nothing,
})
const clearCurrent = telling({
  action: 'hs-crypto.tke-cryptounit-current-master-key-register.clear',
  request: nothing,
  response: nothing,
})
const reset = telling({ action: 'hs-crypto.tke-cryptounit.reset', request: nothing, response: nothing })
const createImporter = telling({
  action: 'hs-crypto.tke-cryptounit-importer.create',
  request: nothing,
  response: ({ output }) => ({ importerId: hash('sha256', output) }),
})

function exporting(register: 'current' | 'new'): CommandEvent {
  return telling({
    action: 'hs-crypto.tke-cryptounit-master-key.export',
    request: ({ facts: { recipientId } }) => ({ ...(recipientId === undefined ? {} : { recipientId }), register }),
    response: pattern,
  })
}

function changingControlPoints(change: 'set' | 'add' | 'remove'): CommandEvent {
  return telling({
    action: 'hs-crypto.tke-cryptounit-control-point.set',
    request: ({ facts: { controlPoints } }) => ({ ...(controlPoints === undefined ? {} : { controlPoints }), change }),
    response: ({ before, after }) => ({
      controlPoints: after.controlPoints,
      'initialValue.controlPoints': before.controlPoints,
    }),
  })
}

const table: Record<Exclude<CommandName, 'RANDOM'>, CommandEvent> = {
  ADD_ADMINISTRATOR: addAdministrator,
  REMOVE_ADMINISTRATOR: removeAdministrator,
  SET_ATTRIBUTES: setThresholds,
  GENERATE_IMPORTER: createImporter,
  EXPORT: exporting('current'),
  EXPORT_NEW: exporting('new'),
  LOAD: load,
  COMMIT: commit,
  ACTIVATE: activate,
  ZEROIZE: reset,
  SET_CONTROL_POINTS: changingControlPoints('set'),
  ADD_CONTROL_POINTS: changingControlPoints('add'),
  REMOVE_CONTROL_POINTS: changingControlPoints('remove'),
  CLEAR_CURRENT: clearCurrent,
  CLEAR_NEW: clearNew,
}

/** The event of a command; where a random master key goes depends on the unit. */
export function eventOfCommand(command: CommandName, hasMasterKey: boolean): CommandEvent {
  if (command === 'RANDOM') return hasMasterKey ? randomToNew : randomToCurrent
  return table[command]
}

function adminId({ facts: { adminId: id, adminName } }: Understood): { adminId?: string; adminName?: string } {
  return { ...(id === undefined ? {} : { adminId: id }), ...(adminName === undefined ? {} : { adminName }) }
}

function adminIds({ after }: Understood): { adminIds: string[] } {
  return { adminIds: after.administrators.map(({ ski }) => ski) }
}

function pattern({ facts }: Understood): { verificationPattern?: string } {
  return facts.pattern === undefined ? {} : { verificationPattern: facts.pattern }
}

function patternOf(register: UnitReport['newRegister']): { verificationPattern?: string } {
  return register.pattern === undefined ? {} : { verificationPattern: register.pattern }
}

function wordOf(value: number): string {
  return value.toString(16).padStart(8, '0')
}
