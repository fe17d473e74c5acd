/** Points in time as a query writes them: RFC 3339, `now`, or relative to now (`-15m`). */
import { Refusal } from '../errors.ts'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/

/**
 * Milliseconds since the epoch.
 * @throws Refusal INVALID_QUERY_PARAM_ERR naming the parameter
 */
export function parseTime(parameter: string, value: string, now: number): number {
  if (value === 'now') return now
  const relative = /^-(\d{1,6})([smhdw])$/.exec(value)
  if (relative !== null) return now - Number(relative[1]) * unitMs[relative[2] as keyof typeof unitMs]
  const time = rfc3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) {
    throw new Refusal('INVALID_QUERY_PARAM_ERR', {
      message: `The parameter ${parameter} must be an RFC 3339 time with zone, "now", or relative like "-15m".`,
      at: { type: 'query_param', name: parameter },
    })
  }
  return time
}
