/** Canaries: nothing that clients keep secret is in an event, a line of the log, an error, the store, or an answer to others. */
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { createAudit } from '../audit.ts'
import { createEventStamp } from '../event-stamp.ts'
import { ConditionFailed } from '../record/committer.ts'
import { type Client, type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { write, type WrittenItem } from './testing/written-messages.ts'
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

function registration(type: 2 | 7 | 8, material: Buffer, more: readonly Item[] = []): Item[] {
  const isKey = type === 2
  const attributes = [
    attribute('Cryptographic Usage Mask', integer(0, isKey ? 12 : 0)),
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
  told.push(await send(house.through(audit), [{ operation: 'Get', payload: [uid(key)] }]))
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
