/** Times to come on the command line: written out, or so long from now. */
import { CliError } from './cli-error.ts'

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/**
 * A time to come as RFC 3339.
 *
 * @example untilOf('+4h', now)
 * @throws CliError `BAD_INPUT` when it is none, or past
 */
export function untilOf(text: string, now: number): string {
  const [, count, unit = ''] = /^\+([1-9]\d{0,5})([mhdw])$/.exec(text) ?? []
  const ahead = Number(count) * (unitsMs[unit] ?? Number.NaN)
  const isWritten = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const until = Number.isNaN(ahead) ? (isWritten ? Date.parse(text) : Number.NaN) : now + ahead
  if (Number.isNaN(until)) {
    throw new CliError(
      'BAD_INPUT',
      `not a time to come: ${text}`,
      'give it like +4h, +30m, +7d or 2026-12-24T18:00:00Z',
    )
  }
  if (until <= now) throw new CliError('BAD_INPUT', `${text} is over already`)
  return new Date(until).toISOString()
}
