/** Where in a log a time is: entries lie nearly in the order of their times. */
import type { TrackerReader } from '@keywitness/tracker'
import { AlertSubject } from '@keywitness/tracker/alerts'

/** How far entries may lie from where their time says, milliseconds. */
const disorderMs = 3_600_000

/** Lowest index from which on all entries since a time are found. Reads some twenty entries. */
export function indexSince(reader: TrackerReader, time: number): number {
  const wanted = time - disorderMs
  let low = reader.first()
  let high = reader.size()
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [entry] = reader.range(middle, middle + 1, 1)
    // What was pruned in this moment is older than anything that is there.
    if (entry === undefined || new AlertSubject(middle, entry.bytes, 0).time < wanted) low = middle + 1
    else high = middle
  }
  return low
}
