/** Batches: what holds inside of one message only, what is taken back, and what a client may say about how to do it. */
import { beforeEach, expect, test } from 'vitest'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf, valueAt } from './testing/messages.ts'
import { read, type ReadAnswer, write, type WrittenItem, type WrittenMessage } from './testing/written-messages.ts'
import { enumerations } from './ttlv/enumerations.ts'
import { boolean, bytes, enumeration, integer, type Item, longInteger, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
let before: number
beforeEach(async () => {
  house = await openKmipHouse()
  before = house.events().length
})

const send = async (items: readonly WrittenItem[], more: Omit<WrittenMessage, 'items'> = {}): Promise<ReadAnswer> =>
  read((await house.client.raw(write({ items, ...more }))).bytes)
const statuses = ({ items }: ReadAnswer): unknown[] => items.map(({ status, reason }) => reason ?? status)
const option = (name: keyof typeof enumerations.BatchErrorContinuationOption): Item[] => [
  enumeration(tags.BatchErrorContinuationOption, enumerations.BatchErrorContinuationOption[name]),
]
const newEvents = () => house.events().slice(before)
const objects = (): number =>
  house.store.get<{ total: number }>('SELECT count(*) AS total FROM kmip_objects')?.total ?? -1
const created = async (...more: Parameters<typeof aesKey>): Promise<string> =>
  uidOf(await house.client.ask('Create', aesKey(...more)))
const activation = attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n })
const missing: WrittenItem = { operation: 'Get', payload: [uid('00000000-0000-4000-8000-000000000000')] }

test('the placeholder names what the message made, and nothing in the next message', async () => {
  const answer = await send([
    { operation: 'Create', payload: aesKey() },
    { operation: 'Activate' },
    { operation: 'Get' },
  ])
  expect(statuses(answer)).toEqual(['Success', 'Success', 'Success'])
  expect(await house.client.refused('Get')).toBe('ItemNotFound')
  const other = await house.stranger()
  expect(await other.refused('Get')).toBe('ItemNotFound')
})

test('two messages at once have each their own placeholder', async () => {
  const batch = [{ operation: 'Create', payload: aesKey() }, { operation: 'Get' }] as const
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(batch)))
  for (const { items } of answers) {
    const [made, got] = items.map(({ payload }) => uidOf(payload ?? []))
    expect(got).toBe(made)
  }
})

test('ids are echoed byte for byte, even an empty one', async () => {
  for (const id of [Buffer.alloc(0), Buffer.from([0]), Buffer.alloc(300, 0xab)]) {
    const { items } = await send([{ operation: 'Query', id }])
    expect(items.map((item) => item.id)).toEqual([id.toString('hex')])
  }
})

test('a critical extension fails its item and no other, one that is not critical is passed over', async () => {
  const items: WrittenItem[] = [
    { operation: 'Query', extension: false },
    { operation: 'Create', payload: aesKey(), extension: true },
    { operation: 'Query' },
  ]
  expect(statuses(await send(items, { header: option('Continue') }))).toEqual([
    'Success',
    'FeatureNotSupported',
    'Success',
  ])
  expect(objects()).toBe(0)
  expect(newEvents()).toMatchObject([
    { action: 'hs-crypto.kmip-key.create', outcome: 'failure', reason: { reasonCode: 400 }, severity: 'warning' },
  ])
})

test('who would take the answer later gets it at once', async () => {
  const header = [boolean(tags.AsynchronousIndicator, true)]
  expect(statuses(await send([{ operation: 'Create', payload: aesKey() }], { header }))).toEqual(['Success'])
  const value = [bytes(tags.AsynchronousCorrelationValue, Buffer.from([1]))]
  for (const operation of ['Poll', 'Cancel'] as const) {
    expect(await house.client.refused(operation, value)).toBe('ItemNotFound')
    expect(house.lastEvent()).toMatchObject({
      action: 'hs-crypto.kmip-key.default',
      requestData: { operation },
      responseData: { resultReason: 'ItemNotFound' },
    })
  }
})

test('a hundred items are done in one transaction, and more are refused as a whole', async () => {
  const items = Array.from({ length: 101 }, (): WrittenItem => ({ operation: 'Create', payload: aesKey() }))
  const refused = await send(items)
  expect([statuses(refused), refused.items[0]?.operation]).toEqual([['InvalidMessage'], undefined])
  expect(objects()).toBe(0)
  expect(newEvents()).toHaveLength(1)
  before = house.events().length
  const { items: answered } = await send(items.slice(1))
  expect(answered.every(({ status }) => status === 'Success')).toBe(true)
  expect(objects()).toBe(100)
  expect(newEvents().map(({ requestData }) => requestData['batchIndex'])).toEqual(items.slice(1).map((_, at) => at))
  expect(new Set(newEvents().map(({ correlationId }) => correlationId)).size).toBe(1)
})

test('a count that is not the number of items, and ids that are missing or the same, refuse the message', async () => {
  const pair: WrittenItem[] = [{ operation: 'Create', payload: aesKey() }, { operation: 'Query' }]
  for (const batchCount of [-1, 0, 1, 3, 2 ** 31 - 1]) {
    expect(statuses(await send(pair, { batchCount }))).toEqual(['InvalidMessage'])
  }
  const same = pair.map((item) => ({ ...item, id: Buffer.from('same') }))
  expect(statuses(await send(same))).toEqual(['InvalidMessage'])
  expect(objects()).toBe(0)
  expect(newEvents().map(({ action }) => action)).toEqual(Array.from({ length: 6 }, () => 'hs-crypto.kmip-key.default'))
})

test('what was undone keeps its identifier in the answer, and nothing of it is stored', async () => {
  const { items } = await send([{ operation: 'Create', payload: aesKey() }, missing, { operation: 'Query' }], {
    header: option('Undo'),
  })
  expect(items.map(({ status }) => status)).toEqual(['OperationUndone', 'OperationFailed'])
  expect(uidOf(items[0]?.payload ?? [])).toMatch(/^[0-9a-f-]{36}$/)
  expect(objects()).toBe(0)
  expect(newEvents()).toMatchObject([
    {
      action: 'hs-crypto.kmip-key.create',
      outcome: 'failure',
      reason: { reasonCode: 409, reasonForFailure: expect.stringMatching(/\(KMIP_BATCH_UNDONE\)$/) },
      requestData: { isUndone: true },
    },
    { action: 'hs-crypto.kmip-key.read', outcome: 'failure', reason: { reasonCode: 404 } },
  ])
})

test('nothing is given out that is said to be undone: neither keys nor what they encrypt', async () => {
  const limits = attribute(
    'Usage Limits',
    structure(0, [longInteger(tags.UsageLimitsTotal, 1n), enumeration(tags.UsageLimitsUnit, 2)]),
  )
  const id = await created([activation, limits])
  const parameters = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 1)])
  const encrypt: WrittenItem = {
    operation: 'Encrypt',
    payload: [uid(id), parameters, bytes(tags.Data, Buffer.alloc(16)), bytes(tags.IVCounterNonce, Buffer.alloc(16))],
  }
  const reading = (['Get', 'GetAttributes', 'GetAttributeList', 'Check'] as const).map((operation): WrittenItem => ({
    operation,
    payload: [uid(id)],
  }))
  before = house.events().length
  const { items } = await send([encrypt, ...reading, { operation: 'Locate' }, { operation: 'Query' }, missing], {
    header: option('Undo'),
  })
  expect(items.map(({ status }) => status).slice(0, -1)).toEqual(Array.from({ length: 7 }, () => 'OperationUndone'))
  expect(items.slice(0, 6).map(({ payload }) => payload)).toEqual(Array.from({ length: 6 }, () => []))
  expect(newEvents().map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'failure'))
  // The one use that is left was not taken, and so it can be.
  expect(statuses(await send([encrypt]))).toEqual(['Success'])
  expect(statuses(await send([encrypt]))).toEqual(['PermissionDenied'])
})

test('a name that one item gives up is another’s in the same message, whichever object was touched first', async () => {
  const first = await created([nameAttribute('first')])
  const second = await created([nameAttribute('second')])
  const renamed = (id: string, name: string): WrittenItem => ({
    operation: 'ModifyAttribute',
    payload: [uid(id), nameAttribute(name)],
  })
  const batch = [
    { operation: 'GetAttributeList', payload: [uid(first)] },
    renamed(second, 'third'),
    renamed(first, 'second'),
    renamed(second, 'first'),
  ] as const
  expect(statuses(await send(batch))).toEqual(['Success', 'Success', 'Success', 'Success'])
  for (const [name, id] of [
    ['second', first],
    ['first', second],
  ] as const) {
    expect(uidOf(await house.client.ask('Locate', [nameAttribute(name)]))).toBe(id)
  }
})

test('an answer longer than the client takes is not sent, and nothing is kept of what it told', async () => {
  const create: WrittenItem = { operation: 'Create', payload: aesKey(), id: Buffer.from('mine') }
  for (const most of [0, -1, 199, -(2 ** 31)]) {
    before = house.events().length
    const header = [integer(tags.MaximumResponseSize, most)]
    const { items } = await send([create], { header })
    expect(items).toMatchObject([
      { operation: enumerations.Operation.Create, id: '6d696e65', reason: 'ResponseTooLarge', payload: undefined },
    ])
    const all = await send([{ ...create, id: Buffer.from('a') }, { operation: 'Query' }], { header })
    expect(all.items).toMatchObject([{ operation: undefined, id: undefined, reason: 'ResponseTooLarge' }])
    expect(objects()).toBe(0)
    expect(newEvents().map(({ action, reason }) => [action, reason.reasonCode])).toEqual([
      ['hs-crypto.kmip-key.create', 400],
      ['hs-crypto.kmip-key.create', 400],
      ['hs-crypto.kmip-key.default', 400],
    ])
  }
  const enough = [integer(tags.MaximumResponseSize, 280_000)]
  expect(statuses(await send([create], { header: enough }))).toEqual(['Success'])
  expect(objects()).toBe(1)
})

test('of an answer that is too long the event tells which object it was about, and of none that was never there', async () => {
  const id = uidOf(await house.client.ask('Create', aesKey([nameAttribute('disk')])))
  before = house.events().length
  const header = [integer(tags.MaximumResponseSize, 64), ...option('Continue')]
  const name = text(tags.AttributeName, 'State')
  const items: WrittenItem[] = [
    { operation: 'Get', payload: [uid(id)] },
    { operation: 'GetAttributes', payload: [uid(id), name] },
    { operation: 'Create', payload: aesKey([nameAttribute('new')]) },
    { operation: 'Get' },
  ]
  await send(
    items.map((item, at) => ({ ...item, id: Buffer.from([at]) })),
    { header },
  )
  const ofDisk = { target: { name: 'disk' }, responseData: { keyId: id, resultReason: 'ResponseTooLarge' } }
  const ofNone = { target: { id: house.instance.crn }, responseData: { resultReason: 'ResponseTooLarge' } }
  const events = newEvents()
  expect(events).toMatchObject([ofDisk, ofDisk, ofNone, ofNone])
  expect(events.slice(2).filter(({ responseData }) => 'keyId' in responseData)).toEqual([])
})

test('the answer may be as long as the client takes, to the byte', async () => {
  const length = (await house.client.raw(write({ items: [{ operation: 'Query' }] }))).bytes?.length ?? 0
  for (const [most, status] of [
    [length + 16, 'Success'],
    [length, 'Success'],
    [length - 1, 'ResponseTooLarge'],
  ] as const) {
    const header = [integer(tags.MaximumResponseSize, most)]
    expect(statuses(await send([{ operation: 'Query' }], { header }))).toEqual([status])
  }
})

test('without a crypto unit an item fails generally, and the others do what they can without it', async () => {
  const id = await created()
  house.unit.fault = 'UNAVAILABLE'
  before = house.events().length
  const answer = await send(
    [
      { operation: 'Get', payload: [uid(id)] },
      { operation: 'Create', payload: aesKey() },
      { operation: 'AddAttribute', payload: [uid(id), attribute('x-a', text(0, 'b'))] },
      { operation: 'Activate', payload: [uid(id)] },
    ],
    { header: option('Continue') },
  )
  expect(statuses(answer)).toEqual(['GeneralFailure', 'GeneralFailure', 'Success', 'Success'])
  expect(newEvents().map(({ reason, severity }) => [reason.reasonCode, severity])).toEqual([
    [503, 'critical'],
    [503, 'critical'],
    [200, 'normal'],
    [200, 'normal'],
  ])
  house.unit.fault = undefined
  expect(
    valueAt(await house.client.ask('GetAttributes', [uid(id), text(tags.AttributeName, 'State')]), tags.Attribute),
  ).toBeDefined()
})

test('what nobody foresaw is logged under the correlation id that the client was told, and told to nobody', async () => {
  const id = await created()
  house.unit.fault = 'BROKEN_BLOB'
  const header = [text(tags.ClientCorrelationValue, 'mine')]
  const { correlationId, items } = await send([{ operation: 'Get', payload: [uid(id)] }], { header })
  expect(items).toMatchObject([{ reason: 'GeneralFailure', message: expect.stringMatching(/^The service failed/) }])
  expect(house.logged.map((line) => (JSON.parse(line) as { correlationId?: string }).correlationId)).toEqual([
    correlationId,
  ])
  expect(house.lastEvent()).toMatchObject({ correlationId, severity: 'critical', reason: { reasonCode: 500 } })
})
