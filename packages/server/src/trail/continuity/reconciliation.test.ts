/** The log held against the counts: each period once, whatever fails meanwhile. */
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import type { Change } from '../../store/store.ts'
import { openTrailHouse, type TrailHouse } from '../../testing/trail-house.ts'
import type { PeriodDifference } from './continuity-report.ts'
import { countReconciled, Reconciliation } from './reconciliation.ts'

const rows = 300
const name = 'hs-crypto.secrets.list success'
const hourMs = 3_600_000
let house: TrailHouse
let reconciliation: Reconciliation
const told: PeriodDifference[] = []
let now = 0
let failures = 0

async function open(): Promise<void> {
  house = await openTrailHouse({ accounts: 2, rows })
  await house.whole()
  now = 0
  failures = 0
  told.length = 0
  reconcile()
}

function reconcile(): void {
  const { store, trail } = house
  const commit = (changes: readonly Change[]): void => {
    store.exec('BEGIN')
    for (const { sql, params, rows: wanted } of changes) expect(store.run(sql, params)).toBe(wanted)
    store.exec('COMMIT')
  }
  reconciliation = new Reconciliation({
    store,
    trail,
    clock: { now: () => now, monotonic: () => 0 },
    log: pino({ level: 'silent' }),
    differ: async (_place, difference, changes) => {
      if (failures-- > 0) throw new Error('not this time')
      commit(changes)
      told.push(difference)
    },
    carry: async (changes) => {
      if (failures-- > 0) throw new Error('not this time')
      commit(changes)
    },
  })
}

afterEach(async () => {
  await reconciliation.stop()
  await house.remove()
})

function period(first: number, last: number, counts: Record<string, number>, destination = 1): void {
  const insert = 'INSERT INTO recorded_periods (destination, first, last, began_at, counts) VALUES (?, ?, ?, 0, ?)'
  house.store.run(insert, [destination, first, last, JSON.stringify(counts)])
}

const compared = (): unknown =>
  house.store
    .all('SELECT first, compared FROM recorded_periods WHERE destination = 1 ORDER BY first')
    .map((row) => ({ ...(row as object) }))

test('periods that agree are settled without an event, and the log is not read twice', async () => {
  await open()
  period(1, 100, { [name]: 100 })
  period(101, 200, { [name]: 100 })
  period(1, 300, { [name]: 300 }, 2)
  await reconciliation.look()
  expect(told).toEqual([])
  expect(countReconciled(house.store)).toEqual({ agreeing: 3, differing: 0, open: 0 })
  expect(house.store.get<{ entry: number }>('SELECT entry FROM reconciled WHERE destination = 1')?.entry).toBe(200)
})

test('each difference is told once, with both counts, over failures and new starts', async () => {
  await open()
  period(1, 100, { [name]: 101 })
  period(101, 200, { [name]: 99, 'hs-crypto.secrets.wrap failure': 1 })
  period(201, 290, { [name]: 90 })
  failures = 1
  await reconciliation.look()
  expect(told).toEqual([])
  await reconciliation.look()
  await reconciliation.look()
  await reconciliation.stop()
  reconcile()
  await reconciliation.look()
  expect(told).toMatchObject([
    { first: 1, last: 100, recorded: 101, logged: 100, actions: ['hs-crypto.secrets.list/success:101:100'] },
    {
      first: 101,
      last: 200,
      recorded: 100,
      logged: 100,
      actions: ['hs-crypto.secrets.list/success:99:100', 'hs-crypto.secrets.wrap/failure:1:0'],
    },
  ])
  expect(compared()).toEqual([
    { first: 1, compared: 0 },
    { first: 101, compared: 0 },
    { first: 201, compared: 1 },
  ])
})

test('events that did not arrive are waited for, until nothing waits and their hour is long over', async () => {
  await open()
  period(1, 305, { [name]: 305 })
  await reconciliation.look()
  expect(compared()).toEqual([{ first: 1, compared: null }])
  now = hourMs + 600_000
  house.store.run('UPDATE producers SET delivered = ?', [house.acknowledged.get(1) ?? 0])
  house.store.run(
    'INSERT INTO outbox (number, destination, epoch, sequence, recorded_at, entry) VALUES (10000, 1, 1, 301, 0, ?)',
    [Buffer.from('{}')],
  )
  await reconciliation.look()
  expect(compared()).toEqual([{ first: 1, compared: null }])
  house.store.run('DELETE FROM outbox WHERE number = ?', [10_000])
  await reconciliation.look()
  expect(told).toMatchObject([{ recorded: 305, logged: 300 }])
})
