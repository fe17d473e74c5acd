/** Kill -9 of a real process, at marked writes and at any moment under load. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { realDisk } from './store/disk.ts'
import type { CrashOrder } from './testing/crash-child.ts'
import { FaultDisk, faults } from './testing/fault-disk.ts'
import { finishLife, lifeSegmentEvents, lifeSize, lifeSteps } from './testing/life.ts'
import { deliveries } from './testing/sample-entries.ts'
import { shareWords, withWays } from './testing/share.ts'
import { origin, type TestLog, testLog } from './testing/test-log.ts'

const child = join(import.meta.dirname, 'testing', 'crash-child.ts')
const options = { segmentEvents: lifeSegmentEvents }

function argumentOf(log: TestLog, at: number, fault: CrashOrder['fault']): string {
  const order: CrashOrder = { folder: log.folder, keyFolder: log.keyFolder, origin, at, fault }
  return JSON.stringify(order)
}

/** Sizes the child has acknowledged, the last one. */
function acknowledged(output: string): { size: number; covered: number } {
  const [size = 0, covered = 0] = (output.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { size, covered }
}

/** Writes at which the process dies: those that make something durable, and one in the middle of a transaction. */
function markedWrites(): { at: number; name: string }[] {
  const log = testLog()
  const disk = new FaultDisk(realDisk)
  const tracker = log.open(options, disk)
  for (const step of lifeSteps(log.folder, disk)) step.run(tracker)
  log.closeAll()
  const named = disk.writes.map((name, place) => ({ at: place + 1, name }))
  const ofKind = (pattern: RegExp): { at: number; name: string }[] => named.filter(({ name }) => pattern.test(name))
  const commits = ofKind(/^head\.db: COMMIT/)
  return [
    ...ofKind(/checkpoint\.key/),
    ...commits.slice(0, 1),
    ...commits.slice(3, 4),
    ...ofKind(/INSERT INTO entries/).slice(3, 4),
    ...ofKind(/signed-head/).slice(1, 2),
    ...ofKind(/^name /).slice(0, 1),
    ...ofKind(/^head\.db: DELETE FROM entries/).slice(0, 1),
    ...ofKind(/^index\.db: COMMIT/).slice(1, 2),
  ]
}

test(
  `killed at a marked write, a log comes back with all it had acknowledged, and goes on (${shareWords})`,
  { timeout: 120_000 },
  async () => {
    for (const [{ at, name }, fault] of withWays(markedWrites(), faults)) {
      const log = testLog()
      const died = spawnSync(process.execPath, [child, argumentOf(log, at, fault)], { encoding: 'utf8' })
      expect(died.signal, `${name} ${fault}: ${died.stderr}`).toBe('SIGKILL')
      const tracker = log.open(options)
      const promised = acknowledged(died.stdout)
      expect(tracker.size, name).toBeGreaterThanOrEqual(promised.size)
      expect(tracker.covered, name).toBeGreaterThanOrEqual(promised.covered)
      expect(await log.check(), name).toMatchObject({ good: true, findings: [] })
      finishLife(tracker, log.folder, realDisk)
      expect(await log.check(), name).toMatchObject({ good: true, size: lifeSize, covered: lifeSize, findings: [] })
      expect(tracker.anomalies(0, 10)).toEqual([])
      log.closeAll()
    }
  },
)

test('killed at any moment under load, a log has all it had acknowledged', { timeout: 60_000 }, async () => {
  const log = testLog()
  for (const lines of [3, 11, 30]) {
    const running = spawn(process.execPath, [child, argumentOf(log, 0, 'lost')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let last = ''
    let seen = 0
    for await (const line of createInterface({ input: running.stdout })) {
      last = line
      seen += 1
      if (seen === lines) running.kill('SIGKILL')
    }
    if (running.signalCode === null) await once(running, 'exit')
    const promised = acknowledged(last)
    const tracker = log.open(options)
    expect(tracker.size).toBeGreaterThanOrEqual(promised.size)
    expect(tracker.covered).toBeGreaterThanOrEqual(promised.covered)
    const entries = log.reader().range(0, tracker.size, 10_000)
    expect(entries.map(({ bytes }) => bytes)).toEqual(deliveries(1, tracker.size).map(({ bytes }) => bytes))
    expect(await log.check()).toMatchObject({ good: true, findings: [] })
    log.closeAll()
  }
})
