/** `grep11.Keystore` over real gRPC: each method, its event, its errors as GREP11 tells them, and clients of other making. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { loadPackageDefinition, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import { returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Keystore, KeystoreType } from '@keywitness/ep11-client/schema/keystore_pb'
import { type Ep11House, openEp11House } from '../ep11/testing/ep11-house.ts'
import { detailOf, type Grep11Client } from '../ep11/testing/grep11-client.ts'
import { createSealer } from '../seal.ts'
import { putInForce } from '../units/master-keys.ts'
import { keystoreMethods } from './methods.ts'
import { keystoreStore } from './store.ts'
import { memoryEp11 } from './testing/memory-ep11.ts'

const { CKA_CLASS, CKA_LABEL } = attributeTypes
const pattern = 'a'.repeat(64)
const id = Buffer.from('0f8fad5bd9cb469fa16570867728950e', 'hex')
const keyId = Buffer.from('11111111222243338444555555555555', 'hex')
const { method } = Keystore

const ep11 = memoryEp11(pattern)
let house: Ep11House
let client: Grep11Client

beforeEach(async () => {
  house = await openEp11House({
    methods: ({ store, identity, clock }) =>
      keystoreMethods({
        keystores: keystoreStore(store),
        ep11,
        access: identity.access,
        sealer: createSealer(Buffer.alloc(32, 7)),
        clock,
        random: randomBytes,
        oweForgetting: () => undefined,
      }),
  })
  const { sql, params } = putInForce(house.operator.instance, pattern, 0)
  house.store.run(sql, params)
  client = await house.client()
})

afterEach(() => house.close())

async function ends<I extends DescMessage, O extends DescMessage>(
  { parent, name, input, output }: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  by = client,
): Promise<{ answer: MessageShape<O> | undefined; failure: ReturnType<typeof detailOf> | undefined }> {
  let answer: MessageShape<O> | undefined
  const bytes = Buffer.from(toBinary(input, create(input, request)))
  const { error } = await by.raw(`/${parent.typeName}/${name}`, bytes, {}, undefined, (got) => {
    answer = fromBinary(output, got)
    return {}
  })
  return { answer, failure: error === undefined ? undefined : detailOf(error) }
}

async function ask<I extends DescMessage, O extends DescMessage>(
  what: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const { answer, failure } = await ends(what, request)
  if (answer === undefined) throw new Error(failure?.message)
  return answer
}

const bytes = (text: string) => ({ oneAttr: { case: 'attributeB', value: Buffer.from(text) } }) as const
const label = (text: string) => ({ [String(CKA_LABEL)]: bytes(text) })

test('a keystore and a key in it: made, found, changed and deleted, each with its event', async () => {
  const made = await ask(method.createKeystore, { id, name: 'payments', type: KeystoreType.PUBLIC })
  expect(made.keystore).toMatchObject({ name: 'payments', type: KeystoreType.PUBLIC, keyCount: 0n, version: 0n })
  const object = ep11.key()
  const key = { keyBlobId: keyId, txId: Buffer.from('tx-1'), attributes: label('billing'), keyBlobs: [object] }
  const stored = await ask(method.storeNewKey, { keystoreId: id, key })
  expect([stored.key?.version, Buffer.from(stored.key?.txId ?? []).toString()]).toEqual([0n, 'tx-1'])
  expect(Buffer.from(stored.key?.keyBlobs[0] ?? [])).toEqual(object)
  expect(stored.key?.attributes[String(CKA_CLASS)]?.oneAttr).toEqual({ case: 'attributeI', value: 4n })
  expect((await ask(method.storeNewKey, { keystoreId: id, key })).key?.version).toBe(0n)
  const changed = await ask(method.updateKey, { keystoreId: id, key: { keyBlobId: keyId, attributes: label('paid') } })
  expect(changed.key?.version).toBe(1n)
  const list = await ask(method.listKeysByIds, { keystoreId: id })
  expect(list.keys.map((one) => [Buffer.from(one.keystoreId), one.key?.version])).toEqual([[id, 1n]])
  const found = await ask(method.listKeysByAttributes, { query: { attributes: label('paid') } })
  expect(Buffer.from(found.keys[0]?.key?.keyBlobId ?? [])).toEqual(keyId)
  expect((await ask(method.listKeystoresByIds, {})).keystores).toMatchObject([{ keyCount: 1n }])
  const named = await ask(method.listKeystoresByAttributes, { name: 'payments', type: KeystoreType.PUBLIC, limit: 1 })
  expect([named.keystores.length, named.nextPageToken.length]).toEqual([1, 0])
  await ask(method.deleteKey, { keystoreId: id, keyId, version: 1n })
  await ask(method.deleteKeystore, { id })
  const events = house.news()
  const keystore = '0f8fad5b-d9cb-469f-a165-70867728950e'
  expect(events.map(({ action }) => action.replace('hs-crypto.keystore.', ''))).toEqual([
    'createkeystore',
    'storenewkey',
    'storenewkey',
    'updatekey',
    'listkeysbyids',
    'listkeysbyattributes',
    'listkeystoresbyids',
    'listkeystoresbyattributes',
    'deletekey',
    'deletekeystore',
  ])
  expect(events[1]).toMatchObject({
    outcome: 'success',
    reason: { reasonCode: 200 },
    target: { name: `${keystore}/11111111-2222-4333-8444-555555555555` },
    requestData: { requestURI: '/grep11.Keystore/StoreNewKey', keystoreId: keystore, class: 'CKO_SECRET_KEY' },
  })
  expect(JSON.stringify(events)).not.toMatch(/billing|paid|YmlsbGluZ|cGFpZ/)
})

test('refusals have the return values and statuses of GREP11, and their events the codes of the reference', async () => {
  await ask(method.createKeystore, { id, type: KeystoreType.PUBLIC })
  const key = { keyBlobId: keyId, txId: Buffer.from('tx'), keyBlobs: [ep11.key()] }
  await ask(method.storeNewKey, { keystoreId: id, key })
  house.news()
  const cases = [
    [await ends(method.createKeystore, { id, type: 1 }), 'CKR_GREP11_CONFLICT', status.ABORTED, 409],
    [await ends(method.createKeystore, {}), 'CKR_ARGUMENTS_BAD', status.INVALID_ARGUMENT, 400],
    [
      await ends(method.createKeystore, { id: keyId, name: '\u0007', type: 1 }),
      'CKR_ARGUMENTS_BAD',
      status.INVALID_ARGUMENT,
      400,
    ],
    [await ends(method.deleteKeystore, { id: keyId }), 'CKR_GREP11_MISSING', status.NOT_FOUND, 404],
    [
      await ends(method.storeNewKey, { keystoreId: id, key: { ...key, keyBlobs: [ep11.key()] } }),
      'CKR_GREP11_REPLAY',
      status.ABORTED,
      409,
    ],
    [await ends(method.storeNewKey, { keystoreId: id }), 'CKR_ARGUMENTS_BAD', status.INVALID_ARGUMENT, 400],
    [
      await ends(method.storeNewKey, { keystoreId: id, key: { keyBlobs: [Buffer.alloc(90, 1)] } }),
      'CKR_IBM_WKID_MISMATCH',
      status.FAILED_PRECONDITION,
      409,
    ],
    [
      await ends(method.storeNewKey, { keystoreId: id, key: { keyBlobs: [Buffer.alloc(70_000)] } }),
      'CKR_DATA_LEN_RANGE',
      status.INVALID_ARGUMENT,
      400,
    ],
    [
      await ends(method.storeNewKey, { keystoreId: id, key: { ...key, attributes: { '17': bytes('value') } } }),
      'CKR_ATTRIBUTE_SENSITIVE',
      status.INVALID_ARGUMENT,
      400,
    ],
    [
      await ends(method.updateKey, { keystoreId: id, key: { keyBlobId: keyId, version: 4n } }),
      'CKR_GREP11_CONFLICT',
      status.ABORTED,
      409,
    ],
    [await ends(method.deleteKey, { keystoreId: id, keyId: id }), 'CKR_GREP11_MISSING', status.NOT_FOUND, 404],
    [
      await ends(method.listKeysByIds, { keystoreId: id, pageToken: Buffer.from('x') }),
      'CKR_ARGUMENTS_BAD',
      status.INVALID_ARGUMENT,
      400,
    ],
    [
      await ends(method.listKeysByIds, { keystoreId: id, limit: 5_001 }),
      'CKR_ARGUMENTS_BAD',
      status.INVALID_ARGUMENT,
      400,
    ],
    [
      await ends(method.listKeysByAttributes, { query: { keystoreIds: [keyId] } }),
      'CKR_GREP11_MISSING',
      status.NOT_FOUND,
      404,
    ],
    [
      await ends(method.listKeystoresByAttributes, { pageToken: Buffer.from('x') }),
      'CKR_ARGUMENTS_BAD',
      status.INVALID_ARGUMENT,
      400,
    ],
    [
      await ends(method.listKeystoresByIds, { ids: [Buffer.from('x')] }),
      'CKR_ARGUMENTS_BAD',
      status.INVALID_ARGUMENT,
      400,
    ],
  ] as const
  const events = house.news()
  expect(events).toHaveLength(cases.length)
  for (const [index, [{ failure }, value, code, reasonCode]] of cases.entries()) {
    expect([index, failure?.ckr, failure?.code]).toEqual([index, returnValues[value], code])
    expect(failure?.message.startsWith(value)).toBe(true)
    expect(events[index]).toMatchObject({ outcome: 'failure', reason: { reasonCode } })
  }
})

test('a quota that is reached is told as the memory of a device that is full', async () => {
  for (let made = 0; made < 5; made++) await ask(method.createKeystore, { type: 1, authenticated: true })
  house.news()
  const { failure } = await ends(method.createKeystore, { type: 1, authenticated: true })
  expect([failure?.ckr, failure?.code]).toEqual([returnValues.CKR_DEVICE_MEMORY, status.RESOURCE_EXHAUSTED])
  expect(house.news()).toMatchObject([
    { outcome: 'failure', reason: { reasonCode: 429 }, requestData: { type: 'public', authenticated: true } },
  ])
})

test('who has no role on keystores is refused before anybody looks at the message', async () => {
  const stranger = await house.client('c', { apiKey: await house.withRole('CryptoOperator') })
  for (const [what, action] of [
    [method.createKeystore, 'createkeystore'],
    [method.storeNewKey, 'storenewkey'],
    [method.listKeysByAttributes, 'listkeysbyattributes'],
  ] as const) {
    const { error } = await stranger.raw(`/grep11.Keystore/${what.name}`, Buffer.from([0xff, 0xff]))
    expect(detailOf(error).code).toBe(status.PERMISSION_DENIED)
    expect(house.news()).toMatchObject([{ action: `hs-crypto.keystore.${action}`, severity: 'critical' }])
  }
  const { error } = await client.raw('/grep11.Keystore/StoreNewKey', Buffer.from([0xff, 0xff]))
  expect(detailOf(error)).toMatchObject({ ckr: returnValues.CKR_GREP11_CANNOT_UNMARSHAL })
})

test('a keystore is not asked about a million keys: a message of so many small fields is refused as such', async () => {
  // Empty identifiers, two bytes each.
  const message = Buffer.alloc(3_000_000, Buffer.from([0x12, 0]))
  const { error } = await client.raw('/grep11.Keystore/ListKeysByIds', message)
  expect(detailOf(error)).toMatchObject({ ckr: returnValues.CKR_GREP11_CANNOT_UNMARSHAL })
})

test('an identifier that is taken and a version that is stale stay so: clients are not told to try again', async () => {
  await ask(method.createKeystore, { id, type: KeystoreType.PUBLIC })
  const key = { keyBlobId: keyId, keyBlobs: [ep11.key()] }
  await ask(method.storeNewKey, { keystoreId: id, key })
  const conflicts = [
    await ends(method.createKeystore, { id, type: KeystoreType.PUBLIC }),
    await ends(method.storeNewKey, { keystoreId: id, key }),
    await ends(method.updateKey, { keystoreId: id, key: { keyBlobId: keyId, version: 4n } }),
    await ends(method.deleteKey, { keystoreId: id, keyId, version: 4n }),
  ]
  const conflict = { ckr: returnValues.CKR_GREP11_CONFLICT, retry: false }
  expect(conflicts).toMatchObject(conflicts.map(() => ({ failure: conflict })))
})

test('pages follow each other by their tokens', async () => {
  await ask(method.createKeystore, { id, type: KeystoreType.PRIVATE })
  for (let stored = 0; stored < 5; stored++) {
    await ask(method.storeNewKey, { keystoreId: id, key: { keyBlobs: [ep11.key()] } })
  }
  const sizes: number[] = []
  let pageToken: Uint8Array = new Uint8Array()
  do {
    const page: { keys: unknown[]; nextPageToken: Uint8Array } = await ask(method.listKeysByIds, {
      keystoreId: id,
      limit: 2,
      pageToken,
    })
    sizes.push(page.keys.length)
    pageToken = page.nextPageToken
  } while (pageToken.length > 0)
  expect(sizes).toEqual([2, 2, 1])
})

test('a client that loads the schema itself speaks with it', () => {
  const file = join(import.meta.dirname, '../../../ep11-client/src/schema/keystore.proto')
  const loaded = loadPackageDefinition(loadSync(file, { includeDirs: [join(file, '..')] }))
  expect(Object.keys((loaded['grep11'] as unknown as { Keystore: { service: object } }).Keystore.service)).toEqual(
    Keystore.methods.map(({ name }) => name),
  )
})
