/** What happens between the service's store and the log is named by an event of the log: each thing once, as what it is. */
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Client, covered, type FoundEvent, newDataFolder, type Product, startProduct } from '../src/index.ts'

const seed = Number(process.env['TESTKIT_SEED'] ?? Date.now() % 1_000_000)

/** Mulberry32: the same numbers for the same seed. */
function seeded(state: number): (below: number) => number {
  let at = state
  return (below) => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

let data: string
let product: Product
let client: Client

beforeEach(async () => {
  data = newDataFolder()
  await start()
})
afterEach(async () => {
  await product.stop()
  product.remove()
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  product = await startProduct({ data, env })
  client = await new Client(product).signIn()
}

/** The server stops, somebody does something to its files, and it is started again. */
async function whileStopped(act: () => void): Promise<void> {
  await product.stop()
  act()
  await start()
}

function withStore<Result>(act: (db: DatabaseSync) => Result): Result {
  const db = new DatabaseSync(join(data, 'server.db'))
  try {
    return act(db)
  } finally {
    db.close()
  }
}

async function live(keys: number): Promise<void> {
  for (let count = 0; count < keys; count++) await client.createKey(`key ${count}`)
  await covered(client, product.location)
}

/** Everything a tracker has told of completeness, oldest first. */
const tells = /^activity-tracker\.(numbers|epochs)\.|dated$/
async function told(): Promise<[action: string, request: Record<string, unknown>][]> {
  const own = (await client.events()).filter(({ event }: FoundEvent) => tells.test(event.action))
  return own.map(({ event }) => [event.action, event.requestData as Record<string, unknown>])
}

/** The same once something was told after `before` of them: a tracker looks once a second. */
async function toldAfter(before: number): Promise<Awaited<ReturnType<typeof told>>> {
  const deadline = performance.now() + 15_000
  for (;;) {
    const all = await told()
    if (all.length > before || performance.now() > deadline) return all.slice(before)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Resolves once the log has at least so many entries. Asking for a checkpoint records nothing. */
async function grownTo(size: number): Promise<void> {
  for (;;) {
    const { text } = await client.call('GET', `/v1/trackers/${product.location}/log/checkpoint`)
    if (Number(text.split('\n')[1]) >= size) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('a quiet service has heartbeats in its log, a busy one has none', async () => {
  await product.stop()
  await start({ KEYWITNESS_HEARTBEAT: '2' })
  const heartbeats = () => client.events('action=hs-crypto.producer.heartbeat')
  const busyUntil = performance.now() + 3_000
  while (performance.now() < busyUntil) await client.call('GET', '/api/v2/keys')
  expect(await heartbeats()).toEqual([])
  await grownTo((await client.events()).length + 4)
  const found = await heartbeats()
  expect(found.length).toBeGreaterThanOrEqual(2)
  expect(found[0]?.event.requestData).toMatchObject({ heartbeatSeconds: 2, quietSeconds: 2 })
  const [, opening] = await client.events('action=hs-crypto.producer.start')
  expect(opening?.event.requestData).toMatchObject({ heartbeatSeconds: 2 })
})

interface Row {
  readonly [column: string]: SQLInputValue
}

test(`rows removed, brought later, replayed, and a store set back are each told once (seed ${seed})`, async () => {
  const random = seeded(seed)
  await live(5)
  const copyOf = (name: string): string => join(data, `${name}.copy`)
  await whileStopped(() => {
    for (const name of ['trackers', 'checkpoints']) cpSync(join(data, name), copyOf(name), { recursive: true })
  })
  await live(8 + random(8))
  const held = (await client.events()).length
  expect(await told()).toEqual([])

  // The log is set back to its copy, as if its disk had been slow: the outbox brings it up to date, but for some rows.
  let removed: Row[] = []
  await whileStopped(() => {
    for (const name of ['trackers', 'checkpoints']) {
      rmSync(join(data, name), { recursive: true })
      cpSync(copyOf(name), join(data, name), { recursive: true })
    }
    removed = withStore((db) => {
      const later = db.prepare('SELECT * FROM outbox WHERE number > ? ORDER BY number').all(held - 12) as Row[]
      const first = random(later.length - 6)
      const gone = later.slice(first, first + 1 + random(3))
      for (const row of gone) db.prepare('DELETE FROM outbox WHERE number = ?').run(row['number'] ?? null)
      return gone
    })
  })
  const numbers = removed.map((row) => row['sequence'] as number)
  const range = { first: numbers[0], last: numbers.at(-1), count: numbers.length }
  expect(await toldAfter(0)).toMatchObject([['activity-tracker.numbers.missing', range]])

  // What was taken out comes back; and old rows are put in once more, which the log recognises.
  const insert =
    'INSERT INTO outbox (number, destination, epoch, sequence, recorded_at, entry) VALUES (?, ?, ?, ?, ?, ?)'
  const putIn = (rows: readonly Row[]): void =>
    withStore((db) => {
      let { newest } = db.prepare('SELECT max(number) AS newest FROM outbox').get() as { newest: number }
      for (const { destination, epoch, sequence, recorded_at: at, entry } of rows) {
        db.prepare(insert).run(++newest, destination!, epoch!, sequence!, at!, entry!)
      }
    })
  await whileStopped(() => putIn(removed))
  expect(await toldAfter(1)).toMatchObject([['activity-tracker.numbers.late', range]])
  const replayed = 2 + random(4)
  const rows = withStore((db) => db.prepare('SELECT * FROM outbox ORDER BY number LIMIT ?').all(replayed) as Row[])
  await whileStopped(() => putIn(rows.map((row) => ({ ...row, epoch: 99, sequence: 99_999 }))))
  await live(1)
  const metrics = await (await fetch(`${product.privateUrl}/metrics`)).text()
  expect(Number(/keywitness_log_repeats (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(replayed)
  expect(metrics).toContain(`keywitness_log_anomalies{kind="missing"} ${removed.length}`)
  expect(metrics).toContain('keywitness_log_anomalies{kind="reused"} 0')
  expect(await told()).toHaveLength(2)

  // The service's store is set back to an older copy: what it numbers now was numbered before.
  await whileStopped(() => copyFileSync(join(data, 'server.db'), copyOf('server.db')))
  await live(3 + random(5))
  await product.stop()
  for (const ending of ['-wal', '-shm']) rmSync(join(data, `server.db${ending}`), { force: true })
  copyFileSync(copyOf('server.db'), join(data, 'server.db'))
  await start()
  const setBack = await toldAfter(2)
  expect(setBack.map(([action]) => action).toSorted()).toEqual([
    'activity-tracker.epochs.contradicted',
    'activity-tracker.numbers.reused',
  ])

  // Once its numbers are past those of before, what is left to tell is told, and after that there is nothing.
  for (let count = 0; count < 60; count++) await client.call('GET', '/api/v2/keys')
  await whileStopped(() => undefined)
  await live(1)
  const before = await told()
  await whileStopped(() => undefined)
  await live(1)
  expect(await told()).toEqual(before)
  expect(before.slice(4).map(([action]) => action)).not.toContain('activity-tracker.epochs.contradicted')
})
