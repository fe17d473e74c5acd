/** A message is committed as a whole or not at all, whatever fails at its commit or changes before it. */
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { type Audit, createAudit } from '../audit.ts'
import { createEventStamp } from '../event-stamp.ts'
import { disableKey } from '../keys/disable.ts'
import { rotateKey } from '../keys/rotate.ts'
import { Committer, type CommitterParts } from '../record/committer.ts'
import { ConditionFailed, NotRecorded } from '../record/group-writer.ts'
import { Producers } from '../record/producers.ts'
import { deleteAdapter } from './management/delete-adapter.ts'
import { deleteCertificate } from './management/delete-certificate.ts'
import { kmipParts } from './management/testing/adapters.ts'
import { type Client, type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { read, write, type WrittenItem } from './testing/written-messages.ts'
import { structure, enumeration, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
let id: string
beforeEach(async () => {
  house = await openKmipHouse()
  id = uidOf(await house.client.ask('Create', aesKey()))
})

const three = (): WrittenItem[] => [
  { operation: 'Create', payload: aesKey([nameAttribute('new')]) },
  { operation: 'AddAttribute', payload: [uid(id), attribute('x-a', text(0, 'b'))] },
  { operation: 'Activate', payload: [uid(id)] },
]

/** All that a message could change, and the events. */
const everything = (): unknown => [
  house.store.all('SELECT * FROM kmip_objects ORDER BY number'),
  house.store.all('SELECT * FROM kmip_object_names'),
  house.store.all('SELECT * FROM kmip_object_values'),
  house.events(),
]

function auditOn(committer: Pick<Committer, 'submit'>): Audit {
  const log = pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) })
  const clock = { now: () => house.time, monotonic: () => 0 }
  return createAudit({ committer, clock, stamp: createEventStamp('Keywitness'), log })
}

/** A committer of its own on the house's store, which no other uses from now on. */
function ownCommitter(parts: Partial<CommitterParts>): Committer {
  const producers = new Producers(house.store)
  for (const producer of producers.all()) producer.isOpen = true
  return new Committer({
    store: house.store,
    producers,
    clock: { now: () => house.time, monotonic: () => 0 },
    openingEvent: () => {
      throw new Error('the epoch is open')
    },
    committed: () => undefined,
    hasRoom: () => true,
    committing: () => undefined,
    fatal: (error) => {
      throw error
    },
    ...parts,
  })
}

const sent = async (client: Client, items: readonly WrittenItem[]) => read((await client.raw(write({ items }))).bytes)

test.each([
  ['LATE', 'The call could not be recorded in time; nothing was changed.'],
  ['QUEUE_FULL', 'The call could not be recorded in time; nothing was changed.'],
  ['OUTBOX_FULL', 'The call could not be recorded in time; nothing was changed.'],
  ['STOPPING', 'The call could not be recorded in time; nothing was changed.'],
  ['DISK_FULL', 'There is no room left to record this call; nothing was changed.'],
] as const)('when nothing can be recorded (%s), nothing is done and the client is told so', async (code, message) => {
  const client = house.through(auditOn({ submit: () => Promise.reject(new NotRecorded(code)) }))
  const before = everything()
  for (const items of [three(), [{ operation: 'Get', payload: [uid(id)] } as const]]) {
    expect((await sent(client, items)).items).toMatchObject([
      { operation: undefined, reason: 'GeneralFailure', message, payload: undefined },
    ])
  }
  expect(everything()).toEqual(before)
  // A refusal that cannot be recorded is no answer either.
  const [refused] = (await sent(client, [{ operation: 'Destroy', payload: [] }])).items
  expect(refused).toMatchObject({ reason: 'GeneralFailure', message })
  const { bytes } = await client.raw(write({ items: [{ operation: 'Query' }], batchCount: 7 }))
  expect(read(bytes).items).toMatchObject([{ reason: 'GeneralFailure', message }])
})

test('without room on the disk, or with a statement that fails, state and events are those of before', async () => {
  const before = everything()
  const full = house.through(auditOn(ownCommitter({ hasRoom: () => false })))
  expect((await sent(full, three())).items).toMatchObject([{ message: expect.stringContaining('no room left') }])
  expect(everything()).toEqual(before)
  house.store.exec('ALTER TABLE kmip_object_values RENAME TO gone')
  const broken = house.through(auditOn(ownCommitter({})))
  const { items } = await sent(broken, three())
  expect(items).toMatchObject([{ operation: undefined, reason: 'GeneralFailure' }])
  house.store.exec('ALTER TABLE gone RENAME TO kmip_object_values')
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.kmip-key.default',
    reason: { reasonCode: 500 },
    severity: 'critical',
  })
  expect(house.logged.map((line) => (JSON.parse(line) as { correlationId?: string }).correlationId)).toEqual([
    house.lastEvent().correlationId,
  ])
  expect((everything() as unknown[]).slice(0, 3)).toEqual((before as unknown[]).slice(0, 3))
})

test.each([
  ['not written', false],
  ['written', true],
])('a COMMIT that fails though it was %s leaves state and events agreed', async (_, isWritten) => {
  class Ended extends Error {}
  const before = house.events().length
  let hasEnded = false
  const one = ownCommitter({
    commit: (store) => {
      if (isWritten) store.exec('COMMIT')
      throw new Error('the disk reports an error')
    },
    // The process would end here; what comes after it is the next start, which reads.
    fatal: (error) => {
      hasEnded = true
      throw new Ended('', { cause: error })
    },
  })
  let answered: unknown
  const submitted = Promise.withResolvers<void>()
  const audit = auditOn({
    submit: (...call) => {
      const durable = one.submit(...call)
      submitted.resolve()
      return durable
    },
  })
  void house
    .through(audit)
    .raw(write({ items: three() }))
    .then((answer) => (answered = answer))
  await submitted.promise
  expect(() => one.stop()).toThrow(Ended)
  if (!isWritten) house.store.rollBack()
  expect([hasEnded, answered]).toEqual([true, undefined])
  const stored = house.store.all<{ state: number }>('SELECT state FROM kmip_objects ORDER BY number')
  expect(stored.map(({ state }) => state)).toEqual(isWritten ? [2, 1] : [1])
  expect(house.events().length - before).toBe(isWritten ? 3 : 0)
})

test('a message that others are quicker than again and again is refused item by item, and so recorded', async () => {
  let attempts = 0
  const one = ownCommitter({})
  const audit = auditOn({
    submit: (place, event, effects) => {
      if ((effects?.changes ?? []).length === 0) return one.submit(place, event, effects)
      attempts += 1
      return Promise.reject(new ConditionFailed())
    },
  })
  const before = house.events().length
  const client = house.through(audit)
  expect((await sent(client, three())).items).toMatchObject([
    { operation: undefined, reason: 'GeneralFailure', message: expect.stringContaining('at the same time') },
  ])
  expect(attempts).toBe(10)
  expect(
    house
      .events()
      .slice(before)
      .map(({ action, outcome, reason }) => [action, outcome, reason.reasonCode]),
  ).toEqual([
    ['hs-crypto.kmip-key.create', 'failure', 409],
    ['hs-crypto.kmip-key-attributes.update', 'failure', 409],
    ['hs-crypto.kmip-key.activate', 'failure', 409],
  ])
})

/** Runs something while the crypto unit works on the next message. */
function meanwhile(run: () => Promise<unknown>): void {
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    await run()
  }
}

const removeCertificate = () =>
  house.run(
    'hs-crypto.kmip-management.delete',
    deleteCertificate(house.call(), house.client.adapter.name, 'host', kmipParts(house)),
  )
const two = (): WrittenItem[] => [
  { operation: 'Get', payload: [uid(id)] },
  { operation: 'Create', payload: aesKey() },
]

test('a certificate that is removed after the decision is refused at the commit, and nothing is given out', async () => {
  meanwhile(removeCertificate)
  const before = house.events().length
  const { bytes, close } = await house.client.raw(write({ items: two() }))
  expect(close).toBe(true)
  expect(read(bytes).items).toMatchObject([{ reason: 'AuthenticationNotSuccessful', payload: undefined }])
  expect(
    house
      .events()
      .slice(before)
      .map(({ action, reason }) => [action, reason.reasonCode]),
  ).toEqual([
    ['hs-crypto.kmip-management.delete', 204],
    ['hs-crypto.kmip-key.default', 401],
  ])
  expect(house.store.all('SELECT id FROM kmip_objects')).toHaveLength(1)
})

test('a certificate that went to another adapter meanwhile opens neither with this message', async () => {
  const stranger = await house.stranger()
  meanwhile(() => {
    house.store.run(`UPDATE kmip_certificates SET adapter = ?, id = 'moved', name = 'moved' WHERE fingerprint = ?`, [
      stranger.adapter.id,
      house.client.peer.fingerprint ?? '',
    ])
    return Promise.resolve()
  })
  expect((await sent(house.client, [{ operation: 'Create', payload: aesKey() }])).items).toMatchObject([
    { reason: 'AuthenticationNotSuccessful' },
  ])
  expect((await sent(house.client, [{ operation: 'Create', payload: aesKey() }])).items[0]?.status).toBe('Success')
})

test('an adapter that is deleted meanwhile takes its clients with it', async () => {
  const reason = structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 2)])
  await house.client.ask('Revoke', [uid(id), reason])
  await house.client.ask('Destroy', [uid(id)])
  meanwhile(() =>
    house.run(
      'hs-crypto.kmip-management.delete',
      deleteAdapter(house.call(), house.client.adapter.name, kmipParts(house)),
    ),
  )
  expect((await sent(house.client, [{ operation: 'Create', payload: aesKey() }])).items).toMatchObject([
    { reason: 'AuthenticationNotSuccessful' },
  ])
  expect(house.store.all('SELECT id FROM kmip_objects WHERE state < 5')).toHaveLength(0)
})

test('a root key that is disabled meanwhile neither seals nor opens', async () => {
  meanwhile(() =>
    house.run('hs-crypto.secrets.disable', disableKey(house.call(), house.client.adapter.crk, house.parts)),
  )
  const before = house.events().length
  const { items } = await sent(house.client, two())
  expect(items).toMatchObject([{ reason: 'PermissionDenied' }])
  expect(
    house
      .events()
      .slice(before)
      .map(({ action, reason }) => [action, reason.reasonCode]),
  ).toEqual([
    ['hs-crypto.secrets.disable', 204],
    ['hs-crypto.kmip-key.read', 403],
  ])
})

test('a root key that is rotated meanwhile is no reason to refuse anything', async () => {
  meanwhile(() =>
    house.run(
      'hs-crypto.secrets.rotate',
      rotateKey(house.call(), house.client.adapter.crk, () => ({ material: undefined }), house.parts),
    ),
  )
  const { items } = await sent(house.client, two())
  expect(items.map(({ status }) => status)).toEqual(['Success', 'Success'])
})
