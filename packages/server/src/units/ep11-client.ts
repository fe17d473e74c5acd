/** The way of EP11 to the crypto unit: each call one frame, and an outcome whatever happens, for its event to tell. */
import { putCall, readOutcome } from '@keywitness/crypto-unit/ep11/call-codec'
import type { CallName, CallOutcome, CallRequest } from '@keywitness/crypto-unit/ep11/calls'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import type { ReturnValue } from '@keywitness/crypto-unit/ep11/return-values'
import { operations } from '@keywitness/crypto-unit/protocol'
import type { UnitProcess } from './process.ts'
import { UnitFault } from './refusals.ts'
import { UnitRefusal } from './unit-client.ts'

/** Prime numbers are found by luck: the unit answers others meanwhile, and this call when it has them. */
const GENERATION_MS_MAX = 60_000
const generations = new Set<CallName>(['GenerateKey', 'GenerateKeyPair'])

export interface Ep11Client {
  /**
   * Carries out a call. `session` is what a login answered, where the caller shows one. A refusal is an outcome too:
   * the unit's own with its CKR_ value; `CKR_DEVICE_REMOVED` while no unit runs or too much waits, `CKR_IBM_REQ_TIMEOUT`
   * after the deadline (whether it was carried out is not known then), `CKR_DEVICE_ERROR` when the unit failed. The
   * buffers of an answer are the caller's own.
   */
  call<Name extends CallName>(
    instance: string,
    session: Buffer | undefined,
    name: Name,
    request: CallRequest<Name>,
  ): Promise<CallOutcome<Name>>
}

/** The client of a running process. */
export function createEp11Client(unit: Pick<UnitProcess, 'call'>): Ep11Client {
  return {
    call: async (instance, session, name, request) => {
      try {
        return await unit.call(
          operations.EP11,
          (frame) => putCall(frame, { instance, session }, name, request),
          (answer) => readOutcome(answer, name),
          generations.has(name) ? { slowMs: GENERATION_MS_MAX } : undefined,
        )
      } catch (error) {
        return { facts: { request: {}, response: {} }, refusal: refusalOf(error) }
      }
    },
  }
}

function refusalOf(error: unknown): { readonly code: number; readonly message: string } {
  if (error instanceof Ep11Error) return error
  if (error instanceof UnitRefusal) return new Ep11Error(valueOf(error.code), error.message)
  if (error instanceof UnitFault) return new Ep11Error('CKR_DEVICE_ERROR', 'The crypto unit failed.')
  throw error
}

function valueOf(code: UnitRefusal['code']): ReturnValue {
  switch (code) {
    case 'TIMEOUT':
      return 'CKR_IBM_REQ_TIMEOUT'
    case 'UNAVAILABLE':
      return 'CKR_DEVICE_REMOVED'
    case 'LIMIT':
      return 'CKR_IBM_TRANSPORT_LIMIT'
    case 'NOT_READY':
      return 'CKR_IBM_WK_NOT_INITIALIZED'
    default:
      return 'CKR_DEVICE_ERROR'
  }
}
