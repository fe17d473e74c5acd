/** One command to one crypto unit: recognised, carried out by the unit, committed with its event, then put into force. */
import type { ActionName } from '@keywitness/cadf'
import {
  decodeDomainRequest,
  decodeDomainResponse,
  decodeResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { commandName, decodeAnyBlock, isQuery, type CommandName } from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { decodeHtpRequest, decodeHtpResponse } from '@keywitness/crypto-unit/tke/htp'
import type { Done, Seen } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { Reader } from '../store/store.ts'
import type { CommandOutcome, UnitAdministration } from './administration.ts'
import { consequencesOf, readMasterKeys } from './master-keys.ts'
import { UnitRefusal } from './unit-client.ts'
import { explainReturnCode } from '@keywitness/crypto-unit/tke/return-codes'
import { eventOfCommand, type CommandEvent } from './unit-events.ts'
import { replaceState, unitsOf, type CommittedUnit } from './unit-states.ts'

/** What a request asks of a unit, as far as it can be told without the unit. */
export type Asked = 'query' | 'nothing' | CommandName

/** Reads a request no further than to its command. Signatures, counters and all else are the unit's to judge. */
export function askedOf(request: string): Asked {
  try {
    const message = decodeDomainRequest(decodeCprb(decodeHtpRequest(request).cprb).payload)
    if (message.kind === 'info') return 'query'
    const { id } = decodeAnyBlock(message.block)
    return isQuery(id) ? 'query' : (commandName(id) ?? 'nothing')
  } catch {
    return 'nothing'
  }
}

export interface UnitCommandParts {
  readonly store: Reader
  readonly administration: Pick<UnitAdministration, 'tke' | 'report'>
  readonly clock: Pick<Clock, 'now'>
  /** Puts committed things into force, in this order; must not throw. */
  readonly settle: (unit: CommittedUnit, sealed: Uint8Array | undefined, inForce: string | undefined) => void
  /** Nothing of a state that was given up may linger beside the store. */
  readonly forget: () => Promise<void>
  /** Whether the unit is refused because the trail knows a later state of it. */
  readonly isHeld: (unit: string) => boolean
}

/** The action that a request aims at, whatever the unit is like: of calls that do not reach it. */
export function actionAimedAt(asked: Asked): ActionName {
  if (asked === 'query') return 'hs-crypto.tke-cryptounit.read'
  return asked === 'nothing' ? noCommand.action : eventOfCommand(asked, false).action
}

/** The event under which a request is recorded; undefined for a query. */
export async function eventOf(
  parts: Pick<UnitCommandParts, 'administration'>,
  unit: CommittedUnit,
  request: string,
): Promise<CommandEvent | undefined> {
  const asked = askedOf(request)
  if (asked === 'query') return undefined
  if (asked === 'nothing') return noCommand
  if (asked !== 'RANDOM') return eventOfCommand(asked, true)
  const { currentRegister } = await answered(parts.administration.report(unit))
  return eventOfCommand(asked, currentRegister.state === 'valid')
}

/** For what is no command, or none of a domain: it is recorded, and answered in the protocol's own form. */
const noCommand: CommandEvent = {
  action: 'hs-crypto.tke-cryptounit.default',
  request: () => ({}),
  response: () => ({}),
}

/** Commands after which a master key, or all of a state, must be nowhere any more. */
const givingUp: ReadonlySet<ActionName> = new Set([
  'hs-crypto.tke-cryptounit.reset',
  'hs-crypto.tke-cryptounit-new-master-key-register.clear',
  'hs-crypto.tke-cryptounit-current-master-key-register.clear',
  'hs-crypto.tke-cryptounit-master-key-register.activate',
  'hs-crypto.tke-cryptounit-master-key-register.add',
  'hs-crypto.tke-cryptounit-importer.create',
])

/** Commands that say that they give up what is there. */
const openly: ReadonlySet<ActionName> = new Set([
  'hs-crypto.tke-cryptounit.reset',
  'hs-crypto.tke-cryptounit-current-master-key-register.clear',
])

/**
 * Carries out a request that is no query. To be called in the unit's turn: nothing else may change it meanwhile.
 * @returns the answer with what to record; a command that the unit refused is recorded as a failure of 500 (seed), and
 *   answered with 200 and the refusal inside (TKE reference, section 1.6)
 * @throws Refusal `MASTER_KEY_IN_USE`, `ROTATION_UNDER_WAY`, `UNIT_UNAVAILABLE`
 */
export async function carryOut(
  parts: UnitCommandParts,
  unit: CommittedUnit,
  request: string,
  event: CommandEvent,
  seen: Seen<ActionName>,
): Promise<Done<string>> {
  seen.request = { location: unit.location }
  const { response, outcome } = await answered(parts.administration.tke(unit, request))
  if (event === noCommand && outcome?.returnCode === 0) throw new Error('a command was carried out as none')
  if (outcome === undefined || event === noCommand) {
    return { result: response, code: 400, status: 200, failure: 'The request is not one that a crypto unit knows.' }
  }
  const { returnCode, reason, next } = outcome
  tell(unit, event, outcome, response, seen, parts.isHeld(unit.unit))
  const replaced =
    next === undefined ? [] : replaceState(unit.unit, outcome.before.revision, next.report.revision, next.sealed)
  if (returnCode !== 0) {
    return {
      result: response,
      code: 500,
      status: 200,
      failure: `${explainReturnCode(returnCode, reason)} (${returnCode}/${reason}).`,
      changes: replaced,
      settled: () => parts.settle(unit, next?.sealed, undefined),
    }
  }
  if (next === undefined) throw new Error('a command was carried out without a next state')
  const others = await othersOf(parts, unit)
  const consequences = consequencesOf(
    readMasterKeys(parts.store),
    outcome.before,
    next.report,
    others.filter((other) => !parts.isHeld(other.unit)),
    parts.clock.now(),
    openly.has(event.action),
  )
  return {
    result: response,
    code: 200,
    changes: [...replaced, ...consequences.changes],
    conditions: consequences.conditions,
    settled: async () => {
      parts.settle(unit, next.sealed, consequences.inForce)
      if (givingUp.has(event.action)) await parts.forget()
    },
  }
}

/** Fills in what the event says, of a command that was carried out or refused. */
function tell(
  unit: CommittedUnit,
  event: CommandEvent,
  { facts, returnCode, before, next }: CommandOutcome,
  response: string,
  seen: Seen<ActionName>,
  wasHeld: boolean,
): void {
  const understood = { facts, before, after: next?.report ?? before, output: outputOf(response) }
  seen.request = {
    location: unit.location,
    signerIds: [...facts.signerIds],
    requestHash: facts.requestHash,
    transactionCounter: String(facts.counter),
    ...event.request(understood),
  }
  const isConfirmed = wasHeld && returnCode === 0 && event.action === 'hs-crypto.tke-cryptounit-threshold.set'
  seen.response = {
    // What a refused command would have led to was not; that it used up its counter was.
    ...(returnCode === 0 ? event.response(understood) : {}),
    ...(next === undefined ? {} : { unitRevision: next.report.revision }),
    ...(isConfirmed ? { confirmed: true } : {}),
  }
}

/** Payload of a signed answer; empty for any other. */
function outputOf(response: string): Buffer {
  const answer = decodeDomainResponse(decodeCprb(decodeHtpResponse(response)).payload)
  return answer.kind === 'admin' ? Buffer.from(decodeResponseBlock(answer.block).payload) : Buffer.alloc(0)
}

function othersOf({ store, administration }: UnitCommandParts, unit: CommittedUnit) {
  const others = unitsOf(store, unit.instance).filter((other) => other.unit !== unit.unit)
  return Promise.all(others.map((other) => answered(administration.report(other))))
}

/** The unit's own refusals as the product's. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof UnitRefusal) throw new Refusal('UNIT_UNAVAILABLE', { cause: error })
    throw error
  }
}
