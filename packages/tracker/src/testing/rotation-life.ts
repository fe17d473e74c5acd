/** The life of a log that changes its key, in steps, for tests that interrupt it anywhere. */
import type { Delivery, Tracker } from '../api.ts'
import { announcement } from './announcement.ts'
import type { LifeStep } from './life.ts'
import { deliveries } from './sample-entries.ts'

/** Where the announcement is durable before it is delivered: the server's outbox. */
export interface Outbox {
  read(): Delivery | undefined
  write(announcement: Delivery): void
}

export function memoryOutbox(): Outbox {
  let kept: Delivery | undefined
  return { read: () => kept, write: (announced) => void (kept = announced) }
}

/** Every step may be repeated after it failed. */
export function rotationSteps(outbox: Outbox): LifeStep[] {
  return [
    { name: 'append 1 to 10', run: (tracker) => tracker.append(deliveries(1, 10)) },
    { name: 'publish', run: (tracker) => tracker.publish() },
    { name: 'prepare', run: (tracker) => prepare(tracker, outbox) },
    { name: 'append before the announcement', run: (tracker) => tracker.append(deliveries(11, 12)) },
    { name: 'publish by the old key', run: (tracker) => tracker.publish() },
    { name: 'announce', run: (tracker) => announce(tracker, outbox) },
    { name: 'publish by both', run: (tracker) => tracker.publish() },
    { name: 'append 13 to 20', run: (tracker) => tracker.append(deliveries(13, 20)) },
    { name: 'publish by the new key', run: (tracker) => tracker.publish() },
  ]
}

/** Entries after all steps: twenty, the announcement, and five at the end. */
export const rotatedSize = 26

/** Delivers everything once more and goes on until the change of the key is over. */
export function finishRotation(tracker: Tracker, outbox: Outbox): void {
  tracker.append(deliveries(1, 12))
  prepare(tracker, outbox)
  announce(tracker, outbox)
  tracker.publish()
  tracker.append(deliveries(13, 20))
  tracker.publish()
  tracker.append(deliveries(21, 25))
  tracker.publish()
}

function prepare(tracker: Tracker, outbox: Outbox): void {
  if (outbox.read() === undefined) outbox.write(announcement(tracker.prepareKey()))
}

function announce(tracker: Tracker, outbox: Outbox): void {
  const announced = outbox.read()
  if (announced !== undefined) tracker.append([announced])
}
