/** Fault and crash tables of pruning: each write fails both ways or is the last, and the log comes to the same end. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Tracker } from './api.ts'
import { TrackerError } from './errors.ts'
import { realDisk } from './store/disk.ts'
import type { CrashOrder } from './testing/crash-child.ts'
import { type Fault, FaultDisk, faults } from './testing/fault-disk.ts'
import { finishPruning, prunedFirst, prunedIndex, pruneSteps } from './testing/prune-life.ts'
import { shareOf, shareWords, withWays } from './testing/share.ts'
import { origin, type TestLog, testLog } from './testing/test-log.ts'

const options = { segmentEvents: 100 }
/** The steps that prune, and what comes right before and behind them. */
const pruning = /minimum|remove|own_producer|attachments|kept_entries|COMMIT/

function writesOfLife(): { at: number; name: string }[] {
  const log = testLog()
  const disk = new FaultDisk(realDisk)
  const tracker = log.open(options, disk)
  let from = 0
  const found: { at: number; name: string }[] = []
  for (const step of pruneSteps(log.folder, disk)) {
    from = disk.writes.length
    step.run(tracker)
    if (!step.name.startsWith('prune')) continue
    found.push(...disk.writes.slice(from).map((name, place) => ({ at: from + place + 1, name })))
  }
  log.closeAll()
  return found
}

function insist<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    return call()
  }
}

function lifeWithFault(log: TestLog, disk: FaultDisk): Tracker {
  const tracker = insist(() => log.open(options, disk))
  for (const step of pruneSteps(log.folder, disk)) insist(() => step.run(tracker))
  return tracker
}

function lifeCutShort(log: TestLog, disk: FaultDisk): Tracker {
  try {
    const tracker = log.open(options, disk)
    for (const step of pruneSteps(log.folder, disk)) step.run(tracker)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
  }
  log.closeAll()
  return log.open(options)
}

/** What must be so at the end, whatever happened on the way. */
async function expectPruned(log: TestLog, tracker: Tracker, name: string): Promise<void> {
  expect(await log.check(), name).toMatchObject({ good: true, findings: [] })
  finishPruning(tracker, log.folder, realDisk)
  const reader = log.reader()
  expect([tracker.minimum, reader.minimum()?.index, reader.first()], name).toEqual([
    prunedIndex,
    prunedIndex,
    prunedFirst,
  ])
  expect(existsSync(join(log.folder, 'segments', '000000000600-000000000700.db')), name).toBe(false)
  expect(existsSync(join(log.folder, 'segments', '000000000700-000000000800.db')), name).toBe(true)
  const report = await log.check()
  expect(report, name).toMatchObject({ good: true, findings: [], covered: tracker.size })
  expect(
    report.notes.filter((note) => note.includes('crash')),
    name,
  ).toEqual([])
}

test('the life writes what the tables of faults are about', () => {
  const names = writesOfLife().map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining([
      'head.db: INSERT INTO minimum_index (minimum, note',
      'head.db: COMMIT',
      'replace minimum-index',
      'remove 000000000000-000000000100.db',
    ]),
  )
  expect(names.filter((name) => name === 'replace minimum-index')).toHaveLength(2)
})

/** Of a share, each write comes in one of them. */
const ways: readonly [Fault, string, typeof lifeWithFault, number][] = [
  ['lost', 'is repeated on the same tracker', lifeWithFault, 0],
  ['kept', 'is repeated on the same tracker', lifeWithFault, 1],
  ['lost', 'is followed by a new start', lifeCutShort, 2],
  ['kept', 'is followed by a new start', lifeCutShort, 3],
]

test.each(ways)(
  `each write of pruning that fails and is %s, and %s, ends in the same log (${shareWords})`,
  { timeout: 120_000 },
  async (fault, _what, live, nth) => {
    for (const { at, name } of shareOf(writesOfLife(), ways.length, nth)) {
      const log = testLog()
      const disk = new FaultDisk(realDisk, { at, fault })
      const tracker = live(log, disk)
      expect(disk.hasFailed, name).toBe(true)
      await expectPruned(log, tracker, `write ${at}, ${name}, ${fault}`)
      log.closeAll()
    }
  },
)

const child = join(import.meta.dirname, 'testing', 'crash-child.ts')

test(`killed at a write of pruning, the log comes to the same end (${shareWords})`, { timeout: 120_000 }, async () => {
  // One of each kind, of the second time: the first left something behind already.
  const kinds = new Map(writesOfLife().map((write) => [write.name.replaceAll(/\d+/g, '#'), write]))
  const marked = [...kinds.values()].filter(({ name }) => pruning.test(name))
  expect(marked.length).toBeGreaterThan(4)
  for (const [{ at, name }, fault] of withWays(marked, faults)) {
    const log = testLog()
    const order: CrashOrder = { folder: log.folder, keyFolder: log.keyFolder, origin, at, fault, life: 'prune' }
    const died = spawnSync(process.execPath, [child, JSON.stringify(order)], { encoding: 'utf8' })
    expect(died.signal, `${name} ${fault}: ${died.stderr}`).toBe('SIGKILL')
    await expectPruned(log, log.open({ ...options, clock: { now: () => Date.now() } }), `${name} ${fault}`)
    log.closeAll()
  }
})
