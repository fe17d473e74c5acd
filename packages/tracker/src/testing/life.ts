/** A short life of a log in steps, for tests that interrupt it anywhere. */
import type { Tracker } from '../api.ts'
import { buildSegment } from '../segment/build.ts'
import type { Disk } from '../store/disk.ts'
import { deliveries, producerB } from './sample-entries.ts'

export interface LifeStep {
  readonly name: string
  run(tracker: Tracker): unknown
}

/** Entries per segment in this life. */
export const lifeSegmentEvents = 100

/** Entries in the log after all steps. */
export const lifeSize = 290

/** Every step may be repeated after it failed. Tiles fill, repeats come, a segment is sealed, two producers deliver. */
export function lifeSteps(folder: string, disk: Disk): LifeStep[] {
  return [
    { name: 'append 1 to 10', run: (tracker) => tracker.append(deliveries(1, 10)) },
    { name: 'publish', run: (tracker) => tracker.publish() },
    { name: 'append with repeats', run: (tracker) => tracker.append(deliveries(8, 110)) },
    {
      name: 'append of another producer',
      run: (tracker) => tracker.append(deliveries(1, 20, { producer: producerB })),
    },
    { name: 'follow', run: (tracker) => tracker.follow(400) },
    { name: 'publish again', run: (tracker) => tracker.publish() },
    { name: 'append over a tile', run: (tracker) => tracker.append(deliveries(111, 270)) },
    { name: 'seal', run: (tracker) => seal(tracker, folder, disk) },
    { name: 'follow after sealing', run: (tracker) => tracker.follow(40) },
    { name: 'keep', run: (tracker) => tracker.keep(10) },
    { name: 'publish at last', run: (tracker) => tracker.publish() },
  ]
}

function seal(tracker: Tracker, folder: string, disk: Disk): void {
  for (let range = tracker.sealable(); range !== undefined; range = tracker.sealable()) {
    tracker.adopt(buildSegment({ folder }, range, disk))
  }
}

/** Delivers everything once more, as an outbox does after a crash, and takes the log to the end of its life. */
export function finishLife(tracker: Tracker, folder: string, disk: Disk): void {
  tracker.append(deliveries(1, 110))
  tracker.append(deliveries(1, 20, { producer: producerB }))
  tracker.append(deliveries(111, 270))
  tracker.publish()
  seal(tracker, folder, disk)
  while (tracker.follow(100) > 0);
}
