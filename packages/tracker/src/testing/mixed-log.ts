/** A log whose entries are in every kind of place: sealed, indexed in the head, and not indexed yet. */
import type { TrackerReader } from '../api.ts'
import type { EventQuery } from '../search-api.ts'
import { searchFields } from '../search/fields.ts'
import { deliveries, sampleEvent } from './sample-entries.ts'
import { followAll, sealAll, type TestLog, testLog } from './test-log.ts'

/** Entries in the mixed log. */
export const size = 95

/** Three sealed segments, a part of the head that is indexed, and a rest that is not. */
export function mixedLog(): TestLog & { readonly read: TrackerReader } {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 20 })
  tracker.append(deliveries(1, 70))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(deliveries(71, 85))
  followAll(tracker)
  tracker.append(deliveries(86, size))
  const read = log.reader()
  return { ...log, read }
}

/** Indexes that a query finds on one page. */
export function indexesOf(reader: TrackerReader, query: Partial<EventQuery>): number[] {
  return reader.events({ limit: 1_000, ...query }).events.map(({ index }) => index)
}

/** What the events of the mixed log say, by index. */
export const all = Array.from({ length: size }, (_, index) => ({
  index,
  fields: searchFields({ ...sampleEvent(index + 1) }),
}))

/** Indexes a plain filter over the events finds, newest first. */
export function expected(matches: (fields: (typeof all)[number]['fields']) => boolean): number[] {
  return all
    .filter(({ fields }) => matches(fields))
    .map(({ index }) => index)
    .toReversed()
}
