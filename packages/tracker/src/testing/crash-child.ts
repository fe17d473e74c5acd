/** A process that lives the short life of a log and is killed at one of its writes, or goes on until it is killed. */
import { writeSync } from 'node:fs'
import { realDisk } from '../store/disk.ts'
import { openTrackerOn } from '../tracker.ts'
import { type Fault, FaultDisk } from './fault-disk.ts'
import { fileOutbox } from './file-outbox.ts'
import { lifeSegmentEvents, lifeSteps } from './life.ts'
import { oddSteps } from './odd-life.ts'
import { pruneSteps } from './prune-life.ts'
import { rotationSteps } from './rotation-life.ts'
import { deliveries } from './sample-entries.ts'

/** The one argument, as JSON. */
export interface CrashOrder {
  readonly folder: string
  readonly keyFolder: string
  readonly origin: string
  /** Which write to die at, counted from 1; 0: none, append and publish without end. */
  readonly at: number
  readonly fault: Fault
  /** Which life; default `whole`. */
  readonly life?: 'whole' | 'rotation' | 'odd' | 'prune'
}

const order = JSON.parse(process.argv[2] ?? '') as CrashOrder
const disk = new FaultDisk(realDisk, {
  at: order.at,
  fault: order.fault,
  instead: () => process.kill(process.pid, 'SIGKILL'),
})
const tracker = openTrackerOn(disk, {
  folder: order.folder,
  keyFolder: order.keyFolder,
  origin: order.origin,
  clock: { now: () => Date.now() },
  create: true,
  segmentEvents: lifeSegmentEvents,
})
/** What the parent may count on from now on. */
const acknowledge = (): number => writeSync(1, `${tracker.size} ${tracker.covered}\n`)

if (order.at > 0) {
  const steps = {
    whole: () => lifeSteps(order.folder, disk),
    rotation: () => rotationSteps(fileOutbox(order.folder)),
    odd: () => oddSteps,
    prune: () => pruneSteps(order.folder, disk),
  }
  for (const step of steps[order.life ?? 'whole']()) {
    step.run(tracker)
    acknowledge()
  }
} else {
  for (let next = 1; ; next += 7) {
    tracker.append(deliveries(next, next + 6))
    if (next % 5 === 0) tracker.publish()
    tracker.follow(10)
    acknowledge()
  }
}
