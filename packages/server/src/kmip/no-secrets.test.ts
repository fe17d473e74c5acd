/** Canaries: nothing that clients keep secret is in an event, a line of the log, an error, the store, or an answer to others. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { createAudit } from '../audit.ts'
import { createEventStamp } from '../event-stamp.ts'
import { ConditionFailed } from '../record/group-writer.ts'
import { activePair, gotHalf, halfPayload, parametersOf } from './testing/key-pairs.ts'
import { type Client, type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesTemplate, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { bytesAt } from './testing/payloads.ts'
import { write, type WrittenItem } from './testing/written-messages.ts'
import { enumerations } from './ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

const windowBytes = 8

interface Canary {
  readonly what: string
  readonly secret: Buffer
  /** Attributes stand in the store as the client gave them; what only a key opens does not. */
  readonly isStored?: true
}

let house: KmipHouse
let planted: Canary[]
/** Answers that failed, and all answers to others. */
let told: Buffer[]
beforeEach(async () => {
  house = await openKmipHouse()
  planted = []
  told = []
})

function plant(what: string, secret: Buffer, isStored?: true): Buffer {
  planted.push({ what, secret: Buffer.from(secret), ...(isStored === undefined ? {} : { isStored }) })
  return secret
}
const word = (what: string, isStored?: true): string =>
  plant(what, Buffer.from(randomBytes(24).toString('base64url')), isStored).toString()

/** What of the planted is in some bytes: any piece of eight, as it is or in hexadecimal. */
function found(where: string, content: Uint8Array, canaries = planted): string[] {
  const plain = Buffer.from(content).toString('latin1')
  const lower = plain.toLowerCase()
  return canaries.flatMap(({ what, secret }) => {
    for (let at = 0; at + windowBytes <= secret.length; at++) {
      const piece = secret.subarray(at, at + windowBytes)
      if (plain.includes(piece.toString('latin1')) || lower.includes(piece.toString('hex')))
        return [`${what} in ${where}`]
    }
    return []
  })
}

async function send(client: Client, items: readonly WrittenItem[], header: readonly Item[] = []): Promise<Buffer> {
  const { bytes: answer } = await client.raw(write({ items, header }))
  return answer ?? Buffer.alloc(0)
}

function registration(
  type: 2 | 7 | 8,
  material: Buffer,
  more: readonly Item[] = [],
  mask = type === 2 ? 12 : 0,
): Item[] {
  const isKey = type === 2
  const attributes = [
    attribute('Cryptographic Usage Mask', integer(0, mask)),
    attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n }),
  ]
  const template = structure(tags.TemplateAttribute, [...(type === 8 ? [] : attributes), ...more])
  const value = structure(tags.KeyValue, [bytes(tags.KeyMaterial, material)])
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, isKey ? 1 : 2),
    value,
    ...(isKey ? [enumeration(tags.CryptographicAlgorithm, 3), integer(tags.CryptographicLength, 256)] : []),
  ])
  const object = {
    2: () => structure(tags.SymmetricKey, [block]),
    7: () => structure(tags.SecretData, [enumeration(tags.SecretDataType, 1), block]),
    8: () =>
      structure(tags.OpaqueObject, [
        enumeration(tags.OpaqueDataType, 0x8000_0001),
        bytes(tags.OpaqueDataValue, material),
      ]),
  }[type]
  return [enumeration(tags.ObjectType, type), template, object()]
}

function credential(): Item {
  return structure(tags.Authentication, [
    structure(tags.Credential, [
      enumeration(tags.CredentialType, 1),
      structure(tags.CredentialValue, [
        text(tags.Username, 'user'),
        text(tags.Password, word('a password of a credential')),
      ]),
    ]),
  ])
}

const ecb = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 2)])

/** All that a client does with objects of every type, with secrets in every place that takes one. */
async function live(client: Client): Promise<string[]> {
  const ids: string[] = []
  for (const type of [2, 7, 8] as const) {
    const custom = attribute('x-note', text(0, word('a custom attribute', true)))
    const payload = registration(type, plant(`material of type ${type}`, randomBytes(32)), [custom])
    ids.push(uidOf(await client.ask('Register', payload, { header: [credential()] })))
  }
  const [key = ''] = ids
  const data = bytes(tags.Data, plant('data to encrypt', randomBytes(32)))
  await client.ask('Encrypt', [uid(key), ecb, data])
  for (const id of ids) {
    await client.ask('Get', [uid(id)], { header: [credential()] })
    await client.ask('GetAttributes', [uid(id)])
    const added = attribute('x-more', bytes(0, plant('a custom attribute of bytes', randomBytes(32), true)))
    await client.ask('AddAttribute', [uid(id), added])
  }
  const note = attribute('x-note', text(0, word('a custom attribute that was sought', true)))
  await client.ask('Locate', [note])
  return ids
}

/** The numbers of a private key that nobody else may know, in one row. */
function numbersOf(key: KeyObject): Buffer {
  const { d = '', p = '', q = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([d, p, q].map((number) => Buffer.from(number, 'base64url')))
}

/** Pairs that were made here and brought, used in each way, and a key that is derived: the private keys among all identifiers. */
async function pairs(client: Client): Promise<string[]> {
  const made = await activePair(client, { algorithm: 'RSA', length: 2_048, privateMask: 9, publicMask: 6 })
  plant('a private key made here', numbersOf(await gotHalf(client, made.privateKey, 'PKCS_8')))
  const ids = [made.privateKey]
  for (const [key, format] of [
    [generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey, 'PKCS_8'],
    [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'PKCS_8'],
  ] as const) {
    plant('a private key that was brought', numbersOf(key))
    const payload = halfPayload('PrivateKey', key.export({ format: 'der', type: 'pkcs8' }), { format }, 9)
    ids.push(uidOf(await client.ask('Register', payload)))
  }
  const signed = plant('data to sign', randomBytes(32))
  const signing = [parametersOf({ signature: 'SHA_256WithRSAEncryption' }), bytes(tags.Data, signed)]
  await client.ask('Sign', [uid(made.privateKey), ...signing])
  const padding = parametersOf({ padding: 'OAEP', hash: 'SHA_256' })
  await client.ask('Encrypt', [
    uid(made.publicKey),
    padding,
    bytes(tags.Data, plant('data for a key', randomBytes(32))),
  ])
  const block = bytes(tags.Data, plant('data that do not decrypt with a private key', randomBytes(256)))
  told.push(await send(client, [{ operation: 'Decrypt', payload: [uid(made.privateKey), padding, block] }]))
  told.push(await send(client, [{ operation: 'Sign', payload: [uid(ids[2] ?? ''), ...signing] }]))
  await derivations(client)
  return ids
}

async function derivations(client: Client): Promise<void> {
  const base = uidOf(
    await client.ask('Register', registration(7, plant('a password to derive from', randomBytes(32)), [], 0x200)),
  )
  const salt = bytes(tags.Salt, plant('a salt', randomBytes(16)))
  for (const count of [2, 0]) {
    const derivation = structure(tags.DerivationParameters, [
      parametersOf({ hash: 'SHA_256' }),
      bytes(tags.DerivationData, plant('derivation data', randomBytes(16))),
      salt,
      integer(tags.IterationCount, count),
    ])
    const method = enumeration(tags.DerivationMethod, 1)
    const payload = [enumeration(tags.ObjectType, 2), uid(base), method, derivation, aesTemplate()]
    const answer = await send(client, [{ operation: 'DeriveKey', payload }])
    if (count === 0) told.push(answer)
  }
  const located = await client.ask('Locate')
  const got = await client.ask('Get', [uid(uidOf(located))])
  plant('a derived key', bytesAt(got, tags.KeyMaterial))
}

function revocation(): Item {
  return structure(tags.RevocationReason, [
    enumeration(tags.RevocationReasonCode, 2),
    text(tags.RevocationMessage, word('a revocation message', true)),
  ])
}

async function stranger(ids: readonly string[]): Promise<void> {
  const other = await house.stranger()
  for (const id of ids) {
    for (const operation of ['Get', 'GetAttributes', 'Destroy'] as const) {
      told.push(await send(other, [{ operation, payload: [uid(id)] }]))
    }
  }
  told.push(await send(other, [{ operation: 'Locate' }, { operation: 'Query' }]))
}

/** Whatever can go wrong with a request that holds secrets. */
async function failures(client: Client, ids: readonly string[]): Promise<void> {
  const [key = ''] = ids
  const data = bytes(tags.Data, plant('data that do not decrypt', randomBytes(40)))
  const register = registration(2, plant('material that is not kept', randomBytes(32)))
  const requests: WrittenItem[] = [
    { operation: 'Register', payload: register },
    { operation: 'Register', payload: [...register, text(tags.NameValue, word('a field too many'))] },
    { operation: 'Register', payload: registration(2, plant('material of a wrong length', randomBytes(31))) },
    { operation: 'Decrypt', payload: [uid(key), ecb, data] },
    { operation: 'Get', payload: [text(tags.UniqueIdentifier, word('an identifier that is none'))] },
    { operation: 'Get', payload: [uid(key)] },
    { operation: 'GetAttributes', payload: [uid(key)] },
    {
      operation: 'Create',
      payload: [enumeration(tags.ObjectType, 2), structure(tags.TemplateAttribute, [nameAttribute('')])],
    },
  ]
  for (const fault of ['BROKEN_BLOB', 'TAMPERED', 'INVALID', 'KIND', 'UNAVAILABLE', 'NOT_READY', 'TIMEOUT'] as const) {
    house.unit.fault = fault
    for (const item of requests.slice(0, 6)) told.push(await send(client, [item], [credential()]))
  }
  house.unit.fault = undefined
  for (const item of requests.slice(1, 5)) told.push(await send(client, [item], [credential()]))
  const whole = write({ items: requests, header: [credential()] })
  for (const broken of [whole.subarray(0, -16), Buffer.concat([whole, Buffer.alloc(8)])]) {
    told.push((await client.raw(Buffer.from(broken))).bytes ?? Buffer.alloc(0))
  }
}

/** Every value in every table. */
function stored(): Buffer {
  const tables = house.store.all<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
  const values = tables.flatMap(({ name }) =>
    house.store.all<Record<string, unknown>>(`SELECT * FROM "${name}"`).flatMap((row) => Object.values(row)),
  )
  return Buffer.concat(
    values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)))),
  )
}

/** Every place where something planted was found that must not be there. */
function leaks(): string[] {
  const hidden = planted.filter(({ isStored }) => isStored !== true)
  return [
    ...house.events().flatMap((event) => found(event.action, Buffer.from(JSON.stringify(event)))),
    ...house.logged.flatMap((line) => found('the log', Buffer.from(line))),
    ...told.flatMap((answer) => found('an answer', answer)),
    ...found('the store', stored(), hidden),
  ]
}

test('the canaries would be found: a client that may read gets them, and attributes stand in the store', async () => {
  const [key = ''] = await live(house.client)
  const got = await send(house.client, [{ operation: 'Get', payload: [uid(key)] }])
  expect(found('its answer', got)).toEqual(['material of type 2 in its answer'])
  expect(found('the store', stored())).toContain('a custom attribute in the store')
  expect(house.events().length).toBeGreaterThan(10)
})

test('whatever clients do with their objects, nothing of it is told to anybody else', async () => {
  const ids = await live(house.client)
  await stranger(ids)
  await failures(house.client, ids)
  for (const id of ids) {
    await house.client.send([{ operation: 'Revoke', payload: [uid(id), revocation()] }])
    told.push(await send(house.client, [{ operation: 'Revoke', payload: [uid(id), revocation()] }]))
    await house.client.send([{ operation: 'Destroy', payload: [uid(id)] }])
  }
  expect(leaks()).toEqual([])
})

test('whatever clients do with private keys and what they derive, nothing of them is told to anybody else', async () => {
  const ids = await pairs(house.client)
  await stranger(ids)
  for (const fault of ['BROKEN_BLOB', 'TAMPERED', 'INVALID', 'BUSY', 'UNAVAILABLE'] as const) {
    house.unit.fault = fault
    for (const id of ids) told.push(await send(house.client, [{ operation: 'Get', payload: [uid(id)] }]))
  }
  house.unit.fault = undefined
  const der = plant('a private key that is none', randomBytes(300))
  const payload = halfPayload('PrivateKey', der, { format: 'PKCS_8' }, 1)
  told.push(await send(house.client, [{ operation: 'Register', payload }]))
  expect(planted.length).toBeGreaterThan(8)
  expect(leaks()).toEqual([])
})

test('an answer that is not sent is overwritten, and so is what it was made from', async () => {
  const ids = await live(house.client)
  const [key = ''] = ids
  const opened: Uint8Array[] = []
  const { unwrap } = house.unit
  house.unit.unwrap = async (...call) => {
    const material = await unwrap(...call)
    opened.push(material)
    return material
  }
  const committer = { submit: () => Promise.reject(new ConditionFailed()) }
  const clock = { now: () => house.time, monotonic: () => 0 }
  const log = pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) })
  const audit = createAudit({ committer, clock, stamp: createEventStamp('Keywitness'), log })
  const through = house.through(audit)
  told.push(await send(through, [{ operation: 'Get', payload: [uid(key)] }]))
  const [, brought = ''] = await pairs(house.client)
  const transparent = enumeration(tags.KeyFormatType, enumerations.KeyFormatType.TransparentRSAPrivateKey)
  told.push(await send(through, [{ operation: 'Get', payload: [uid(brought), transparent] }]))
  await send(house.client, [{ operation: 'Get', payload: [uid(key)] }])
  const header = [enumeration(tags.BatchErrorContinuationOption, 3)]
  told.push(await send(house.client, [{ operation: 'Get', payload: [uid(key)] }, { operation: 'Activate' }], header))
  told.push(
    await send(house.client, [{ operation: 'Get', payload: [uid(key)] }], [integer(tags.MaximumResponseSize, 9)]),
  )
  expect(opened.length).toBeGreaterThan(5)
  expect(opened.map((material) => material.some((byte) => byte !== 0))).toEqual(opened.map(() => false))
  expect(leaks()).toEqual([])
})
