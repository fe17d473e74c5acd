/** Operations in parts: they give what one shot gives, each state is used once, and no state passes for another thing. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { controlPoints } from '../tke/attributes.ts'
import type { CallName, CallRequest } from './calls.ts'
import { Ep11Unit, none, use } from './testing/ep11-unit.ts'

const OTHER = '3b2c7d6e-0a51-4c7e-9a52-6b1f0d6a1f8a'
const unit = new Ep11Unit()
const data = Buffer.from(
  'Data that are longer than one block of any cipher and of most hashes that are known here.'.repeat(3),
)
const cbc = use('CKM_AES_CBC_PAD', Buffer.alloc(16, 3))
let aes = none
let rsa = { privateKey: none, publicKey: none }

beforeAll(async () => {
  aes = await unit.aes()
  rsa = await unit.rsa()
  unit.addInstance(OTHER)
})

async function encryptInit(): Promise<Buffer> {
  return (await unit.call('EncryptInit', { mechanism: cbc, key: aes })).state
}

test('encryption in parts gives what one shot gives, and decryption in parts gives the data', async () => {
  const whole = (await unit.call('EncryptSingle', { mechanism: cbc, key: aes, plain: data })).ciphered
  const pieces: Buffer[] = []
  let state = await encryptInit()
  for (let at = 0; at < data.length; at += 23) {
    const next = await unit.call('EncryptUpdate', { state, plain: data.subarray(at, at + 23) })
    state = next.state
    pieces.push(next.ciphered)
  }
  pieces.push((await unit.call('EncryptFinal', { state })).ciphered)
  expect(Buffer.concat(pieces)).toEqual(whole)
  state = (await unit.call('DecryptInit', { mechanism: cbc, key: aes })).state
  const first = await unit.call('DecryptUpdate', { state, ciphered: whole.subarray(0, 16) })
  const second = await unit.call('DecryptUpdate', { state: first.state, ciphered: whole.subarray(16) })
  const last = await unit.call('DecryptFinal', { state: second.state })
  expect(Buffer.concat([first.plain, second.plain, last.plain])).toEqual(data)
  expect(
    await unit.call('Decrypt', {
      state: (await unit.call('DecryptInit', { mechanism: cbc, key: aes })).state,
      ciphered: whole,
    }),
  ).toEqual({ plain: data })
})

test('digests in parts give what one shot gives', async () => {
  const mechanism = use('CKM_SHA256')
  let { state } = await unit.call('DigestInit', { mechanism })
  for (let at = 0; at < data.length; at += 50) {
    state = (await unit.call('DigestUpdate', { state, data: data.subarray(at, at + 50) })).state
  }
  const { digest } = await unit.call('DigestSingle', { mechanism, data })
  expect(await unit.call('DigestFinal', { state })).toEqual({ digest })
  state = (await unit.call('DigestInit', { mechanism })).state
  expect(await unit.call('Digest', { state, data })).toEqual({ digest })
  state = (await unit.call('DigestInit', { mechanism })).state
  const empty = await unit.call('DigestFinal', { state })
  expect(empty.digest.toString('hex')).toMatch(/^e3b0c442/)
})

test.each(['CKM_SHA256_HMAC', 'CKM_AES_CMAC', 'CKM_SHA256_RSA_PKCS'] as const)(
  '%s signs and verifies in parts',
  async (name) => {
    const mechanism = use(name)
    const isRsa = name === 'CKM_SHA256_RSA_PKCS'
    const [key, publicKey] = isRsa ? [rsa.privateKey, rsa.publicKey] : [aes, aes]
    const { signature } = await unit.call('SignSingle', { mechanism, key, data })
    let { state } = await unit.call('SignInit', { mechanism, key })
    for (let at = 0; at < data.length; at += 31) {
      state = (await unit.call('SignUpdate', { state, data: data.subarray(at, at + 31) })).state
    }
    expect(await unit.call('SignFinal', { state })).toEqual({ signature })
    state = (await unit.call('SignInit', { mechanism, key })).state
    expect(await unit.call('Sign', { state, data })).toEqual({ signature })
    const verifying = async (): Promise<Buffer> => (await unit.call('VerifyInit', { mechanism, key: publicKey })).state
    state = (await unit.call('VerifyUpdate', { state: await verifying(), data })).state
    const wrong = Buffer.from(signature)
    wrong.writeUInt8(wrong.readUInt8(5) ^ 1, 5)
    expect(await unit.refusal('VerifyFinal', { state, signature: wrong })).toBe('CKR_SIGNATURE_INVALID')
    expect(await unit.refusal('VerifyFinal', { state, signature: wrong.subarray(1) })).toBe('CKR_SIGNATURE_LEN_RANGE')
    expect(await unit.refusal('VerifyFinal', { state, signature })).toBe('CKR_OK')
    expect(await unit.refusal('Verify', { state: await verifying(), data, signature })).toBe('CKR_OK')
    expect(await unit.refusal('Verify', { state: await verifying(), data: none, signature })).toBe(
      'CKR_SIGNATURE_INVALID',
    )
  },
)

test('a state that was used is refused, whichever call used it; one whose call failed is not used', async () => {
  const inits = {
    Encrypt: await encryptInit(),
    EncryptUpdate: await encryptInit(),
    EncryptFinal: await encryptInit(),
  }
  const again: string[] = []
  for (const [name, state] of Object.entries(inits)) {
    await unit.call(name as 'Encrypt', { state, plain: data })
    for (const next of ['Encrypt', 'EncryptUpdate', 'EncryptFinal'] as const) {
      again.push((await unit.refusal(next as 'Encrypt', { state, plain: data })) ?? '')
    }
  }
  expect(new Set(again)).toEqual(new Set(['CKR_OPERATION_NOT_INITIALIZED']))
  const ecb = use('CKM_AES_ECB')
  const { state } = await unit.call('EncryptInit', { mechanism: ecb, key: aes })
  expect(await unit.refusal('Encrypt', { state, plain: data.subarray(0, 17) })).toBe('CKR_DATA_LEN_RANGE')
  expect(await unit.refusal('Encrypt', { state, plain: data.subarray(0, 16) })).toBe('CKR_OK')
  expect(await unit.refusal('Encrypt', { state, plain: data.subarray(0, 16) })).toBe('CKR_OPERATION_NOT_INITIALIZED')
})

test('the refusal of a state that was used tells whose operation it was', async () => {
  const begun = await unit.outcome('EncryptInit', { mechanism: cbc, key: aes })
  const state = 'answer' in begun ? begun.answer.state : none
  const { operationId } = begun.facts.response
  expect(operationId).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  await unit.call('Encrypt', { state, plain: data })
  const { facts } = await unit.outcome('Encrypt', { state, plain: data })
  expect(facts.request).toEqual({ operationId, mechanism: 'CKM_AES_CBC_PAD', dataLength: data.length })
  expect(facts.response).toEqual({})
})

test('one shot after the first part is refused, and what takes its data at once takes no part', async () => {
  const { state } = await unit.call('EncryptUpdate', { state: await encryptInit(), plain: data })
  expect(await unit.refusal('Encrypt', { state, plain: data })).toBe('CKR_OPERATION_ACTIVE')
  expect(await unit.refusal('EncryptFinal', { state })).toBe('CKR_OK')
  const mechanism = use('CKM_RSA_PKCS')
  const begun = await unit.call('SignInit', { mechanism, key: rsa.privateKey })
  expect(await unit.refusal('SignUpdate', { state: begun.state, data })).toBe('CKR_MECHANISM_INVALID')
  expect(await unit.refusal('SignFinal', { state: begun.state })).toBe('CKR_MECHANISM_INVALID')
  expect(await unit.refusal('Sign', { state: begun.state, data: data.subarray(0, 20) })).toBe('CKR_OK')
  const encrypting = await unit.call('EncryptInit', { mechanism, key: rsa.publicKey })
  expect(await unit.refusal('EncryptUpdate', { state: encrypting.state, plain: none })).toBe('CKR_MECHANISM_INVALID')
})

test('digests take no empty data, and no keys', async () => {
  const { state } = await unit.call('DigestInit', { mechanism: use('CKM_SHA512') })
  expect(await unit.refusal('Digest', { state, data: none })).toBe('CKR_ARGUMENTS_BAD')
  expect(await unit.refusal('DigestUpdate', { state, data: none })).toBe('CKR_ARGUMENTS_BAD')
  expect(await unit.refusal('DigestKey', { state, key: aes })).toBe('CKR_FUNCTION_NOT_SUPPORTED')
})

/** Every call that takes a state, by the family of its operation. */
const takers: readonly (readonly [family: string, name: CallName])[] = [
  ['digest', 'Digest'],
  ['digest', 'DigestUpdate'],
  ['digest', 'DigestFinal'],
  ['encrypt', 'Encrypt'],
  ['encrypt', 'EncryptUpdate'],
  ['encrypt', 'EncryptFinal'],
  ['decrypt', 'Decrypt'],
  ['decrypt', 'DecryptUpdate'],
  ['decrypt', 'DecryptFinal'],
  ['sign', 'Sign'],
  ['sign', 'SignUpdate'],
  ['sign', 'SignFinal'],
  ['verify', 'Verify'],
  ['verify', 'VerifyUpdate'],
  ['verify', 'VerifyFinal'],
]

function taking(state: Buffer): CallRequest<'Digest'> {
  return { state, data, plain: data, ciphered: data, signature: data } as CallRequest<'Digest'>
}

test('a state is taken by calls of its own family only', async () => {
  const hmac = use('CKM_SHA256_HMAC')
  const states = {
    digest: (await unit.call('DigestInit', { mechanism: use('CKM_SHA256') })).state,
    encrypt: await encryptInit(),
    decrypt: (await unit.call('DecryptInit', { mechanism: cbc, key: aes })).state,
    sign: (await unit.call('SignInit', { mechanism: hmac, key: aes })).state,
    verify: (await unit.call('VerifyInit', { mechanism: hmac, key: aes })).state,
  }
  for (const [family, state] of Object.entries(states)) {
    for (const [own, name] of takers) {
      if (own === family) continue
      const code = await unit.refusal(name as 'Digest', taking(state))
      expect([family, name, code]).toEqual([family, name, 'CKR_OPERATION_NOT_INITIALIZED'])
    }
  }
})

test('keys are no states, states are no keys, and neither are sessions', async () => {
  const state = await encryptInit()
  const { pinBlob } = await unit.call('Login', { storeId: Buffer.from('store'), pin: Buffer.from('123456') })
  for (const [, name] of takers) {
    for (const other of [aes, rsa.publicKey, pinBlob, none, Buffer.alloc(200)]) {
      expect(await unit.refusal(name as 'Digest', taking(other))).toBe('CKR_OPERATION_NOT_INITIALIZED')
    }
  }
  for (const other of [state, pinBlob]) {
    const code = await unit.refusal('EncryptSingle', { mechanism: cbc, key: other, plain: data })
    expect(code).toBe('CKR_IBM_BLOB_ERROR')
    // With the version of a blob it is none either: what is sealed for one purpose opens for no other.
    const disguised = Buffer.from(other)
    disguised.writeUInt16BE(0x1234, 64)
    expect(await unit.refusal('EncryptSingle', { mechanism: cbc, key: disguised, plain: data })).toBe(
      'CKR_IBM_BLOB_ERROR',
    )
  }
  const disguised = Buffer.from(aes)
  disguised.writeUInt16BE(0x1235, 64)
  expect(await unit.refusal('Encrypt', { state: disguised, plain: data })).toBe('CKR_IBM_BLOB_ERROR')
})

test('a state with any bit flipped is refused, and goes on as it was', async () => {
  const { state } = await unit.call('EncryptUpdate', { state: await encryptInit(), plain: data })
  for (let bit = 0; bit < state.length * 8; bit++) {
    const changed = Buffer.from(state)
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (0x80 >> (bit & 7)), bit >> 3)
    const isWkid = bit >= 32 * 8 && bit < 48 * 8
    const isVersion = bit >= 64 * 8 && bit < 66 * 8
    const expected = isWkid
      ? 'CKR_IBM_WKID_MISMATCH'
      : isVersion
        ? 'CKR_OPERATION_NOT_INITIALIZED'
        : 'CKR_IBM_BLOB_ERROR'
    expect([bit, await unit.refusal('EncryptFinal', { state: changed })]).toEqual([bit, expected])
  }
  expect(await unit.refusal('EncryptFinal', { state })).toBe('CKR_OK')
})

test('whatever is given as a state is refused as one that is none, never otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...takers), async (bytes, [, name]) => {
      const code = await unit.refusal(name as 'Digest', taking(Buffer.from(bytes)))
      expect(['CKR_OPERATION_NOT_INITIALIZED', 'CKR_IBM_WKID_MISMATCH', 'CKR_IBM_BLOB_ERROR']).toContain(code)
    }),
    { numRuns: 300 },
  )
})

test('a state of another instance is refused', async () => {
  const state = await encryptInit()
  const digesting = await unit.call('DigestInit', { mechanism: use('CKM_SHA256') })
  const { instance } = unit
  unit.instance = OTHER
  expect(await unit.refusal('Encrypt', { state, plain: data })).toBe('CKR_IBM_BLOB_ERROR')
  expect(await unit.refusal('DigestFinal', digesting)).toBe('CKR_IBM_BLOB_ERROR')
  unit.instance = instance
  expect(await unit.refusal('Encrypt', { state, plain: data })).toBe('CKR_OK')
})

test('operations go on in a process that was started anew, from the same states', async () => {
  const begun = await unit.call('EncryptUpdate', { state: await encryptInit(), plain: data.subarray(0, 40) })
  const second = unit.restarted()
  const next = await second.call('EncryptUpdate', { state: begun.state, plain: data.subarray(40) })
  const last = await second.call('EncryptFinal', { state: next.state })
  const whole = await second.call('EncryptSingle', { mechanism: cbc, key: aes, plain: data })
  expect(Buffer.concat([begun.ciphered, next.ciphered, last.ciphered])).toEqual(whole.ciphered)
  expect(await second.refusal('EncryptFinal', { state: next.state })).toBe('CKR_OPERATION_NOT_INITIALIZED')
  // What was used before a restart is not known to have been: used states are kept in memory (decision 0017).
  const third = second.restarted()
  expect(await third.refusal('EncryptFinal', { state: next.state })).toBe('CKR_OK')
})

test('an operation does not go on with a mechanism that was switched off, and goes on once it is on again', async () => {
  const { privateKey, publicKey } = await unit.ec('ed25519')
  const mechanism = use('CKM_IBM_ED25519_SHA512')
  const signing = await unit.call('SignInit', { mechanism, key: privateKey })
  const { signature } = await unit.call('SignSingle', { mechanism, key: privateKey, data })
  const verifying = await unit.call('VerifyInit', { mechanism, key: publicKey })
  unit.setControlPoints()
  const refused = await unit.outcome('Sign', { state: signing.state, data })
  expect(refused).toMatchObject({
    refusal: { code: 0x70 },
    facts: { request: { mechanism: 'CKM_IBM_ED25519_SHA512' } },
  })
  const asked = { state: verifying.state, data, signature }
  expect(await unit.refusal('Verify', asked)).toBe('CKR_MECHANISM_INVALID')
  unit.setControlPoints(...Object.values(controlPoints))
  expect(await unit.call('Sign', { state: signing.state, data })).toEqual({ signature })
  expect(await unit.refusal('Verify', asked)).toBe('CKR_OK')
})
