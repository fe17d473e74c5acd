/** Keystores on a real crypto unit: keys as EP11 makes them are stored, found by what they say of themselves, and wrapped anew. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import type { AttributeValue, CallAnswer, CallName, CallRequest } from '@keywitness/crypto-unit/ep11/calls'
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import { circumstancesOf } from '../keys/testing/house.ts'
import { readMasterKeys } from '../units/master-keys.ts'
import { createUnits, type Units } from '../units/units.ts'
import { wkidOf } from '../units/wrapped-blobs.ts'
import { allAttributes } from './key-content.ts'
import { type KeystoreHouse, openKeystoreHouse } from './testing/keystore-house.ts'

const { CKA_CLASS, CKA_EC_PARAMS, CKA_ENCRYPT, CKA_EXTRACTABLE, CKA_KEY_TYPE, CKA_LABEL, CKA_PRIVATE } = attributeTypes
const { CKA_SIGN, CKA_TOKEN, CKA_VALUE_LEN, CKA_VERIFY } = attributeTypes

let folder: string
let units: Units
let keystores: KeystoreHouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-keystores-'))
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const started: { units: Units | undefined } = { units: undefined }
  keystores = openKeystoreHouse({
    call: (...call) => {
      if (started.units === undefined) throw new Error('the crypto units are not started')
      return started.units.ep11.call(...call)
    },
  })
  const { house } = keystores
  house.store.run('DELETE FROM master_keys', [])
  units = createUnits({
    store: house.store,
    audit: house.audit,
    clock: systemClock,
    seal: randomBytes(32),
    dataFolder: folder,
    log: quiet,
    carry: (changes) => house.carry(changes),
    forget: () => Promise.resolve(),
    onReturn: () => undefined,
  })
  started.units = units
  await units.start()
  await units.runCeremony(house.instance.guid, circumstancesOf(house.call()))
})

afterAll(async () => {
  await units.stop()
  rmSync(folder, { recursive: true })
})

async function ep11<Name extends CallName>(
  name: Name,
  request: CallRequest<Name>,
  session?: Buffer,
): Promise<CallAnswer<Name>> {
  const outcome = await units.ep11.call(keystores.house.instance.guid, session, name, request)
  if ('answer' in outcome) return outcome.answer
  throw new Error(outcome.refusal.message)
}

const mechanism = (name: keyof typeof mechanisms) => ({
  value: mechanisms[name].value,
  parameter: { kind: 'none' } as const,
})

function aesKey(session?: Buffer, ...more: [number, AttributeValue][]): Promise<CallAnswer<'GenerateKey'>> {
  const template = new Map<number, AttributeValue>([[CKA_VALUE_LEN, 32n], ...more])
  return ep11('GenerateKey', { mechanism: mechanism('CKM_AES_KEY_GEN'), template }, session)
}

test('a secret key and both halves of a pair are stored in a public and a private keystore, with what they say', async () => {
  const { ask } = keystores
  const [open, closed] = [await ask.create(), await ask.create({ type: 'private' })]
  const { key } = await aesKey(undefined, [CKA_EXTRACTABLE, true])
  const { privateKey, publicKey } = await ep11('GenerateKeyPair', {
    mechanism: mechanism('CKM_EC_KEY_PAIR_GEN'),
    privateTemplate: new Map([[CKA_SIGN, true]]),
    publicTemplate: new Map<number, AttributeValue>([
      [CKA_EC_PARAMS, Buffer.from('06082a8648ce3d030107', 'hex')],
      [CKA_VERIFY, true],
    ]),
  })
  const secret = await ask.store(open.id, { object: key, attributes: new Map([[CKA_LABEL, Buffer.from('secret')]]) })
  const half = await ask.store(open.id, { object: publicKey })
  const other = await ask.store(closed.id, { object: privateKey })
  expect([secret, half, other].map((one) => [one.class, one.keyType])).toEqual([
    [4, 0x1f],
    [2, 3],
    [3, 3],
  ])
  const placed = [secret, half, other].map((one) =>
    [CKA_TOKEN, CKA_PRIVATE].map((type) => allAttributes(one).get(type)),
  )
  expect(placed).toEqual([
    [true, false],
    [true, false],
    [true, true],
  ])
  const inForce = readMasterKeys(keystores.house.store).inForce(keystores.house.instance.guid) ?? ''
  expect([secret, half, other].map(({ wkid }) => wkid)).toEqual(Array(3).fill(wkidOf(inForce)))
  const found = await ask.search({
    attributes: new Map([
      [CKA_KEY_TYPE, 3],
      [CKA_CLASS, 2],
    ]),
  })
  expect(found.objects.map(({ id }) => id)).toEqual([half.id])
  const changed = await ep11('SetAttributeValue', { object: key, attributes: new Map([[CKA_ENCRYPT, false]]) })
  await ask.update({ keystore: open.id, key: secret.id }, { object: changed.object })
  const weaker = await ask.search({
    attributes: new Map<number, Buffer | boolean>([
      [CKA_LABEL, Buffer.from('secret')],
      [CKA_ENCRYPT, false],
    ]),
  })
  expect(weaker.objects.map(({ id }) => id)).toEqual([secret.id])
})

test('a blob that was altered, or is of another instance, is not stored; neither is a bare public key or a state', async () => {
  const { ask } = keystores
  const { id } = await ask.create()
  const { key } = await aesKey()
  const altered = Buffer.from(key)
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
  const { state } = await ep11('DigestInit', { mechanism: mechanism('CKM_SHA256') })
  for (const object of [altered, state, key.subarray(0, 100), Buffer.alloc(0)]) {
    await expect(ask.store(id, { object })).rejects.toBeInstanceOf(Refusal)
  }
  expect((await ask.byIds([id]))[0]?.objects).toBe(0)
})

test('an authenticated keystore takes the keys of a login, and another does not', async () => {
  const { ask } = keystores
  const { pinBlob } = await ep11('Login', { storeId: Buffer.from('store'), pin: Buffer.from('12345678') })
  const { key: bound } = await aesKey(pinBlob)
  const { key: free } = await aesKey()
  const [guarded, open] = [await ask.create({ authenticated: true }), await ask.create()]
  await ask.store(guarded.id, { object: bound })
  const pair = {
    mechanism: mechanism('CKM_EC_KEY_PAIR_GEN'),
    privateTemplate: new Map(),
    publicTemplate: new Map([[CKA_EC_PARAMS, Buffer.from('06082a8648ce3d030107', 'hex')]]),
  }
  const { publicKey: boundPublic } = await ep11('GenerateKeyPair', pair, pinBlob)
  const { publicKey: freePublic } = await ep11('GenerateKeyPair', pair)
  for (const object of [boundPublic, freePublic]) await ask.store(guarded.id, { object })
  for (const wrong of [
    ask.store(guarded.id, { object: free }),
    ask.store(open.id, { object: bound }),
    ask.store(open.id, { object: boundPublic }),
  ]) {
    await expect(wrong).rejects.toMatchObject({ code: 'KEYSTORE_SESSION' })
  }
})

test('an object comes back from the unit under the master key in force with the same length', async () => {
  const { key } = await aesKey()
  const { object } = await ep11('ReencryptObject', { object: key })
  expect([object.length, object.equals(key)]).toEqual([key.length, false])
  await ep11('DescribeObject', { object })
})
