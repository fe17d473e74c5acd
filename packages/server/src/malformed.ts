/** Requests that do not even say what is wanted: a mark on their refusal, which decides how they are recorded. */
import { Refusal } from './errors.ts'

/**
 * Marks the refusal of a request that does not say what is wanted: its body cannot be read, or what it is about has no
 * name or kind. Where a body or a name says that, it is recorded as an invalid request and not as a failed operation
 * (decision 0008).
 */
export function malformed(refusal: Refusal): Refusal {
  refusal.isMalformed = true
  return refusal
}

/** Reads what says what is wanted: whatever refusal comes of it is marked. */
export function asMalformed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Refusal ? malformed(error) : error
  }
}
