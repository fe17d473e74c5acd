/** The acceptance test of the whole path: whatever ends or holds the product, no answer without its event, and back. */
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { answeredCalls, crashRound, patienceMs } from '../src/crash-round.ts'
import {
  allKeyIds,
  broken,
  Client,
  covered,
  newDataFolder,
  startLoad,
  startProduct,
  verifiedLog,
} from '../src/index.ts'

const folders: string[] = []
const folder = (): string => {
  const made = newDataFolder()
  folders.push(made)
  return made
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

test('kill -9 at random moments under load: every answered call has its one event, every change its event', async () => {
  const data = folder()
  for (let round = 0; round < 3; round++) {
    const after = randomInt(40, 200)
    const report = await crashRound(data, { after, act: (product) => product.kill() })
    expect(report.wrong, `round ${round}, killed after ${after} calls`).toEqual([])
    expect(report.answered).toBeGreaterThanOrEqual(40)
    expect(report.ended.signal).toBe('SIGKILL')
  }
}, 240_000)

test.each(['commit:fail', 'commit:lie', 'sync:fail'])(
  'a COMMIT or a disk that reports an error (%s) ends the process; the restart knows what happened',
  async (fault) => {
    const report = await crashRound(folder(), { fault: `${fault}@60` })
    expect(report.ended.code).toBe(70)
    expect(report.wrong).toEqual([])
    expect(report.unanswered).toBeGreaterThan(0)
  },
  120_000,
)

test.each(['commit:stall', 'sync:stall'])(
  'a COMMIT or a disk that stalls (%s): within three seconds every client has an answer or a closed connection',
  async (fault) => {
    const report = await crashRound(folder(), { fault: `${fault}@60` })
    expect(report.ended.signal).toBe('SIGKILL')
    expect(report.slowestMs).toBeLessThan(patienceMs)
    expect(report.unanswered).toBeGreaterThan(0)
    expect(report.wrong).toEqual([])
  },
  120_000,
)

test('SIGSTOP of the crypto unit: calls are refused in time and witnessed; it goes on when the unit does', async () => {
  const data = folder()
  const product = await startProduct({ data })
  const load = startLoad(product, 8)
  await answeredCalls(load.ledger, 60)
  const stoppedAt = performance.now()
  process.kill(product.unitPid as number, 'SIGSTOP')
  const client = await new Client(product).signIn()
  await answeredCalls(load.ledger, load.ledger.length + 8)
  const during = load.ledger.filter((line) => line.startedMs > stoppedAt)
  expect(during.some((line) => line.status === 503)).toBe(true)
  expect(Math.max(...load.ledger.map((line) => line.tookMs))).toBeLessThan(patienceMs)
  process.kill(product.unitPid as number, 'SIGCONT')
  const resumedAt = performance.now()
  await client.createKey('after the pause')
  await answeredCalls(load.ledger, load.ledger.length + 20)
  // What is called next is chosen at random: twenty answers need not hold a creation.
  await expect.poll(() => load.ledger.some((line) => line.startedMs > resumedAt && line.status === 201)).toBe(true)
  await load.stop()
  await covered(client, product.location)
  expect(broken(await verifiedLog(client, product.location), load.ledger, await allKeyIds(client))).toEqual([])
  await product.stop()
}, 120_000)
