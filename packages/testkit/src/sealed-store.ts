/** Seals what a stopped product's tracker holds into small segments, as a hundred thousand events would be in time. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buildSegment, openReader, openTracker } from '@keywitness/tracker'

/** @param segmentEvents events of each segment; what does not fill one stays in the head */
export function sealStore(data: string, location: string, segmentEvents: number, now: () => number): void {
  const [account] = readdirSync(join(data, 'trackers'))
  const folder = join(data, 'trackers', account ?? '', location)
  const keyFolder = join(data, 'checkpoints', account ?? '', location)
  const reader = openReader({ folder, keyFolder })
  const { origin } = reader
  reader.close()
  const tracker = openTracker({ folder, keyFolder, origin, clock: { now }, segmentEvents })
  try {
    tracker.publish()
    for (let range = tracker.sealable(); range !== undefined; range = tracker.sealable()) {
      tracker.adopt(buildSegment({ folder }, range))
    }
  } finally {
    tracker.close()
  }
}

/** As if a stopped product had been running, with a clock that is right, until then. */
export function believeClock(data: string, until: number): void {
  const store = new DatabaseSync(join(data, 'server.db'))
  store.prepare('UPDATE retentions SET trusted_until = ?').run(until)
  store.close()
}
