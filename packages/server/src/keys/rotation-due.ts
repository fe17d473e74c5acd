/** Until when a key must be rotated by its policy (reference: kms-rest-api.md, section 8.5). */
import type { RotationPolicy } from '../policies/key-policy.ts'
import { formatDate } from './date.ts'
import { ACTIVE } from './states.ts'

const day = 24 * 3_600_000

/**
 * The end of the day within which the rotation happens once it falls due, as events tell it. Undefined for a key without
 * an interval in force.
 */
export function rotationDueDate(
  rotation: RotationPolicy | undefined,
  { state, newestAt }: { readonly state: number; readonly newestAt: number },
  now: number,
): string | undefined {
  if (rotation?.enabled !== true || rotation.interval_month === undefined || state !== ACTIVE) return undefined
  return formatDate(Math.max(now, newestAt + rotation.interval_month * 30 * day) + day)
}
