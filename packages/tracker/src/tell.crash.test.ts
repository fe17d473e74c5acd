/** Kill -9 while something odd is told: each anomaly stands in exactly one event, whenever the process died. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realDisk } from './store/disk.ts'
import type { CrashOrder } from './testing/crash-child.ts'
import { FaultDisk, faults } from './testing/fault-disk.ts'
import { lifeSegmentEvents } from './testing/life.ts'
import { oddSteps } from './testing/odd-life.ts'
import { shareWords, withWays } from './testing/share.ts'
import { origin, type TestLog, testLog } from './testing/test-log.ts'

const child = join(import.meta.dirname, 'testing', 'crash-child.ts')
const options = { segmentEvents: lifeSegmentEvents }

/** What a log tells of itself; what was told together may differ. */
function told(log: TestLog): string[] {
  return log
    .reader()
    .range(0, 100, 100)
    .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).event)
    .flatMap(({ action, target }) => (action === 'odd' ? [String(target.name).replace(/ at .*/, '')] : []))
}

test(`killed at any of its writes, a log tells each anomaly once (${shareWords})`, { timeout: 120_000 }, async () => {
  const whole = testLog()
  const disk = new FaultDisk(realDisk)
  const first = whole.open(options, disk)
  const opened = disk.writes.length
  for (const step of oddSteps) step.run(first)
  const expected = told(whole)
  expect(expected).toHaveLength(5)
  const marked = disk.writes.flatMap((name, place) =>
    place >= opened && /COMMIT|own_producer|anomalies/.test(name) ? [place + 1] : [],
  )
  expect(marked.length).toBeGreaterThan(10)
  for (const [at, fault] of withWays(marked, faults)) {
    const log = testLog()
    const { folder, keyFolder } = log
    const order: CrashOrder = { folder, keyFolder, origin, at, fault, life: 'odd' }
    const died = spawnSync(process.execPath, [child, JSON.stringify(order)], { encoding: 'utf8' })
    expect(died.signal, `write ${at} ${fault}: ${died.stderr}`).toBe('SIGKILL')
    const tracker = log.open(options)
    for (const step of oddSteps) step.run(tracker)
    expect(told(log), `write ${at} ${fault}`).toEqual(expected)
    tracker.publish()
    expect(await log.check()).toMatchObject({ good: true, findings: [] })
    log.closeAll()
  }
})
