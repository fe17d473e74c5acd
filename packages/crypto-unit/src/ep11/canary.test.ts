/** The canary of EP11: whatever is asked, no answer, no fact and no refusal holds key material, and the search would find it. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { FrameBatch } from '../frames.ts'
import { operations } from '../protocol.ts'
import { putCall } from './call-codec.ts'
import { calls, type CallName, type CallRequest, type MechanismUse, type Template } from './calls.ts'
import { mechanisms } from './mechanisms.ts'
import { attributeTypes } from './attributes.ts'
import { Ep11Unit, none, template, use } from './testing/ep11-unit.ts'

const unit = new Ep11Unit()
const iv = randomBytes(16)
const cbc = use('CKM_AES_CBC_PAD', iv)
/** The values that the unit holds and nobody else may learn. */
const secrets: Buffer[] = []
const objects: Buffer[] = []
const states: Buffer[] = []
const pin = Buffer.from('a-pin-that-nobody-else-knows')

/** Any 8 bytes of it in a row, as they are or written as text. */
function holds(answer: Buffer, secret: Buffer): boolean {
  const text = answer.toString('latin1').toLowerCase()
  for (let from = 0; from + 8 <= secret.length; from++) {
    const piece = secret.subarray(from, from + 8)
    if (answer.includes(piece) || text.includes(piece.toString('hex'))) return true
    if (from % 3 === 0 && answer.includes(piece.subarray(0, 6).toString('base64'))) return true
  }
  return false
}

beforeAll(async () => {
  const importer = await unit.aes({ CKA_UNWRAP: true })
  const bring = async (value: Buffer, secret: Buffer, attributes: Template): Promise<void> => {
    const { ciphered } = await unit.call('EncryptSingle', { mechanism: cbc, key: importer, plain: value })
    const asked = { mechanism: cbc, wrapped: ciphered, kek: importer, macKey: none, template: attributes }
    objects.push((await unit.call('UnwrapKey', asked)).key)
    secrets.push(secret)
  }
  const all = { CKA_ENCRYPT: true, CKA_DECRYPT: true, CKA_SIGN: true, CKA_VERIFY: true, CKA_DERIVE: true }
  const wraps = { CKA_WRAP: true, CKA_UNWRAP: true, CKA_IBM_USE_AS_DATA: true, CKA_MODIFIABLE: true }
  for (const type of [0x1fn, 0x10n]) {
    const value = randomBytes(32)
    await bring(value, value, template({ ...all, ...wraps, CKA_KEY_TYPE: type }))
  }
  for (const [type, made] of [
    [0n, generateKeyPairSync('rsa', { modulusLength: 1024 })],
    [3n, generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ] as const) {
    const { d } = made.privateKey.export({ format: 'jwk' })
    const info = made.privateKey.export({ format: 'der', type: 'pkcs8' })
    await bring(info, Buffer.from(d ?? '', 'base64url'), template({ ...all, CKA_KEY_TYPE: type, CKA_CLASS: 3n }))
  }
  const [aes = none, generic = none] = objects
  states.push((await unit.call('EncryptInit', { mechanism: cbc, key: aes })).state)
  states.push((await unit.call('SignInit', { mechanism: use('CKM_SHA256_HMAC'), key: generic })).state)
  const pair = await unit.rsa({ CKA_WRAP: true })
  objects.push(pair.publicKey)
})

/** The bytes that leave the unit. */
async function answerTo(name: CallName, request: object): Promise<Buffer> {
  const frame = new FrameBatch()
  putCall(frame, { instance: unit.instance, session: undefined }, name, request as CallRequest<CallName>)
  const answer = await unit.unit.sendPatiently(operations.EP11, Buffer.from(frame.take()))
  return answer.fields.bytesAll
}

test('whatever is asked with these keys, answered or refused', async () => {
  const object = fc.nat(objects.length).map((index) => objects[index] ?? none)
  const state = fc.nat(states.length).map((index) => states[index] ?? none)
  const data = fc.uint8Array({ maxLength: 64 }).map((value) => Buffer.from(value))
  const value = fc.constantFrom(...Object.values(mechanisms).map((mechanism) => mechanism.value))
  const parameter: fc.Arbitrary<MechanismUse['parameter']> = fc.oneof(
    fc.constant({ kind: 'none' } as const),
    fc.constantFrom(8, 16).map((length) => ({ kind: 'bytes' as const, bytes: iv.subarray(0, length) })),
  )
  const types = Object.values(attributeTypes)
  const attributes = fc.constantFrom(
    template({ CKA_KEY_TYPE: 0x10n, CKA_VALUE_LEN: 16n }),
    template({ CKA_KEY_TYPE: 0x1fn, CKA_VALUE_LEN: 16n, CKA_EXTRACTABLE: true }),
    template({ CKA_SIGN: true, CKA_VALUE_LEN: 32n }),
  )
  const fields = {
    bytes: fc.oneof(object, state, data),
    u32: fc.constantFrom(...types),
    u32s: fc.array(fc.constantFrom(...types), { maxLength: 5 }),
    mechanism: fc.record({ value, parameter }),
    template: attributes,
  }
  // Keys that are generated take their time, and nothing goes in that could come out.
  const names = (Object.keys(calls) as CallName[]).filter((name) => !name.startsWith('Generate'))
  for (const name of names) {
    const shape = Object.entries(calls[name].request)
    const requests = fc.record(Object.fromEntries(shape.map(([field, type]) => [field, fields[type]])))
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const answer = await answerTo(name, request)
        for (const secret of secrets) expect(holds(answer, secret)).toBe(false)
      }),
      { numRuns: 60 },
    )
  }
})

test('no attribute of a key is its value, one by one', async () => {
  for (const object of objects) {
    for (const type of Object.values(attributeTypes)) {
      const answer = await answerTo('GetAttributeValue', { object, attributes: [type] })
      for (const secret of secrets) expect(holds(answer, secret)).toBe(false)
    }
  }
})

test('the PIN of a login goes nowhere', async () => {
  const answer = await answerTo('Login', { storeId: Buffer.from('store'), pin })
  expect(holds(answer, pin)).toBe(false)
  expect(holds(await answerTo('Login', { storeId: none, pin }), pin)).toBe(false)
  expect(
    holds(await answerTo('Login', { storeId: Buffer.from('store'), pin: Buffer.concat([pin, pin, pin]) }), pin),
  ).toBe(false)
})

test('the search finds a key where one does leave: encrypted under a key, and decrypted with it again', async () => {
  const value = randomBytes(32)
  const key = await unit.aes({ CKA_WRAP: true })
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: cbc, key, plain: value })
  expect(holds(await answerTo('DecryptSingle', { mechanism: cbc, key, ciphered }), value)).toBe(true)
})
