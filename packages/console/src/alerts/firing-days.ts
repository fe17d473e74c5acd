/** On which days a rule would have fired, of those that a test looked at. */
import type { RuleTest } from '../api/alert-types.ts'
import { type Zone, splitTime } from '../trail/time-range.ts'

export interface FiringDay {
  /** `2025-11-24`, in the zone. */
  readonly date: string
  /** Undefined where the test does not say: its list ends before. */
  readonly count: number | undefined
}

const dayMs = 86_400_000
/** More days than a test looks at. */
const daysMax = 400

/** Every day from the first to the last that was looked at. */
export function firingDays({ looked, firings, total }: RuleTest, zone: Zone): readonly FiringDay[] {
  const dateOf = (time: number): string => splitTime(time, zone).date
  const [from, to] = [Date.parse(looked.from), Date.parse(looked.to)]
  if (Number.isNaN(from) || Number.isNaN(to)) return []
  const counts = new Map<string, number>()
  for (let time = from; time < to && counts.size < daysMax; time += dayMs) counts.set(dateOf(time), 0)
  counts.set(dateOf(to), 0)
  for (const { at } of firings) {
    const date = dateOf(Date.parse(at))
    counts.set(date, (counts.get(date) ?? 0) + 1)
  }
  const newest = firings.at(-1)
  // Firings are listed from the first on, and only so many.
  const end = total > firings.length && newest !== undefined ? dateOf(Date.parse(newest.at)) : undefined
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, count]) => ({ date, count: end !== undefined && date > end ? undefined : count }))
}
