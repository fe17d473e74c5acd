/** What happens between the service's store and the log is named by an event of the log: each thing once, as what it is. */
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Client, covered, type FoundEvent, newDataFolder, type Product, startProduct } from '../src/index.ts'

/** Each starts the product several times. */
const slow = { timeout: 120_000 }
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

interface Start {
  readonly env?: Readonly<Record<string, string>>
  readonly fault?: string
}

async function start(options: Start = {}): Promise<void> {
  product = await startProduct({ data, ...options })
  client = await new Client(product).signIn()
}

/** The server stops, somebody does something to its files, and it is started again. */
async function whileStopped(act: () => void, options?: Start): Promise<void> {
  await product.stop()
  act()
  await start(options)
}

/** The tracker as a copy has it: what was delivered since is delivered once more, as far as the outbox has it. */
const trackerFolders = ['trackers', 'checkpoints']
const copyOf = (name: string): string => join(data, `${name}.copy`)

function copyTracker(): void {
  for (const name of trackerFolders) cpSync(join(data, name), copyOf(name), { recursive: true })
}

function restoreTracker(): void {
  for (const name of trackerFolders) {
    rmSync(join(data, name), { recursive: true })
    cpSync(copyOf(name), join(data, name), { recursive: true })
  }
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

test('a quiet service has heartbeats in its log, a busy one has none', slow, async () => {
  await product.stop()
  await start({ env: { KEYWITNESS_HEARTBEAT: '2' } })
  const heartbeats = () => client.events('action=hs-crypto.producer.heartbeat')
  const busy = async (): Promise<{ longestMs: number; beats: number }> => {
    const before = (await heartbeats()).length
    let longestMs = 0
    const until = performance.now() + 3_000
    for (let now = performance.now(); now < until; now = performance.now()) {
      await client.call('GET', '/api/v2/keys')
      longestMs = Math.max(longestMs, performance.now() - now)
    }
    return { longestMs, beats: (await heartbeats()).length - before }
  }
  // On a loaded machine a call may take so long that the service is quiet meanwhile.
  await expect.poll(busy, { timeout: 60_000 }).toSatisfy(({ longestMs, beats }) => longestMs < 1_000 && beats === 0)
  // Looking is use: between two looks there is time for two heartbeats.
  const looks = { timeout: 60_000, interval: 5_000 }
  await expect.poll(async () => (await heartbeats()).length, looks).toBeGreaterThanOrEqual(2)
  const found = await heartbeats()
  expect(found.length).toBeGreaterThanOrEqual(2)
  expect(found[0]?.event.requestData).toMatchObject({ heartbeatSeconds: 2, quietSeconds: 2 })
  const [, opening] = await client.events('action=hs-crypto.producer.start')
  expect(opening?.event.requestData).toMatchObject({ heartbeatSeconds: 2 })
})

interface Row {
  readonly [column: string]: SQLInputValue
}

test(
  `rows removed, brought later, replayed, and a store set back are each told once (seed ${seed})`,
  slow,
  async () => {
    const random = seeded(seed)
    await live(5)
    await whileStopped(copyTracker)
    await live(8 + random(8))
    const held = (await client.events()).length
    expect(await told()).toEqual([])

    // The log is set back to its copy, as if its disk had been slow: the outbox brings it up to date, but for some rows.
    let removed: Row[] = []
    await whileStopped(() => {
      restoreTracker()
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
  },
)

interface Report {
  readonly looked: { readonly from: number; readonly to: number; readonly isWhole: boolean }
  readonly producers: readonly { readonly kind: string; readonly missing: { readonly count: number } }[]
  readonly reconciliation: { readonly differing: { readonly places: readonly object[] } }
}

async function report(query = ''): Promise<Report> {
  const reply = await client.call<Report>('GET', `/v1/trackers/${product.location}/continuity${query}`)
  if (reply.status !== 200) throw new Error(`no report: ${reply.status} ${reply.text}`)
  return reply.json
}

test(
  'events that were counted and are not in the log make the counts differ, once, and stand in the report',
  slow,
  async () => {
    await live(2)
    await whileStopped(copyTracker)
    for (let count = 0; count < 5; count++) await client.createKey(`lost ${count}`)
    await covered(client, product.location)
    const remove = (db: DatabaseSync): unknown =>
      db.prepare("DELETE FROM outbox WHERE CAST(entry AS TEXT) LIKE '%secrets.create%lost _%' AND number % 2 = 0").run()
    let lost = 0
    // An hour later what was counted before is compared.
    await whileStopped(
      () => {
        restoreTracker()
        lost = withStore((db) => (remove(db) as { changes: number }).changes)
      },
      { fault: 'clock:ahead@7200' },
    )
    expect(lost).toBeGreaterThan(0)
    const differences = () => client.events('action=activity-tracker.counts.differ')
    const deadline = performance.now() + 15_000
    while ((await differences()).length === 0 && performance.now() < deadline);
    const [first, ...more] = await differences()
    expect(more).toEqual([])
    const { recorded, logged, actions } = first!.event.requestData as {
      recorded: number
      logged: number
      actions: string[]
    }
    expect(recorded - logged).toBe(lost)
    expect(actions).toEqual([expect.stringMatching(/^hs-crypto\.secrets\.create\/success:\d+:\d+$/)])
    const found = await report()
    expect(found.looked).toMatchObject({ from: 0, isWhole: true })
    expect(found.producers.map(({ kind, missing }) => [kind, missing.count])).toEqual([
      ['service', lost],
      ['tracker', 0],
    ])
    expect(found.reconciliation.differing.places).toMatchObject([{ recorded, logged, actions }])
    await whileStopped(() => undefined, { fault: 'clock:ahead@7200' })
    await live(1)
    expect(await differences()).toHaveLength(1)
  },
)

test('a whole log has a report without findings, with progress for whoever asks for lines', async () => {
  await live(5)
  await whileStopped(() => undefined)
  await live(1)
  const answer = await fetch(`${product.url}/v1/trackers/${product.location}/continuity`, {
    headers: { authorization: `Bearer ${client.token}`, accept: 'application/x-ndjson' },
  })
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines[0]).toHaveProperty('progress')
  const none = { count: 0, places: [] }
  const { size } = await client
    .call<{ trackers: { size: number }[] }>('GET', '/v1/trackers')
    .then(({ json }) => json.trackers[0] as { size: number })
  expect(lines.at(-1)).toMatchObject({
    report: {
      looked: { from: 0, isWhole: true },
      producers: [
        {
          kind: 'service',
          first: 1,
          missing: none,
          late: none,
          reused: none,
          missingEpochs: none,
          contradictions: none,
          lateDated: none,
          futureDated: none,
          epochs: { count: 2 },
          heartbeats: { everySeconds: 900, recorded: 0, missed: none, stops: none },
        },
      ],
      unreadable: 0,
      repeats: 0,
    },
  })
  const window = await report('?from=-1m&to=now')
  expect(window.looked.to).toBeGreaterThanOrEqual(size - 2)
  expect((await report('?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z')).looked).toMatchObject({ from: 0, to: 0 })
  expect((await client.call('GET', `/v1/trackers/${product.location}/continuity?from=x`)).status).toBe(400)
})
