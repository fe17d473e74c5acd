/** What is counted is what was recorded: over calls that fail, hours, starts, and commits that nobody knows of. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionName, parseEntry, uuidv7, writeEvent, type WrittenEvent } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { Committer, type CommitterParts } from './committer.ts'
import { ConditionFailed } from './group-writer.ts'
import { Producers } from './producers.ts'

const account = 'a'.repeat(32)
const place = { account, location: 'us-south' }
const elsewhere = { account, location: 'eu-de' }
const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:00000000-0000-4000-8000-000000000001::`
const hourMs = 3_600_000
let folder: string
let store: Store
let now = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-counting-'))
  store = openStore(folder)
  now = 500_000 * hourMs
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

let made = 0
function event(action: ActionName, code = 200): WrittenEvent {
  made += 1
  return writeEvent(
    {
      action,
      outcome: code < 400 ? 'success' : 'failure',
      reason: { code },
      initiator: {
        id: 'iam-ServiceId-1',
        name: 'tester',
        typeURI: 'service/security/account/serviceid',
        credential: { type: 'token' },
      },
      target: { id: crn, name: 'billing' },
      logSourceCRN: crn,
    },
    { id: uuidv7(made, new Uint8Array(10).fill(made % 256)), time: now, serviceName: 'Keywitness' },
  )
}
const wrap = (code = 200): WrittenEvent => event('hs-crypto.secrets.wrap', code)

class Ended extends Error {}

function committer(parts: Partial<CommitterParts> = {}): Committer {
  return new Committer({
    store,
    producers: new Producers(store),
    clock: { now: () => now, monotonic: () => 0 },
    openingEvent: () => event('hs-crypto.producer.start'),
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw new Ended('the process ends here', { cause: error })
    },
    ...parts,
  })
}

type Counts = Record<string, number>

function periods(): { destination: number; first: number; last: number; counts: Counts }[] {
  const closed = store
    .all<{ destination: number; first: number; last: number; counts: string }>(
      'SELECT destination, first, last, counts FROM recorded_periods ORDER BY destination, first',
    )
    .map((row) => ({ ...row, counts: JSON.parse(row.counts) as Counts }))
  const open = store
    .all<{ destination: number; sequence: number; counting: string }>(
      "SELECT destination, sequence, counting FROM producers WHERE counting <> '' ORDER BY destination",
    )
    .map(({ destination, sequence, counting }) => {
      const { first, counts } = JSON.parse(counting) as { first: number; counts: Counts }
      return { destination, first, last: sequence, counts }
    })
  return [...closed, ...open]
}

/** Each period holds exactly what the outbox has under its numbers, and none is left between them. */
function expectCounted(): void {
  const rows = store.all<{ destination: number; sequence: number; entry: Uint8Array }>('SELECT * FROM outbox')
  let covered = 0
  for (const { destination, first, last, counts } of periods()) {
    const recorded: Counts = {}
    for (const row of rows.filter((one) => one.destination === destination)) {
      if (row.sequence < first || row.sequence > last) continue
      const { action, outcome } = parseEntry(row.entry).event
      recorded[`${action} ${outcome}`] = (recorded[`${action} ${outcome}`] ?? 0) + 1
      covered += 1
    }
    expect(counts).toEqual(recorded)
  }
  expect(covered).toBe(rows.length)
}

test('events are counted by action and outcome, each destination for itself', async () => {
  const one = committer()
  await Promise.all([one.submit(place, wrap()), one.submit(place, wrap(403)), one.submit(elsewhere, wrap())])
  await one.submit(place, wrap(), { further: [event('hs-crypto.secrets.read'), wrap()] })
  expect(periods().map(({ counts }) => counts)).toEqual([
    {
      'hs-crypto.producer.start success': 1,
      'hs-crypto.secrets.read success': 1,
      'hs-crypto.secrets.wrap failure': 1,
      'hs-crypto.secrets.wrap success': 3,
    },
    { 'hs-crypto.producer.start success': 1, 'hs-crypto.secrets.wrap success': 1 },
  ])
  expectCounted()
})

test('a call that was rolled back, alone or with its group, is not counted', async () => {
  const one = committer()
  const change = { sql: 'UPDATE facts SET value = 1 WHERE name = ?', params: ['none'], rows: 1 }
  await expect(one.submit(place, wrap(), { changes: [change], further: [wrap()] })).rejects.toThrow(ConditionFailed)
  await one.submit(place, wrap())
  const broken = { sql: 'UPDATE nowhere SET value = 1', params: [], rows: 1 }
  await Promise.allSettled([one.submit(place, wrap()), one.submit(place, wrap(), { changes: [broken] })])
  await one.submit(place, wrap())
  expectCounted()
})

test('an hour that is over is a period of its own, also when the clock is set back, and starts go on counting', async () => {
  const one = committer()
  await one.submit(place, wrap())
  now += hourMs
  await one.submit(place, wrap())
  one.acknowledge(1, 2, 2, 100)
  one.stop()
  const two = committer()
  two.openEpochs()
  now -= 2 * hourMs
  await two.submit(place, wrap(409))
  expect(periods().map(({ first, last }) => [first, last])).toEqual([
    [1, 2],
    [3, 4],
    [5, 5],
  ])
  expectCounted()
})

test.each(['written', 'not written'])(
  'a COMMIT that reports an error and was %s leaves counts as it leaves events',
  async (was) => {
    await committer().submit(place, wrap())
    const lying = committer({
      commit: (open) => {
        open.exec(was === 'written' ? 'COMMIT' : 'ROLLBACK')
        throw new Error('reported')
      },
    })
    expect(() => lying.openEpochs()).toThrow(Ended)
    expectCounted()
    await committer().submit(place, wrap())
    expectCounted()
  },
)
