/** How long something is, or is still to last, in the two units that matter. */

export type DurationUnit = 'days' | 'hours' | 'minutes' | 'seconds'

const unitMs: Readonly<Record<DurationUnit, number>> = {
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
}
const units = Object.keys(unitMs) as DurationUnit[]

/** `[{days, 6}, {hours, 23}]`; never empty, at least 0 seconds. Rounded down. */
export function durationParts(ms: number): readonly { readonly unit: DurationUnit; readonly count: number }[] {
  const left = Math.max(0, ms)
  const at = units.findIndex((unit) => left >= unitMs[unit])
  const first = units[at]
  if (first === undefined) return [{ unit: 'seconds', count: 0 }]
  const count = Math.floor(left / unitMs[first])
  const next = units[at + 1]
  const rest = next === undefined ? 0 : Math.floor((left % unitMs[first]) / unitMs[next])
  return [{ unit: first, count }, ...(next === undefined || rest === 0 ? [] : [{ unit: next, count: rest }])]
}

/** How long until the words for a time left change: a second in the last hour, else a minute. Milliseconds. */
export function nextTickMs(leftMs: number): number {
  return leftMs < 2 * unitMs.hours ? unitMs.seconds : unitMs.minutes
}
