/** Fault tables: each write of a short life fails in both ways a write can fail, and nothing is lost or doubled. */
import { expect, test } from 'vitest'
import type { Tracker } from './api.ts'
import type { FsckReport } from './check-api.ts'
import { TrackerError } from './errors.ts'
import { realDisk } from './store/disk.ts'
import { type Fault, FaultDisk } from './testing/fault-disk.ts'
import { finishLife, lifeSegmentEvents, lifeSize, lifeSteps } from './testing/life.ts'
import { deliveries, producerA, producerB } from './testing/sample-entries.ts'
import { shareOf, shareWords } from './testing/share.ts'
import { type TestLog, testLog } from './testing/test-log.ts'

const options = { segmentEvents: lifeSegmentEvents }

/** Every write of the life, by name, in order. */
function writesOfLife(): string[] {
  const log = testLog()
  const disk = new FaultDisk(realDisk)
  const tracker = log.open(options, disk)
  for (const step of lifeSteps(log.folder, disk)) step.run(tracker)
  log.closeAll()
  return disk.writes
}

/** Calls once more when the fault comes; it comes once. Any other error than ours goes on. */
function insist<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    return call()
  }
}

/** One life with one fault, in which the caller repeats what failed on the same tracker. */
function lifeWithFault(log: TestLog, disk: FaultDisk): Tracker {
  const tracker = insist(() => log.open(options, disk))
  for (const step of lifeSteps(log.folder, disk)) insist(() => step.run(tracker))
  return tracker
}

/** One life that ends at its fault; then there is a new start. */
function lifeCutShort(log: TestLog, disk: FaultDisk): Tracker {
  try {
    const tracker = log.open(options, disk)
    for (const step of lifeSteps(log.folder, disk)) step.run(tracker)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
  }
  log.closeAll()
  return log.open(options)
}

interface Outcome {
  readonly extent: readonly number[]
  readonly anomalies: number
  readonly isEachThereOnce: boolean
  readonly last: unknown
  readonly report: Pick<FsckReport, 'good' | 'findings' | 'notes'>
}

/** How a log is after everything was delivered once more. */
async function outcomeOf(log: TestLog, tracker: Tracker): Promise<Outcome> {
  finishLife(tracker, log.folder, realDisk)
  const found = log
    .reader()
    .range(0, lifeSize, 1_000)
    .map(({ bytes }) => Buffer.from(bytes).toString())
  const sent = [...deliveries(1, 270), ...deliveries(1, 20, { producer: producerB })]
  const { good, findings, notes } = await log.check()
  return {
    extent: [tracker.size, tracker.covered, tracker.sealed],
    anomalies: tracker.anomalies(0, 10).length,
    isEachThereOnce:
      found.toSorted().join() ===
      sent
        .map(({ bytes }) => Buffer.from(bytes).toString())
        .toSorted()
        .join(),
    last: tracker.lastOf(producerA),
    report: { good, findings, notes },
  }
}

const whole: Outcome = {
  extent: [lifeSize, lifeSize, 200],
  anomalies: 0,
  isEachThereOnce: true,
  last: { epoch: 1, sequence: 270 },
  report: { good: true, findings: [], notes: [] },
}

test('the life writes what the tables of faults are about', () => {
  const kinds = writesOfLife().map((name) => name.replaceAll(/\d+/g, '#'))
  expect(kinds).toEqual(
    expect.arrayContaining([
      'make segments',
      'replace checkpoint.key',
      'replace checkpoint.pub',
      'head.db: INSERT INTO entries (first, count, leave',
      'head.db: COMMIT',
      'replace signed-head',
      'index.db: COMMIT',
      'name #-#.db',
    ]),
  )
})

/** Of a share, each write comes in one of them. */
const ways: readonly [Fault, string, (log: TestLog, disk: FaultDisk) => Tracker, number][] = [
  ['lost', 'is repeated on the same tracker', lifeWithFault, 0],
  ['kept', 'is repeated on the same tracker', lifeWithFault, 1],
  ['lost', 'is followed by a new start', lifeCutShort, 2],
  ['kept', 'is followed by a new start', lifeCutShort, 3],
]

test.each(ways)(
  `each write that fails and is %s, and %s, loses and doubles nothing (${shareWords})`,
  { timeout: 120_000 },
  async (fault, _what, live, nth) => {
    for (const [place, name] of shareOf([...writesOfLife().entries()], ways.length, nth)) {
      const log = testLog()
      const disk = new FaultDisk(realDisk, { at: place + 1, fault })
      const tracker = live(log, disk)
      expect(disk.hasFailed, name).toBe(true)
      expect(await outcomeOf(log, tracker), `write ${place + 1}, ${name}`).toEqual(whole)
      log.closeAll()
    }
  },
)

test('a batch whose commit was reported failed, but kept, is there at once and recognised when it comes again', () => {
  const log = testLog()
  const commits = new FaultDisk(realDisk)
  log.open({}, commits).append(deliveries(1, 5))
  log.closeAll()
  const again = testLog()
  const at = commits.writes.findLastIndex((name) => name === 'head.db: COMMIT') + 1
  const tracker = again.open({}, new FaultDisk(realDisk, { at, fault: 'kept' }))
  expect(() => tracker.append(deliveries(1, 5))).toThrow(TrackerError)
  expect(tracker.size).toBe(5)
  expect(tracker.append(deliveries(1, 5))).toEqual({ first: 5, appended: 0, duplicates: 5 })
})
