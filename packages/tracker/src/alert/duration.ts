/** Lengths of time as rules write them. */
import { durationMaxMs, durationMinMs } from './limits.ts'
import type { Duration } from './rule.ts'
import { RuleError } from './rule-error.ts'

const unitMs: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * Milliseconds of a length of time.
 *
 * @throws RuleError at `path` when it is none, or not from one second to 366 days
 * @example parseDuration('10m') // 600000
 */
export function parseDuration(text: Duration, path = ''): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhdw])$/.exec(text) ?? []
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN)
  if (ms >= durationMinMs && ms <= durationMaxMs) return ms
  throw new RuleError(path, 'Expected a length of time from 1s to 366d, such as 30s, 10m, 4h, 7d or 2w.')
}
