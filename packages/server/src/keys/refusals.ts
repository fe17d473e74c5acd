/** Refusals that several key operations share. Their texts never hold anything the caller sent. */
import { Refusal } from '../errors.ts'
import { UnitRefusal } from '../units/unit-client.ts'

/** A member of the body at fault. */
export function badField(name: string, message: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message, at: { type: 'field', name } })
}

/** A query parameter at fault. */
export function badQuery(name: string, message: string): Refusal {
  return new Refusal('INVALID_QUERY_PARAM_ERR', { message, at: { type: 'query_param', name } })
}

/** A bounded number of things is reached. */
export function quotaReached(message: string): Refusal {
  return new Refusal('QUOTA_EXCEEDED', { message })
}

export function unprocessable(cause?: unknown): Refusal {
  return new Refusal('UNPROCESSABLE_CIPHERTEXT_ERR', { cause })
}

/**
 * Waits for the crypto unit.
 * @throws Refusal `UNIT_UNAVAILABLE` (503) when no unit can do it now, `UNPROCESSABLE_CIPHERTEXT_ERR` (422) for what did
 *   not open; any other error of the unit passes through and becomes a 500 at the audit door
 */
export async function fromUnit<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof UnitRefusal)) throw error
    if (error.code === 'TAMPERED') throw unprocessable(error)
    if (error.code === 'TIMEOUT' || error.code === 'UNAVAILABLE' || error.code === 'BUSY') {
      throw new Refusal('UNIT_UNAVAILABLE', { cause: error })
    }
    // Why is for whoever reads the event: no master key is active, or not the one that the key is wrapped under.
    if (error.code === 'NOT_READY') throw new Refusal('UNIT_UNAVAILABLE', { message: error.message, cause: error })
    throw error
  }
}
