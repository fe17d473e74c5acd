/** A trail for tests: real threads and a real store in a folder of its own, with an outbox filled straight away. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Destination } from '../audit.ts'
import { createSealer } from '../seal.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { remoteTrackers } from '../trail/forwarding/remote-trackers.ts'
import { type Growth, Trail, type TrailParts } from '../trail/trail.ts'

export interface TrailHouse {
  readonly store: Store
  readonly trail: Trail
  readonly places: readonly Destination[]
  /** What the trackers acknowledged: outbox numbers by destination. */
  readonly acknowledged: ReadonlyMap<number, number>
  /** Everything the operational log said. */
  readonly logged: readonly string[]
  /** Resolves once every tracker has all rows. */
  whole(): Promise<void>
  /** Stops the trail, unless that was done, and removes the folder. */
  remove(): Promise<void>
}

export interface TrailHouseOptions {
  /** Accounts, each with one tracker. */
  readonly accounts: number
  /** Rows in the outbox for each of them. */
  readonly rows: number
  readonly trail?: Partial<TrailParts>
}

/** The rows of these tests are on the disk from the beginning. */
const allDurable = new SharedArrayBuffer(8)
new BigInt64Array(allDurable).fill(2n ** 53n)

export async function openTrailHouse({ accounts, rows, trail: more }: TrailHouseOptions): Promise<TrailHouse> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'keywitness-trail-'))
  const store = openStore(dataFolder)
  const places = Array.from({ length: accounts }, (_, at) => ({
    account: at.toString(16).padStart(32, '0'),
    location: 'eu-de',
  }))
  store.exec('BEGIN')
  for (const [at, { account, location }] of places.entries()) {
    const id = `00000000-0000-4000-8000-${at.toString().padStart(12, '0')}`
    store.run("INSERT INTO trackers VALUES (?, ?, ?, ?, 0, 'test')", [account, location, id, `test/${location}/${id}`])
    store.run(insertProducer, [at + 1, account, location, id, rows])
    mkdirSync(join(dataFolder, 'trackers', account), { recursive: true })
  }
  store.run(fill, [rows, accounts])
  store.exec('COMMIT')
  const logged: string[] = []
  const acknowledged = new Map<number, number>()
  const trail = await Trail.start({
    dataFolder,
    serverFile: store.file,
    store,
    privateRanges: [],
    remotes: remoteTrackers(store, createSealer(Buffer.alloc(32))),
    committer: {
      acknowledge: (destination, number) => void acknowledged.set(destination, number),
      coveredUpTo: () => undefined,
      durable: allDurable,
    },
    serviceName: 'Keywitness',
    log: pino({ level: 'trace' }, { write: (line) => void logged.push(line) }),
    fatal: (error) => {
      throw error
    },
    ...more,
  })
  let isStopped = false
  return {
    store,
    places,
    acknowledged,
    logged,
    trail: Object.assign(trail, {
      stop: async () => {
        if (isStopped) return
        isStopped = true
        await Trail.prototype.stop.call(trail)
      },
    }),
    whole: async () => {
      const filled = (place: Destination): Promise<void> =>
        new Promise((resolve) => {
          const look = ({ size }: Growth): void => void (size === rows && resolve())
          trail.listen(place, look)
          look(trail.growth(place))
        })
      await Promise.all(places.map(filled))
    },
    remove: async () => {
      await trail.stop()
      store.close()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

const insertProducer = `INSERT INTO producers (destination, account, location, producer, epoch, sequence, delivered)
  VALUES (?, ?, ?, ?, 1, ?, 0)`

/** Entries of the form that producers print, without what no test here looks at. */
const fill = `
  WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < ?),
    destinations (d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM destinations WHERE d < ?)
  INSERT INTO outbox (destination, epoch, sequence, recorded_at, entry)
  SELECT d, 1, n, 1, CAST('{"event":{"action":"hs-crypto.secrets.list","eventTime":"2026-03-01T12:00:00.00+0000","id":"'
    || printf('01900000-0000-7000-8000-%04x%08x', d, n) || '","initiator":{"id":"somebody"},"outcome":"success"},"format":'
    || printf('"keywitness-entry/1","producer":"00000000-0000-4000-8000-%012d.1","sequence":%d}', d - 1, n) AS BLOB)
  FROM rows, destinations ORDER BY n, d`
