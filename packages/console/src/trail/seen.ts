/** Who acts in the rows that are loaded: names for ids, and completion. */
import type { TrailItem } from '../api/types.ts'
import type { SeenInitiator } from './completion.ts'

/** Rows looked through and people kept, so that a long list costs no more than a short one. */
const rowsMax = 2_000
const peopleMax = 200

export function whoIs(rows: readonly TrailItem[]): readonly SeenInitiator[] {
  const people = new Map<string, SeenInitiator>()
  for (const { event } of rows.slice(0, rowsMax)) {
    const { id, name } = event.initiator
    if (!people.has(id)) people.set(id, { id, name })
    if (people.size >= peopleMax) break
  }
  return [...people.values()]
}
