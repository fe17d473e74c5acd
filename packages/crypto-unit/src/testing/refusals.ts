/** With which return value of EP11 a call is refused, or that it is not. */
import { Ep11Error } from '../ep11/ep11-error.ts'
import type { ReturnValue } from '../ep11/return-values.ts'

/**
 * Undefined when it is not refused.
 * @throws whatever it throws that is no Ep11Error
 */
export function refusal(call: () => unknown): ReturnValue | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (error instanceof Ep11Error) return error.returnValue
    throw error
  }
}

/** `CKR_OK` when the call returns. */
export function returnValueOf(call: () => unknown): ReturnValue {
  return refusal(call) ?? 'CKR_OK'
}

/** @throws Error when it is not refused, or in another form */
export function refusalOf(call: () => unknown): ReturnValue {
  const refused = refusal(call)
  if (refused === undefined) throw new Error('It was not refused.')
  return refused
}

export async function asyncRefusalOf(call: Promise<unknown>): Promise<ReturnValue> {
  const [outcome] = await Promise.allSettled([call])
  return refusalOf(() => {
    if (outcome.status === 'rejected') throw outcome.reason
  })
}
