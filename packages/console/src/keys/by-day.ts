/** Events of a life by the days on which they happened, in the zone that is shown. */
import type { TrailItem } from '../api/types.ts'
import { describe } from '../trail/describe.ts'
import { splitTime, type Zone } from '../trail/time-range.ts'

interface Day {
  /** `2026-11-25`; the event's own words where its time has no known form. */
  readonly day: string
  /** A time of that day, milliseconds. */
  readonly at: number | undefined
  readonly events: readonly { readonly item: TrailItem; readonly clock: string }[]
}

/** In the order in which they come. */
export function byDay(items: readonly TrailItem[], zone: Zone): readonly Day[] {
  const timed = items.map((item) => {
    const { time } = describe(item.event)
    const { date, clock } = time === undefined ? { date: item.event.eventTime, clock: '' } : splitTime(time, zone)
    return { item, time, date, clock: clock.slice(0, 8) }
  })
  return [...Map.groupBy(timed, ({ date }) => date)].map(([day, events]) => ({
    day,
    at: events[0]?.time,
    events: events.map(({ item, clock }) => ({ item, clock })),
  }))
}
