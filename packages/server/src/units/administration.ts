/** Administrative calls to the crypto unit: create, command, report, adopt. */
import type { CommandSignature } from '@keywitness/crypto-unit/command-block'
import { putIdentity, readReport, type UnitIdentity, type UnitReport } from '@keywitness/crypto-unit/messages'
import { STATE_BYTES_MAX, operations } from '@keywitness/crypto-unit/protocol'
import type { UnitProcess } from './process.ts'

/** A state that is not in force: it must be committed first, then adopted. */
interface NextState {
  readonly sealed: Uint8Array
  /** How the unit will report itself once the state is in force. */
  readonly report: UnitReport
}

export interface UnitAdministration {
  /** A fresh unit in imprint mode, sealed; revision 1. */
  create(identity: UnitIdentity): Promise<Uint8Array>
  /** @throws UnitCommandRefusal */
  command(identity: Pick<UnitIdentity, 'instance' | 'unit'>, command: SignedCommand): Promise<NextState>
  /** @throws UnitRefusal `NOT_READY` when there is no such unit */
  report(identity: Pick<UnitIdentity, 'instance' | 'unit'>): Promise<UnitReport>
  /** Puts a committed state into force. */
  adopt(sealed: Uint8Array): Promise<void>
}

export interface SignedCommand {
  readonly block: Uint8Array
  readonly signatures: readonly CommandSignature[]
}

export function createUnitAdministration(unit: Pick<UnitProcess, 'call'>): UnitAdministration {
  return {
    create: (identity) =>
      unit.call(
        operations.CREATE,
        (request) => putIdentity(request, identity),
        (answer) => new Uint8Array(answer.bytes(STATE_BYTES_MAX)),
      ),

    command: (identity, { block, signatures }) =>
      unit.call(
        operations.COMMAND,
        (request) => {
          request.text(identity.instance)
          request.text(identity.unit)
          request.bytes(block)
          request.u8(signatures.length)
          for (const { ski, signature } of signatures) {
            request.raw(Buffer.from(ski, 'hex'))
            request.bytes(signature)
          }
        },
        (answer) => ({ sealed: new Uint8Array(answer.bytes(STATE_BYTES_MAX)), report: readReport(answer) }),
      ),

    report: (identity) =>
      unit.call(
        operations.REPORT,
        (request) => {
          request.text(identity.instance)
          request.text(identity.unit)
        },
        readReport,
      ),

    adopt: (sealed) =>
      unit.call(
        operations.ADOPT,
        (request) => request.bytes(sealed),
        () => undefined,
      ),
  }
}
