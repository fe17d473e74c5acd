/** Sealed keys through the real process, and the crypto unit of the tests beside it: both answer and refuse alike. */
import { createHash } from 'node:crypto'
import { mechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryUnit } from '../keys/testing/memory-unit.ts'
import { unitHouse, type UnitHouse } from './testing/unit-house.ts'
import type { BlobName, KeyUse, SealedKey, StoredBlob, UnitClient } from './unit-client.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const name: BlobName = { instance, kind: 'root-key', id: 'key-1' }
const aad = new TextEncoder().encode('instance/adapter/object')
const text = new TextEncoder().encode('sixteen bytes ok')
let house: UnitHouse
const roots = new Map<UnitClient, StoredBlob>()

beforeAll(async () => {
  house = unitHouse()
  await house.units.start()
  await house.units.runCeremony(instance, house.circumstances(instance))
  for (const client of [house.units.client, memoryUnit()]) {
    roots.set(client, { ...name, blob: await client.generate(name, 32) })
  }
})
afterAll(() => house.close())

const hexOf = (value: Uint8Array): string => Buffer.from(value).toString('hex')

/** Runs with the real process and with the one of the tests. */
async function both(run: (client: UnitClient, root: StoredBlob) => Promise<void>): Promise<void> {
  expect(roots.size).toBe(2)
  for (const [client, root] of roots) await run(client, root)
}

async function given(client: UnitClient, root: StoredBlob, material: string): Promise<SealedKey> {
  return { root, sealed: await client.wrap(root, Buffer.from(material, 'hex'), aad), aad }
}

test('a fresh key has the size, form and digest that are said', () =>
  both(async (client, root) => {
    const { sha256, ...sealed } = await client.sealFresh(root, 24, aad, 'des')
    const material = await client.unwrap(root, sealed, aad)
    expect([material.length, sealed.iv.length, sealed.ciphertext.length]).toEqual([24, 12, 40])
    expect(hexOf(sha256)).toBe(createHash('sha256').update(material).digest('hex'))
    expect([...material].every((byte) => byte.toString(2).replaceAll('0', '').length % 2 === 1)).toBe(true)
    const other = await client.sealFresh(root, 24, aad)
    expect(other.sha256).not.toEqual(sha256)
  }))

test('a fresh key encrypts and decrypts, with what was drawn for it', () =>
  both(async (client, root) => {
    const sealed = await client.sealFresh(root, 32, aad)
    const key = { root, sealed, aad }
    for (const { padding, ...way } of [
      { algorithm: 'AES', mode: 'CBC', padding: 'PKCS5', lengths: [16, undefined] },
      { algorithm: 'AES', mode: 'GCM', padding: 'None', lengths: [12, 16] },
      { algorithm: 'ChaCha20Poly1305', mode: 'AEAD', padding: 'None', lengths: [12, 16] },
      { algorithm: 'AES', mode: 'NISTKeyWrap', padding: 'None', lengths: [undefined, undefined] },
    ] as const) {
      const use = { algorithm: way.algorithm, mode: way.mode, padding }
      const made = await client.apply(key, { what: 'encrypt', ...use, data: text })
      expect([made.iv?.length, made.tag?.length]).toEqual(way.lengths)
      const back = await client.apply(key, { what: 'decrypt', ...use, ...made })
      expect(hexOf(back.data)).toBe(hexOf(text))
    }
  }))

test('a known key gives the published result (SP 800-38A, F.2.1; RFC 4231, case 1)', () =>
  both(async (client, root) => {
    const aes = await given(client, root, '2b7e151628aed2a6abf7158809cf4f3c')
    const encrypted = await client.apply(aes, {
      what: 'encrypt',
      algorithm: 'AES',
      mode: 'CBC',
      padding: 'None',
      iv: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
      data: Buffer.from('6bc1bee22e409f96e93d7e117393172a', 'hex'),
    })
    expect(hexOf(encrypted.data)).toBe('7649abac8119b246cee98e9b12e9197d')
    expect(encrypted.iv).toBeUndefined()
    const hmac = await given(client, root, '0b'.repeat(20))
    const data = new TextEncoder().encode('Hi There')
    const { data: mac } = await client.apply(hmac, { what: 'mac', hash: 'SHA-256', data })
    expect(hexOf(mac)).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7')
    expect(await client.apply(hmac, { what: 'mac-verify', hash: 'SHA-256', data, mac })).toEqual({ ok: true })
    expect(await client.apply(hmac, { what: 'mac-verify', hash: 'SHA-384', data, mac })).toEqual({ ok: false })
  }))

test('a pair has its private key sealed, which signs what its public key verifies', () =>
  both(async (client, root) => {
    for (const [kind, encoding, mechanism] of [
      [{ type: 'ec', curve: 'P-384' }, 'sec1', mechanisms.CKM_ECDSA_SHA384],
      [{ type: 'rsa', modulusBits: 2_048 }, 'pkcs1-private', mechanisms.CKM_SHA256_RSA_PKCS],
    ] as const) {
      const { sha256, publicKey, ...sealed } = await client.sealPair(root, kind, encoding, aad)
      const key = { root, sealed, aad }
      const use = { mechanism: { value: mechanism.value, parameter: { kind: 'none' } }, data: text } as const
      const { data: signature } = await client.apply(key, { what: 'sign', encoding, ...use })
      const half = { root, sealed: await client.wrap(root, publicKey, aad), aad }
      const verifying = { what: 'signature-verify', encoding: 'spki', ...use } as const
      expect(await client.apply(half, { ...verifying, signature })).toEqual({ ok: true })
      expect(await client.apply(half, { ...verifying, signature: text })).toEqual({ ok: false })
      const material = await client.unwrap(root, sealed, aad)
      expect(hexOf(sha256)).toBe(createHash('sha256').update(material).digest('hex'))
    }
  }))

test('a derived key opens under its own name, and is the one that its base gives', () =>
  both(async (client, root) => {
    const base = await given(client, root, '0b'.repeat(20))
    const to = { root, aad: text }
    const data = new TextEncoder().encode('Hi There')
    const { sha256, ...sealed } = await client.derive(base, { method: 'HMAC', hash: 'SHA-256', data }, to, 24, 'des')
    const material = await client.unwrap(root, sealed, text)
    expect(hexOf(sha256)).toBe(createHash('sha256').update(material).digest('hex'))
    expect([...material].every((byte) => byte.toString(2).replaceAll('0', '').length % 2 === 1)).toBe(true)
    const password = { method: 'PBKDF2', hash: 'SHA-1', salt: text, iterations: 1_000 } as const
    const slow = await client.derive(base, password, to, 40)
    expect((await client.unwrap(root, slow, text)).length).toBe(40)
  }))

test('a root key that was replaced moves its sealed keys along', () =>
  both(async (client, root) => {
    const next = { ...name, id: 'key-2' }
    const to: StoredBlob = { ...next, blob: await client.generate(next, 32) }
    const { root: from, sealed } = await given(client, root, 'aa'.repeat(16))
    const moved = { root: to, sealed: await client.rewrap(from, to, sealed, aad), aad }
    const use: KeyUse = { what: 'mac', hash: 'SHA-512', data: text }
    expect(await client.apply(moved, use)).toEqual(await client.apply({ root, sealed, aad }, use))
  }))

test('each refusal has its name', () =>
  both(async (client, root) => {
    const key = await given(client, root, '2b7e151628aed2a6abf7158809cf4f3c')
    const altered = { ...key.sealed, ciphertext: Uint8Array.from(key.sealed.ciphertext, (byte) => byte ^ 1) }
    const gcm = { algorithm: 'AES', mode: 'GCM', padding: 'None', data: text } as const
    const cbc = { algorithm: 'AES', mode: 'CBC', padding: 'PKCS5', data: text, iv: new Uint8Array(16) } as const
    const refused: readonly (readonly [Promise<unknown>, string])[] = [
      [client.apply(key, { what: 'encrypt', ...gcm, iv: new Uint8Array(7) }), 'INVALID'],
      [client.apply(key, { what: 'encrypt', ...gcm, tagBytes: 8 }), 'INVALID'],
      [client.apply(key, { what: 'encrypt', ...cbc, padding: 'None', data: text.subarray(1) }), 'INVALID'],
      [client.apply(key, { what: 'encrypt', ...gcm, algorithm: 'ChaCha20Poly1305', mode: 'AEAD' }), 'INVALID'],
      [client.apply(key, { what: 'encrypt', ...gcm, algorithm: '3DES' }), 'INVALID'],
      [client.apply(key, { what: 'decrypt', ...gcm, iv: new Uint8Array(12) }), 'INVALID'],
      [client.apply(key, { what: 'decrypt', ...gcm, iv: new Uint8Array(12), tag: new Uint8Array(16) }), 'TAMPERED'],
      [client.apply(key, { what: 'decrypt', ...cbc }), 'TAMPERED'],
      [client.apply({ ...key, aad: text }, { what: 'mac', hash: 'SHA-256', data: text }), 'BROKEN_BLOB'],
      [client.apply({ ...key, sealed: altered }, { what: 'mac', hash: 'SHA-256', data: text }), 'BROKEN_BLOB'],
      [client.apply({ ...key, root: { ...root, id: 'key-9' } }, { what: 'decrypt', ...cbc }), 'BROKEN_BLOB'],
      [client.apply({ ...key, root: { ...root, kind: 'standard-key' } }, { what: 'decrypt', ...cbc }), 'KIND'],
      [client.sealFresh(root, 0, aad), 'LIMIT'],
      [client.sealFresh(root, 513, aad), 'LIMIT'],
      [client.sealFresh(root, -16, aad), 'LIMIT'],
      [client.sealFresh(root, 32, aad, 'des'), 'LIMIT'],
      [client.sealFresh({ ...root, id: 'key-9' }, 32, aad), 'BROKEN_BLOB'],
      [client.sealPair(root, { type: 'rsa', modulusBits: 2_047 }, 'pkcs8', aad), 'INVALID'],
      [client.sealPair(root, { type: 'ec', curve: 'P-192' }, 'pkcs1-private', aad), 'INVALID'],
      [client.sealPair({ ...root, id: 'key-9' }, { type: 'ec', curve: 'P-256' }, 'pkcs8', aad), 'BROKEN_BLOB'],
      [client.derive(key, { method: 'HASH', hash: 'SHA-1' }, { root, aad }, 21), 'INVALID'],
      [client.derive(key, { method: 'HASH', hash: 'SHA-1' }, { root, aad }, 0), 'LIMIT'],
      [client.derive({ ...key, aad: text }, { method: 'HASH', hash: 'SHA-1' }, { root, aad }, 16), 'BROKEN_BLOB'],
      [client.random(0), 'LIMIT'],
      [client.random(4_097), 'LIMIT'],
      [client.random(-1), 'LIMIT'],
    ]
    const codes = await Promise.all(refused.map(([call]) => call.then(String, (error: { code: string }) => error.code)))
    expect(codes).toEqual(refused.map(([, code]) => code))
  }))

test('what the pipe has no room for is refused before it is sent, and the largest passes', async () => {
  const { client } = house.units
  const root = roots.get(client) as StoredBlob
  const longAad = new Uint8Array(4_096)
  const sealed = await client.wrap(root, new Uint8Array(16_384).fill(1), longAad)
  const key = await given(client, root, '2b7e151628aed2a6abf7158809cf4f3c')
  const gcm = { algorithm: 'AES', mode: 'GCM', padding: 'None', data: text } as const
  const hash = 'SHA-256'
  const largest = new Uint8Array(65_536)
  const made = await client.apply(key, { what: 'encrypt', ...gcm, data: largest, additional: largest })
  const back = await client.apply(key, { what: 'decrypt', ...gcm, ...made, additional: largest })
  expect(Buffer.from(back.data).equals(largest)).toBe(true)
  const { data: mac } = await client.apply({ root, sealed, aad: longAad }, { what: 'mac', hash, data: largest })
  expect(mac.length).toBe(32)
  const padded = { algorithm: 'AES', mode: 'ECB', padding: 'PKCS5' } as const
  const { data } = await client.apply(key, { what: 'encrypt', ...padded, data: largest })
  expect((await client.apply(key, { what: 'decrypt', ...padded, data })).data.length).toBe(65_536)
  const tooLong = await client.wrap(root, largest, aad)
  const tooMuch = new Uint8Array(65_537)
  const none = { value: mechanisms.CKM_RSA_PKCS.value, parameter: { kind: 'none' } } as const
  const signing = { encoding: 'pkcs8', mechanism: none, data: text } as const
  const refused: readonly (readonly [Promise<unknown>, string])[] = [
    [client.sealFresh(root, 32, new Uint8Array(4_097)), 'LIMIT'],
    [client.sealFresh(root, 15.5, aad), 'LIMIT'],
    [client.apply({ ...key, aad: new Uint8Array(4_097) }, { what: 'mac', hash, data: text }), 'LIMIT'],
    [client.apply({ ...key, sealed: tooLong }, { what: 'mac', hash, data: text }), 'LIMIT'],
    [client.apply(key, { what: 'mac', hash, data: tooMuch }), 'LIMIT'],
    [client.sealPair(root, { type: 'ec', curve: 'P-256' }, 'pkcs8', new Uint8Array(4_097)), 'LIMIT'],
    [client.derive(key, { method: 'HASH', hash }, { root, aad: new Uint8Array(4_097) }, 16), 'LIMIT'],
    [client.apply(key, { what: 'sign', ...signing, data: tooMuch }), 'LIMIT'],
    [client.apply(key, { what: 'signature-verify', ...signing, signature: new Uint8Array(1_025) }), 'LIMIT'],
    [client.apply(key, { what: 'encrypt', ...gcm, data: tooMuch }), 'LIMIT'],
    [client.apply(key, { what: 'encrypt', ...gcm, additional: tooMuch }), 'LIMIT'],
    [client.apply(key, { what: 'decrypt', ...padded, data: new Uint8Array(65_553) }), 'LIMIT'],
    [client.apply(key, { what: 'encrypt', ...gcm, iv: new Uint8Array(256) }), 'INVALID'],
    [client.apply(key, { what: 'encrypt', ...gcm, iv: new Uint8Array() }), 'INVALID'],
    [client.apply(key, { what: 'encrypt', ...gcm, tagBytes: 0 }), 'INVALID'],
    [client.apply(key, { what: 'encrypt', ...gcm, tagBytes: 12.5 }), 'INVALID'],
    [client.apply(key, { what: 'encrypt', ...gcm, tagBytes: 272 }), 'INVALID'],
    [client.apply(key, { what: 'decrypt', ...gcm, iv: new Uint8Array(12), tag: new Uint8Array() }), 'INVALID'],
    [client.apply(key, { what: 'mac-verify', hash, data: text, mac: new Uint8Array(256) }), 'INVALID'],
    [client.apply({ ...key, sealed: { ...key.sealed, iv: text } }, { what: 'mac', hash, data: text }), 'BROKEN_BLOB'],
  ]
  const codes = await Promise.all(refused.map(([call]) => call.then(String, (error: { code: string }) => error.code)))
  expect(codes).toEqual(refused.map(([, code]) => code))
})

test('random numbers come as many as asked, and are others each time', () =>
  both(async (client) => {
    const [one, two, many] = await Promise.all([client.random(32), client.random(32), client.random(4_096)])
    expect([one.length, two.length, many.length]).toEqual([32, 32, 4_096])
    expect(hexOf(one)).not.toBe(hexOf(two))
  }))

test('many uses at once get each their own answer', async () => {
  const { client } = house.units
  const root = roots.get(client) as StoredBlob
  const keys = await Promise.all(Array.from({ length: 20 }, () => client.sealFresh(root, 32, aad)))
  const uses = Array.from({ length: 400 }, (_, index) => Uint8Array.of(index >> 8, index & 0xff))
  const way = { algorithm: 'AES', mode: 'CTR', padding: 'None' } as const
  const keyOf = (index: number): SealedKey => ({ root, sealed: keys[index % keys.length] as (typeof keys)[0], aad })
  const made = await Promise.all(uses.map((data, at) => client.apply(keyOf(at), { what: 'encrypt', ...way, data })))
  const back = await Promise.all(made.map((one, at) => client.apply(keyOf(at), { what: 'decrypt', ...way, ...one })))
  expect(back.map(({ data }) => hexOf(data))).toEqual(uses.map(hexOf))
})

test('the process logs nothing of a key, its use or its refusal', async () => {
  const { client } = house.units
  const root = roots.get(client) as StoredBlob
  const material = 'c0ffee'.repeat(8)
  const key = await given(client, root, material)
  const use: KeyUse = { what: 'decrypt', algorithm: '3DES', mode: 'ECB', padding: 'PKCS5', data: text }
  const error = await client.apply(key, use).then(
    () => undefined,
    (refusal: Error) => refusal,
  )
  expect(error).toMatchObject({ code: 'TAMPERED' })
  for (const said of [house.logged(), `${error?.stack ?? ''} ${JSON.stringify(error)}`]) {
    expect(said.toLowerCase()).not.toContain(material.slice(0, 16))
  }
})
