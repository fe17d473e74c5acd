/** A place whose tracker goes: its producer ends with that commit, under every fault, and the next one begins at 1. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uuidv7, writeEvent, type WrittenEvent } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { Committer, type CommitterParts } from './committer.ts'
import { Producers } from './producers.ts'

const account = 'a'.repeat(32)
const home = { account, location: 'us-south' }
const place = { account, location: 'eu-de' }
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-ended-'))
  store = openStore(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

let made = 0
function someEvent(): WrittenEvent {
  made += 1
  const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:00000000-0000-4000-8000-000000000001::`
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

class Ended extends Error {}

function committer(parts: Partial<CommitterParts> = {}): Committer {
  return new Committer({
    store,
    producers: new Producers(store),
    clock: { now: () => 1_000, monotonic: () => 0 },
    openingEvent: someEvent,
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: () => {
      throw new Ended()
    },
    ...parts,
  })
}

interface Numbered {
  readonly destination: number
  readonly epoch: number
  readonly sequence: number
}
const outbox = (): Numbered[] =>
  store.all<Numbered>('SELECT destination, epoch, sequence FROM outbox ORDER BY number').map((row) => ({ ...row }))
const producers = (): object[] =>
  store
    .all<object>('SELECT destination, location, ended FROM producers ORDER BY destination')
    .map((row) => ({ ...row }))

test('what is recorded in the same moment behind the end has a new producer, and what was before it the old one', async () => {
  const first = committer()
  await first.submit(home, someEvent())
  await Promise.all([
    first.submit(place, someEvent()),
    first.submit(home, someEvent(), { ends: place }),
    first.submit(place, someEvent()),
    first.submit(home, someEvent()),
  ])
  expect(outbox().filter(({ destination }) => destination !== 1)).toEqual([
    { destination: 2, epoch: 1, sequence: 1 },
    { destination: 2, epoch: 1, sequence: 2 },
    { destination: 3, epoch: 1, sequence: 1 },
    { destination: 3, epoch: 1, sequence: 2 },
  ])
  expect(
    outbox()
      .filter(({ destination }) => destination === 1)
      .map(({ sequence }) => sequence),
  ).toEqual([1, 2, 3, 4])
  expect(producers()).toEqual([
    { destination: 1, location: 'us-south', ended: 0 },
    { destination: 2, location: 'eu-de', ended: 1 },
    { destination: 3, location: 'eu-de', ended: 0 },
  ])
})

test('a place may end its own producer: its last number is that of the call', async () => {
  const first = committer()
  await first.submit(place, someEvent(), { further: [someEvent()], ends: place })
  await first.submit(place, someEvent())
  expect(outbox().map(({ destination, sequence }) => `${destination}:${sequence}`)).toEqual([
    '1:1',
    '1:2',
    '1:3',
    '2:1',
    '2:2',
  ])
})

test.each(['lost', 'kept'] as const)(
  'a commit of the end that fails and is %s is decided by the file',
  async (fault) => {
    await committer().submit(place, someEvent())
    const failing = committer({
      commit: (to) => {
        if (fault === 'kept') to.exec('COMMIT')
        throw new Error('the disk says no')
      },
    })
    failing.submit(place, someEvent(), { ends: place }).catch(() => undefined)
    expect(() => failing.stop()).toThrow(Ended)
    // The next start.
    if (fault === 'lost') store.rollBack()
    await committer().submit(place, someEvent())
    expect(producers()).toHaveLength(fault === 'kept' ? 2 : 1)
    expect(outbox().at(-1)).toEqual(
      fault === 'kept' ? { destination: 2, epoch: 1, sequence: 2 } : { destination: 1, epoch: 2, sequence: 4 },
    )
  },
)
