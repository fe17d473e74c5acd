/** Ceremonies told apart by the quiet between them: what people did in one sitting is read together. */
import type { TrailItem } from '../api/types.ts'
import { millisecondsOf } from '../shared/event-time.ts'

export interface Ceremony {
  readonly events: readonly TrailItem[]
  /** Index of its first event, which names it in an address. */
  readonly first: number
}

/** Between two ceremonies, at least. */
const quietMs = 6 * 3_600_000

/** @param events ascending by index */
export function ceremoniesOf(events: readonly TrailItem[]): readonly Ceremony[] {
  const ceremonies: TrailItem[][] = []
  let last = Number.NEGATIVE_INFINITY
  for (const one of events) {
    const time = millisecondsOf(one.event.eventTime) ?? last
    const current = ceremonies.at(-1)
    if (current === undefined || time - last > quietMs) ceremonies.push([one])
    else current.push(one)
    last = Math.max(last, time)
  }
  return ceremonies.map((list) => ({ events: list, first: list[0]?.index ?? 0 }))
}
