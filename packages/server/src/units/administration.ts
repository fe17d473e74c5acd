/** Administrative calls to the crypto unit's process: units, their commands, and what instances work with. */
import { readFacts, type CommandFacts } from '@keywitness/crypto-unit/command-facts'
import { putIdentity, readReport, type UnitIdentity, type UnitReport } from '@keywitness/crypto-unit/messages'
import { STATE_BYTES_MAX, operations } from '@keywitness/crypto-unit/protocol'
import { counterBytes } from '@keywitness/crypto-unit/tke/command-block'
import type { DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import { HTP_CHARACTERS_MAX } from '@keywitness/crypto-unit/tke/htp'
import type { UnitProcess } from './process.ts'

type UnitName = Pick<UnitIdentity, 'instance' | 'unit'>

/** A state that is not in force: it must be committed first, then adopted. */
interface NextState {
  readonly sealed: Uint8Array
  /** How the unit will report itself once the state is in force. */
  readonly report: UnitReport
}

/** A command that the unit understood. */
export interface CommandOutcome {
  readonly facts: CommandFacts
  /** 0, or a PKCS #11 return value with its EP11 reason (TKE reference, sections 2.7 and 2.8). */
  readonly returnCode: number
  readonly reason: number
  readonly before: UnitReport
  /** Of a refused command too, when it used up its transaction counter. */
  readonly next: NextState | undefined
}

interface TkeAnswer {
  /** HTPResponse, signed by the module where the protocol signs. */
  readonly response: string
  /** Undefined for a query, and for what could not be understood. */
  readonly outcome: CommandOutcome | undefined
}

/** What the trail knows of a unit whose committed state is older. */
export interface TrailOfUnit {
  readonly counter: bigint
  readonly revision: number
}

export interface UnitAdministration {
  /** A fresh unit in imprint mode, sealed; revision 1. */
  create(identity: UnitIdentity): Promise<Uint8Array>
  /** One HTPRequest. @throws UnitRefusal `NOT_READY` when there is no such unit */
  tke(unit: UnitName, request: string): Promise<TkeAnswer>
  /** @throws UnitRefusal `NOT_READY` when there is no such unit */
  report(unit: UnitName): Promise<UnitReport>
  /** Puts a committed state into force. */
  adopt(sealed: Uint8Array): Promise<void>
  /** Keeps a unit from work until its administrators confirm its state. */
  hold(unit: UnitName, known: TrailOfUnit): Promise<void>
  /** Which master key an instance works with, by its verification pattern. */
  direct(instance: string, pattern: string | undefined): Promise<void>
  /** The root that the certificates of all modules hang from. */
  root(): Promise<DeviceRoot>
}

/** What is committed is told until it is heard: neither the bound on calls nor their deadline is for it. */
const TELLING_MS = 60_000

/**
 * A character that is not ASCII stays one that no HTPRequest has: cut to a byte it could become a digit, and what was
 * recorded as no command would be one. Of a text that is too long as much is sent as shows that.
 */
function requestBytes(text: string): Buffer {
  return Buffer.from(text.slice(0, HTP_CHARACTERS_MAX + 1).replaceAll(/[^ -~]/g, '?'), 'latin1')
}

/** Coordinates of P-521 have this many hexadecimal digits. */
const COORDINATE_DIGITS = 132

export function createUnitAdministration(unit: Pick<UnitProcess, 'call'>): UnitAdministration {
  const nothing = (): undefined => undefined
  return {
    create: (identity) =>
      unit.call(
        operations.CREATE,
        (request) => putIdentity(request, identity),
        (answer) => new Uint8Array(answer.bytes(STATE_BYTES_MAX)),
      ),

    tke: (name, text) =>
      unit.call(
        operations.TKE,
        (request) => {
          request.text(name.instance)
          request.text(name.unit)
          request.bytes(requestBytes(text))
        },
        (answer) => {
          const response = answer.bytes(STATE_BYTES_MAX).toString('latin1')
          if (answer.u8() === 0) return { response, outcome: undefined }
          const facts = readFacts(answer)
          const [returnCode, reason] = [answer.u32(), answer.u32()]
          const before = readReport(answer)
          const next =
            answer.u8() === 0
              ? undefined
              : { sealed: new Uint8Array(answer.bytes(STATE_BYTES_MAX)), report: readReport(answer) }
          return { response, outcome: { facts, returnCode, reason, before, next } }
        },
      ),

    report: (name) =>
      unit.call(
        operations.REPORT,
        (request) => {
          request.text(name.instance)
          request.text(name.unit)
        },
        readReport,
      ),

    adopt: (sealed) => unit.call(operations.ADOPT, (request) => request.bytes(sealed), nothing, TELLING_MS),

    hold: (name, { counter, revision }) =>
      unit.call(
        operations.HOLD,
        (request) => {
          request.text(name.instance)
          request.text(name.unit)
          request.raw(counterBytes(counter))
          request.u32(revision)
        },
        nothing,
        TELLING_MS,
      ),

    direct: (instance, pattern) =>
      unit.call(
        operations.DIRECT,
        (request) => {
          request.text(instance)
          request.text(pattern ?? '')
        },
        nothing,
        TELLING_MS,
      ),

    root: () =>
      unit.call(
        operations.ROOT,
        () => undefined,
        (answer) => ({ ski: answer.text(64), x: answer.text(COORDINATE_DIGITS), y: answer.text(COORDINATE_DIGITS) }),
      ),
  }
}
