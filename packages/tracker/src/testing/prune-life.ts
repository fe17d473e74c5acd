/** The life of a log that is pruned twice, in steps, for tests that interrupt it anywhere. */
import type { Tracker } from '../api.ts'
import { buildSegment } from '../segment/build.ts'
import type { Disk } from '../store/disk.ts'
import type { LifeStep } from './life.ts'
import { deliveries } from './sample-entries.ts'
import { sampleVoice } from './sample-voice.ts'

/** Everything is older than this. */
export const longAfter = Date.UTC(2100, 0, 1)

/** Every step may be repeated after it failed. */
export function pruneSteps(folder: string, disk: Disk): LifeStep[] {
  return [
    { name: 'append 1 to 600', run: (tracker) => tracker.append(deliveries(1, 600)) },
    { name: 'publish', run: (tracker) => tracker.publish() },
    { name: 'seal', run: (tracker) => seal(tracker, folder, disk) },
    { name: 'prune', run: pruneAll },
    { name: 'append 601 to 900', run: (tracker) => tracker.append(deliveries(601, 900)) },
    { name: 'publish again', run: (tracker) => tracker.publish() },
    { name: 'seal again', run: (tracker) => seal(tracker, folder, disk) },
    { name: 'prune again', run: pruneAll },
    { name: 'publish at last', run: (tracker) => tracker.publish() },
  ]
}

/** Delivers everything once more, as an outbox does after a crash, and takes the log to the end of its life. */
export function finishPruning(tracker: Tracker, folder: string, disk: Disk): void {
  tracker.append(deliveries(1, 900))
  tracker.publish()
  seal(tracker, folder, disk)
  pruneAll(tracker)
  tracker.publish()
}

/** What the minimum index is after all steps, and the first entry that is there then: segments of a hundred. */
export const prunedIndex = 768
export const prunedFirst = 700

export function pruneAll(tracker: Tracker): void {
  const index = tracker.prunable(longAfter)
  if (index !== undefined) tracker.prune({ index, before: longAfter, keepDays: 30 }, sampleVoice)
}

function seal(tracker: Tracker, folder: string, disk: Disk): void {
  for (let range = tracker.sealable(); range !== undefined; range = tracker.sealable()) {
    tracker.adopt(buildSegment({ folder }, range, disk))
  }
}
