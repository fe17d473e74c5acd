/** Waiting times between actions on a key (reference: kms-rest-api.md, section 8.8). */
import { Refusal } from '../errors.ts'

/**
 * A wall clock that was set back does not lengthen the wait.
 * @throws Refusal `REQ_TOO_EARLY_ERR` while less than `waitMs` have passed `since`
 */
export function requireWaited(since: number | null, waitMs: number, now: number, message: string): void {
  const passed = now - (since ?? -Infinity)
  if (passed >= 0 && passed < waitMs) throw new Refusal('REQ_TOO_EARLY_ERR', { message })
}
