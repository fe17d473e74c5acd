/** With which return value of EP11 a call ends, be it that it does not refuse. */
import { Ep11Error } from '../ep11/ep11-error.ts'
import type { ReturnValue } from '../ep11/return-values.ts'

/** `CKR_OK` when the call returns; whatever is no refusal of EP11 is thrown on. */
export function returnValueOf(call: () => unknown): ReturnValue {
  try {
    call()
  } catch (error) {
    if (error instanceof Ep11Error) return error.returnValue
    throw error
  }
  return 'CKR_OK'
}
