/** Events by what they have in common, in the order in which each group began. */
import type { ReportEvent } from './report-event.ts'

/** @param keyOf undefined: the event is in no group */
export function groupEvents(
  events: readonly ReportEvent[],
  keyOf: (event: ReportEvent) => string | undefined,
): Map<string, [ReportEvent, ...ReportEvent[]]> {
  const groups = new Map<string, [ReportEvent, ...ReportEvent[]]>()
  for (const event of events) {
    const key = keyOf(event)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [event])
    else group.push(event)
  }
  return groups
}

/** The different values of events, in order of appearance, with a blank between. */
export function distinct(events: readonly ReportEvent[], valueOf: (event: ReportEvent) => string): string {
  return [...new Set(events.map(valueOf))].filter((value) => value !== '').join(' ')
}

/** How many different values there are. */
export function countDistinct(
  events: readonly ReportEvent[],
  valueOf: (event: ReportEvent) => string | undefined,
): number {
  return new Set(events.map(valueOf).filter((value) => value !== undefined && value !== '')).size
}
