/** Fault and crash tables of a change of key: each write fails both ways or is the last, and the change comes to its end. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Tracker } from './api.ts'
import { signedBy } from './checkpoint-key.ts'
import { TrackerError } from './errors.ts'
import { realDisk } from './store/disk.ts'
import type { CrashOrder } from './testing/crash-child.ts'
import { type Fault, FaultDisk, faults } from './testing/fault-disk.ts'
import { fileOutbox } from './testing/file-outbox.ts'
import { finishRotation, memoryOutbox, type Outbox, rotatedSize, rotationSteps } from './testing/rotation-life.ts'
import { shareOf, shareWords, withWays } from './testing/share.ts'
import { origin, type TestLog, testLog } from './testing/test-log.ts'

function writesOfLife(): string[] {
  const log = testLog()
  const disk = new FaultDisk(realDisk)
  const tracker = log.open({}, disk)
  for (const step of rotationSteps(memoryOutbox())) step.run(tracker)
  log.closeAll()
  return disk.writes
}

function insist<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    return call()
  }
}

function lifeWithFault(log: TestLog, disk: FaultDisk, outbox: Outbox): Tracker {
  const tracker = insist(() => log.open({}, disk))
  for (const step of rotationSteps(outbox)) insist(() => step.run(tracker))
  return tracker
}

function lifeCutShort(log: TestLog, disk: FaultDisk, outbox: Outbox): Tracker {
  try {
    const tracker = log.open({}, disk)
    for (const step of rotationSteps(outbox)) step.run(tracker)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
  }
  log.closeAll()
  return log.open()
}

/** What must be so at the end, whatever happened on the way. */
async function expectRotated(log: TestLog, tracker: Tracker, outbox: Outbox, name: string): Promise<void> {
  finishRotation(tracker, outbox)
  const [old, now, ...more] = tracker.keys
  expect(more, name).toEqual([])
  expect([old?.until !== undefined, now?.until, tracker.key], name).toEqual([true, undefined, now?.vkey])
  expect(now?.announced === undefined ? undefined : now.announced + 1, name).toBe(now?.from.size)
  expect(
    readdirSync(log.keyFolder).filter((file) => /\.key|next/.test(file)),
    name,
  ).toHaveLength(1)
  const note = log.reader().checkpoint() ?? ''
  expect(signedBy(note, [old?.vkey ?? '', now?.vkey ?? '']), name).toEqual([now?.vkey])
  const report = await log.check({ searchEntries: 0 })
  expect(report, name).toMatchObject({ good: true, findings: [], size: rotatedSize, covered: rotatedSize })
}

test('the life writes what the tables of faults are about', () => {
  const kinds = writesOfLife().map((name) => name.replaceAll(/[0-9a-f]{8}/g, '#'))
  expect(kinds).toEqual(
    expect.arrayContaining([
      'replace checkpoint-#.key',
      'replace next-key',
      'replace keys.json',
      'remove next-key',
      'replace checkpoint.pub',
      'remove checkpoint.key',
    ]),
  )
  expect(kinds.filter((kind) => kind === 'replace keys.json')).toHaveLength(2)
})

/** Of a share, each write comes in one of them. */
const ways: readonly [Fault, string, typeof lifeWithFault, number][] = [
  ['lost', 'is repeated on the same tracker', lifeWithFault, 0],
  ['kept', 'is repeated on the same tracker', lifeWithFault, 1],
  ['lost', 'is followed by a new start', lifeCutShort, 2],
  ['kept', 'is followed by a new start', lifeCutShort, 3],
]

test.each(ways)(
  `each write that fails and is %s, and %s, ends in one new key (${shareWords})`,
  { timeout: 120_000 },
  async (fault, _what, live, nth) => {
    for (const [place, name] of shareOf([...writesOfLife().entries()], ways.length, nth)) {
      const log = testLog()
      const outbox = memoryOutbox()
      const disk = new FaultDisk(realDisk, { at: place + 1, fault })
      const tracker = live(log, disk, outbox)
      expect(disk.hasFailed, name).toBe(true)
      await expectRotated(log, tracker, outbox, `write ${place + 1}, ${name}, ${fault}`)
      log.closeAll()
    }
  },
)

const child = join(import.meta.dirname, 'testing', 'crash-child.ts')

test(`killed at a write of the change, it comes to the same end (${shareWords})`, { timeout: 120_000 }, async () => {
  const marked = writesOfLife()
    .map((name, place) => ({ name, at: place + 1 }))
    .filter(({ name, at }) => at > 4 && /replace|remove/.test(name))
  expect(marked.length).toBeGreaterThan(8)
  for (const [{ at, name }, fault] of withWays(marked, faults)) {
    const log = testLog()
    const order: CrashOrder = { folder: log.folder, keyFolder: log.keyFolder, origin, at, fault, life: 'rotation' }
    const died = spawnSync(process.execPath, [child, JSON.stringify(order)], { encoding: 'utf8' })
    expect(died.signal, `${name} ${fault}: ${died.stderr}`).toBe('SIGKILL')
    await expectRotated(log, log.open({ clock: { now: () => Date.now() } }), fileOutbox(log.folder), `${name} ${fault}`)
    log.closeAll()
  }
})
