/** The commit point under every fault: each write fails as not written and as written; recovery reads the file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseEntry, uuidv7, writeEvent, type WrittenEvent } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../store/open.ts'
import type { Change, Store } from '../store/store.ts'
import { Committer, type CommitterParts } from './committer.ts'
import { ConditionFailed, NotRecorded } from './group-writer.ts'
import { type Producer, Producers } from './producers.ts'

const account = 'a'.repeat(32)
const place = { account, location: 'us-south' }
const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:00000000-0000-4000-8000-000000000001::`
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-committer-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

let made = 0
function someEvent(): WrittenEvent {
  made += 1
  return writeEvent(
    {
      action: 'hs-crypto.secrets.wrap',
      outcome: 'success',
      reason: { code: 200 },
      initiator: {
        id: 'iam-ServiceId-1',
        name: 'tester',
        typeURI: 'service/security/account/serviceid',
        credential: { type: 'token' },
      },
      target: { id: crn, name: 'billing' },
      logSourceCRN: crn,
    },
    { id: uuidv7(made, new Uint8Array(10).fill(made)), time: made, serviceName: 'Keywitness' },
  )
}

function openingEvent(producer: Producer): WrittenEvent {
  return writeEvent(
    {
      action: 'hs-crypto.producer.start',
      outcome: 'success',
      reason: { code: 200 },
      initiator: {
        id: 'iam-ServiceId-1',
        name: 'Keywitness',
        typeURI: 'service/security/account/serviceid',
        credential: { type: 'token' },
      },
      target: { id: crn, name: producer.id },
      logSourceCRN: crn,
      request: { previousEpoch: producer.epoch, previousSequence: producer.sequence, epoch: producer.epoch + 1 },
    },
    { id: uuidv7(1, new Uint8Array(10)), time: 1, serviceName: 'Keywitness' },
  )
}

class Ended extends Error {}

function committer(parts: Partial<CommitterParts> = {}): Committer {
  return new Committer({
    store,
    producers: new Producers(store),
    clock: { now: () => 1_000, monotonic: () => 0 },
    openingEvent,
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw new Ended('the process ends here', { cause: error })
    },
    ...parts,
  })
}

const addFact = (name: string): Change => ({
  sql: 'INSERT INTO facts (name, value) VALUES (?, ?)',
  params: [name, 'x'],
  rows: 1,
})
const neverHolds: Change = { sql: 'UPDATE facts SET value = ? WHERE name = ?', params: ['y', 'nobody'], rows: 1 }

interface Row {
  number: number
  sequence: number
  epoch: number
  entry: Uint8Array
}
const outbox = (): Row[] => store.all<Row>('SELECT number, sequence, epoch, entry FROM outbox ORDER BY number')
const facts = (): string[] => store.all<{ name: string }>('SELECT name FROM facts ORDER BY name').map((row) => row.name)

/** What must hold whatever happened: numbers without gaps, entries that say what their row says. */
function expectWhole(): void {
  const rows = outbox()
  expect(rows.map((row) => row.sequence)).toEqual(rows.map((_, at) => at + 1))
  expect(rows.map((row) => row.number)).toEqual(rows.map((_, at) => at + 1))
  for (const row of rows) {
    const entry = parseEntry(row.entry)
    expect(entry.sequence).toBe(row.sequence)
    expect(entry.producer.epoch).toBe(row.epoch)
  }
}

test('calls of one turn share a commit, in order, after the event that opens the epoch', async () => {
  let commits = 0
  const one = committer({
    commit: (open) => {
      commits += 1
      open.exec('COMMIT')
    },
  })
  const events = [someEvent(), someEvent(), someEvent()]
  await Promise.all(events.map((event) => one.submit(place, event, {})))
  expect(commits).toBe(1)
  const entries = outbox().map((row) => parseEntry(row.entry).event)
  expect(entries.map((event) => event.action)[0]).toBe('hs-crypto.producer.start')
  expect(entries.slice(1).map((event) => event.id)).toEqual(events.map((event) => event.id))
  expectWhole()
})

test('a change without its event, or an event without its change, never stays', async () => {
  const one = committer()
  const answers = await Promise.allSettled([
    one.submit(place, someEvent(), { changes: [addFact('first')] }),
    one.submit(place, someEvent(), { changes: [addFact('lost'), neverHolds] }),
    one.submit(place, someEvent(), { changes: [addFact('first')] }),
    one.submit(place, someEvent(), { changes: [addFact('second')] }),
  ])
  expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  for (const answer of answers.slice(1, 3)) {
    expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(ConditionFailed)
  }
  expect(facts()).toEqual(['first', 'second'])
  expect(outbox()).toHaveLength(3)
  expectWhole()
})

test('further events of a call are numbered just before its own, with it or not at all', async () => {
  const one = committer()
  const [first, second, own, other, lost, failed] = Array.from({ length: 6 }, someEvent) as [
    WrittenEvent,
    WrittenEvent,
    WrittenEvent,
    WrittenEvent,
    WrittenEvent,
    WrittenEvent,
  ]
  const answers = await Promise.allSettled([
    one.submit(place, own, { changes: [addFact('first')], further: [first, second] }),
    one.submit(place, failed, { changes: [neverHolds], further: [lost] }),
    one.submit(place, other),
  ])
  expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const ids = outbox().map((row) => parseEntry(row.entry).event.id)
  expect(ids.slice(1)).toEqual([first.id, second.id, own.id, other.id])
  expect(one.backlog.events).toBe(5)
  expectWhole()
})

test('a call decided on a state that has ended since decides again, and takes no number', async () => {
  const one = committer()
  const isThere = { sql: 'SELECT 1 FROM facts WHERE name = ?', params: ['state'] }
  await expect(one.submit(place, someEvent(), { conditions: [isThere] })).rejects.toBeInstanceOf(ConditionFailed)
  await Promise.all([
    one.submit(place, someEvent(), { changes: [addFact('state')] }),
    one.submit(place, someEvent(), { conditions: [isThere] }),
  ])
  expect(outbox()).toHaveLength(3)
  expectWhole()
})

test('a COMMIT that fails and was not written ends the process; the next start knows nothing of the group', async () => {
  const one = committer({
    commit: (open) => {
      open.exec('ROLLBACK')
      throw new Error('the disk is gone')
    },
  })
  expect(endingCommit(one, addFact('lost'))).toThrow(Ended)
  const next = committer()
  await next.submit(place, someEvent(), { changes: [addFact('kept')] })
  expect(facts()).toEqual(['kept'])
  expectWhole()
})

test('a COMMIT that reports an error though it was written ends the process; the next start goes on after it', async () => {
  const one = committer({
    commit: (open) => {
      open.exec('COMMIT')
      throw new Error('written, but reported as failed')
    },
  })
  expect(endingCommit(one, addFact('written'))).toThrow(Ended)
  const next = committer()
  await next.submit(place, someEvent(), { changes: [addFact('later')] })
  expect(facts()).toEqual(['later', 'written'])
  const epochs = outbox().map((row) => row.epoch)
  expect(epochs).toEqual([1, 1, 2, 2])
  const opening = parseEntry((outbox()[2] as Row).entry).event
  expect(opening.requestData).toMatchObject({ previousEpoch: 1, previousSequence: 2, epoch: 2 })
  expectWhole()
})

/** `fatal` never returns: here it throws out of the commit, as the process would end. */
function endingCommit(one: Committer, change: Change): () => void {
  one.submit(place, someEvent(), { changes: [change] }).catch(() => undefined)
  return () => one.stop()
}

test('a call that waited longer than two seconds is refused and nothing of it happens', async () => {
  let now = 0
  const one = committer({ clock: { now: () => 1_000, monotonic: () => now } })
  const late = one.submit(place, someEvent(), { changes: [addFact('late')] })
  now = 2_001
  await expect(late).rejects.toMatchObject({ code: 'LATE' })
  expect(facts()).toEqual([])
  expect(outbox()).toEqual([])
})

test('with no room on the disk calls are refused, but the notice that says so is recorded', async () => {
  const one = committer({ hasRoom: () => false })
  await expect(one.submit(place, someEvent(), {})).rejects.toMatchObject({ code: 'DISK_FULL' })
  await one.submit(place, someEvent(), {}, true)
  expect(outbox()).toHaveLength(2)
})

test('a statement that fails refuses its whole group and leaves the state of before', async () => {
  const one = committer()
  const broken: Change = { sql: 'INSERT INTO missing_table VALUES (?)', params: [1], rows: 1 }
  const answers = await Promise.allSettled([
    one.submit(place, someEvent(), { changes: [addFact('first')] }),
    one.submit(place, someEvent(), { changes: [broken] }),
  ])
  for (const answer of answers) {
    expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(NotRecorded)
  }
  expect(facts()).toEqual([])
  await one.submit(place, someEvent(), { changes: [addFact('next')] })
  expectWhole()
})

test('what is too long for an event is committed with it or not at all, and counts for the backlog', async () => {
  const one = committer()
  const attached = (event: WrittenEvent, sha256: string) => ({
    eventId: event.id,
    sha256,
    content: new Uint8Array(1_000_000),
  })
  const [own, further, refused] = [someEvent(), someEvent(), someEvent()]
  await one.submit(place, own, {
    further: [further],
    attachments: [attached(own, 'a'), attached(own, 'a'), attached(own, 'b'), attached(further, 'c')],
  })
  const changes = { changes: [neverHolds], attachments: [attached(refused, 'd')] }
  await expect(one.submit(place, refused, changes)).rejects.toBeInstanceOf(ConditionFailed)
  expect(store.all('SELECT number, sha256 FROM outbox_attachments ORDER BY number, sha256')).toEqual([
    { number: 2, sha256: 'c' },
    { number: 3, sha256: 'a' },
    { number: 3, sha256: 'b' },
  ])
  const { bytes } = one.backlog
  expect(bytes).toBeGreaterThan(3_000_000)
  expect(new Committer({ ...partsOf(), producers: new Producers(store) }).backlog.bytes).toBe(bytes)
})

test('delivered and covered rows leave the outbox, undelivered ones stay', async () => {
  const one = committer()
  for (let count = 0; count < 5; count++) await one.submit(place, someEvent(), {})
  expect(one.backlog.events).toBe(6)
  one.acknowledge(1, 4, 4, 4_000)
  expect(one.backlog.events).toBe(2)
  one.stop()
  expect(store.get('SELECT delivered FROM producers')).toEqual({ delivered: 4 })
  expect(new Committer({ ...partsOf(), producers: new Producers(store) }).backlog.events).toBe(2)
  await expect(one.submit(place, someEvent(), {})).rejects.toMatchObject({ code: 'STOPPING' })
})

function partsOf(): CommitterParts {
  return {
    store,
    producers: new Producers(store),
    clock: { now: () => 1_000, monotonic: () => 0 },
    openingEvent,
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw error
    },
  }
}

test('every account and location has its own gap-free numbers', async () => {
  const one = committer()
  const other = { account: 'b'.repeat(32), location: 'eu-de' }
  await Promise.all([
    one.submit(place, someEvent(), {}),
    one.submit(other, someEvent(), {}),
    one.submit(place, someEvent(), {}),
  ])
  const rows = store.all<{ destination: number; sequence: number }>(
    'SELECT destination, sequence FROM outbox ORDER BY number',
  )
  const byPlace = (destination: number): number[] =>
    rows.filter((row) => row.destination === destination).map((row) => row.sequence)
  expect(byPlace(1)).toEqual([1, 2, 3])
  expect(byPlace(2)).toEqual([1, 2])
})

test("another program's lock on the store refuses the calls and leaves the process alive", async () => {
  const it = committer()
  await it.submit(place, someEvent())
  const other = new DatabaseSync(store.file)
  other.exec('BEGIN IMMEDIATE')
  await expect(it.submit(place, someEvent())).rejects.toMatchObject({ code: 'LATE' })
  other.exec('ROLLBACK')
  other.close()
  await it.submit(place, someEvent())
  expect(store.get('SELECT count(*) AS events FROM outbox')).toEqual({ events: 3 })
})

test('a transaction that the engine has ended by itself is not rolled back again', async () => {
  const full: Store = {
    ...store,
    run: () => {
      store.exec('ROLLBACK')
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
    },
  }
  await expect(committer({ store: full }).submit(place, someEvent())).rejects.toMatchObject({ code: 'DISK_FULL' })
  await committer().submit(place, someEvent())
  expect(store.get('SELECT count(*) AS events FROM outbox')).toEqual({ events: 2 })
})

test('events that wait for a tracker nobody has provisioned keep no others from leaving the outbox', async () => {
  const day = 24 * 3_600_000
  let now = 0
  const it = committer({ clock: { now: () => now, monotonic: () => 0 } })
  const elsewhere = { account, location: 'eu-de' }
  await it.submit(elsewhere, someEvent())
  for (let count = 0; count < 8; count++) await it.submit(place, someEvent())
  const waiting = store.get<{ destination: number }>("SELECT destination FROM producers WHERE location = 'eu-de'")
  const served = store.get<{ destination: number }>("SELECT destination FROM producers WHERE location = 'us-south'")
  now = 8 * day
  it.age()
  it.coveredUpTo(served?.destination ?? 0, 1_000)
  for (let count = 0; count < 3; count++) await it.submit(place, someEvent())

  const rows = store.all<{ destination: number; events: number }>(
    'SELECT destination, count(*) AS events FROM outbox GROUP BY destination ORDER BY destination',
  )
  // Its opening event and its call; of the others, what is not seven days old yet.
  expect(rows).toEqual([
    { destination: waiting?.destination, events: 2 },
    { destination: served?.destination, events: 3 },
  ])
})

test('what stayed behind for a tracker leaves after the next start, over the gap behind it', async () => {
  const day = 24 * 3_600_000
  let now = 0
  const clock = { now: () => now, monotonic: () => 0 }
  const elsewhere = { account, location: 'eu-de' }
  const first = committer({ clock })
  await first.submit(elsewhere, someEvent())
  for (let count = 0; count < 50; count++) await first.submit(place, someEvent())
  now = 8 * day
  first.age()
  first.coveredUpTo(2, 1_000)
  for (let count = 0; count < 10; count++) await first.submit(place, someEvent())
  expect(store.get('SELECT count(*) AS events FROM outbox WHERE destination = 1')).toEqual({ events: 2 })

  now = 16 * day
  const again = committer({ clock })
  again.age()
  for (const destination of [1, 2]) again.coveredUpTo(destination, 1_000)
  for (let count = 0; count < 3; count++) await again.submit(place, someEvent())
  expect(store.get('SELECT count(*) AS events FROM outbox WHERE recorded_at < ?', now)).toEqual({ events: 0 })
})

test('rows whose leaving was rolled back leave with a later group', async () => {
  const day = 24 * 3_600_000
  let now = 0
  let isFull = false
  const sometimesFull: Store = {
    ...store,
    run: (sql, params) => {
      if (isFull && sql.startsWith('INSERT'))
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
      return store.run(sql, params)
    },
  }
  const one = committer({ store: sometimesFull, clock: { now: () => now, monotonic: () => 0 } })
  for (let count = 0; count < 4; count++) await one.submit(place, someEvent())
  now = 8 * day
  one.age()
  one.coveredUpTo(1, 1_000)
  isFull = true
  await expect(one.submit(place, someEvent())).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(outbox()).toHaveLength(5)
  isFull = false
  await one.submit(place, someEvent())
  expect(store.all('SELECT DISTINCT recorded_at AS at FROM outbox')).toEqual([{ at: now }])
})

test('bookkeeping is durable without an event, and leaves none of it when a condition fails', async () => {
  const one = committer()
  await Promise.all([one.carry([addFact('alone')]), one.submit(place, someEvent(), { changes: [addFact('told')] })])
  expect(facts()).toEqual(['alone', 'told'])
  await expect(one.carry([addFact('half'), neverHolds])).rejects.toThrow(ConditionFailed)
  await expect(one.carry([addFact('alone')])).rejects.toThrow(ConditionFailed)
  expect([facts(), outbox().length]).toEqual([['alone', 'told'], 2])
  expectWhole()
})

test('bookkeeping that waits at a stop is committed, what comes later is refused', async () => {
  const one = committer()
  const waiting = one.carry([addFact('last')])
  one.stop()
  await waiting
  await expect(one.carry([addFact('late')])).rejects.toThrow(NotRecorded)
  expect(facts()).toEqual(['last'])
})

/** A disk that says when it is done as the test wants it. */
class SlowDisk {
  readonly syncs: PromiseWithResolvers<void>[] = []
  readonly synced = (): Promise<void> => {
    const sync = Promise.withResolvers<void>()
    this.syncs.push(sync)
    return sync.promise
  }
  /** Waits until the disk was asked so many times. */
  async asked(times: number): Promise<void> {
    while (this.syncs.length < times) await turn()
  }
}

/** Whether a call was answered, now and ever after. */
function answeredBy(call: Promise<void>): { isAnswered: boolean } {
  const state = { isAnswered: false }
  void call.then(() => (state.isAnswered = true))
  return state
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('nobody is answered, and no other thread reads on, before the disk has the group; what comes meanwhile shares the next', async () => {
  const disk = new SlowDisk()
  let told = 0
  const one = committer({ synced: disk.synced, committed: (rows) => (told += rows) })
  const durable = new BigInt64Array(one.durable)
  const first = answeredBy(one.submit(place, someEvent()))
  await disk.asked(1)
  const second = [one.submit(place, someEvent()), one.carry([addFact('late')]), one.submit(place, someEvent())]
  for (let count = 0; count < 5; count++) await turn()
  expect(outbox()).toHaveLength(2)
  expect([first.isAnswered, told, durable[0], disk.syncs.length]).toEqual([false, 0, 0n, 1])

  disk.syncs[0]?.resolve()
  await disk.asked(2)
  expect([first.isAnswered, told, durable[0]]).toEqual([true, 2, 2n])
  expect(outbox()).toHaveLength(4)
  disk.syncs[1]?.resolve()
  await Promise.all(second)
  expect([told, durable[0]]).toEqual([4, 4n])
  expectWhole()
})

test('what is acknowledged while the disk is busy is written with the next group', async () => {
  const disk = new SlowDisk()
  const one = committer({ synced: disk.synced })
  const delivered = (): unknown => store.get('SELECT delivered FROM producers')
  void one.submit(place, someEvent())
  await disk.asked(1)
  disk.syncs[0]?.resolve()
  await turn()
  one.acknowledge(1, 1, 1, 100)
  void one.submit(place, someEvent())
  await disk.asked(2)
  one.acknowledge(1, 2, 1, 100)
  disk.syncs[1]?.resolve()
  await turn()
  expect(delivered()).toEqual({ delivered: 1 })
  void one.submit(place, someEvent())
  await disk.asked(3)
  expect(delivered()).toEqual({ delivered: 2 })
  one.stop()
})

test('a stop waits for no disk that is asked in the background, and answers all', async () => {
  const disk = new SlowDisk()
  const one = committer({ synced: disk.synced })
  const calls = [one.submit(place, someEvent())]
  await disk.asked(1)
  calls.push(one.submit(place, someEvent()))
  one.stop()
  await Promise.all(calls)
  disk.syncs[0]?.resolve()
  await turn()
  expect(new BigInt64Array(one.durable)[0]).toBe(3n)
  expectWhole()
})

test('a disk that reports an error ends the process, and nobody is answered', async () => {
  const disk = new SlowDisk()
  const ended: unknown[] = []
  const one = committer({ synced: disk.synced, fatal: (error) => ended.push(error) as never })
  const call = answeredBy(one.submit(place, someEvent()))
  await disk.asked(1)
  disk.syncs[0]?.reject(new Error('the disk is gone'))
  await turn()
  expect(ended).toEqual([new Error('the disk is gone')])
  expect([call.isAnswered, new BigInt64Array(one.durable)[0]]).toEqual([false, 0n])
})
