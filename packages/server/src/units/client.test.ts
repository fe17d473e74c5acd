/** The client through the real process: identity of wrap and unwrap, what each refusal is called, buffers zeroed. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unitHouse, type UnitHouse } from './testing/unit-house.ts'
import type { BlobName, StoredBlob, UnitClient } from './unit-client.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const rootKey: BlobName = { instance, kind: 'root-key', id: 'key-1' }
const standardKey: BlobName = { instance, kind: 'standard-key', id: 'key-2' }
const none = new Uint8Array()
let house: UnitHouse
let client: UnitClient
let stored: StoredBlob

beforeAll(async () => {
  house = unitHouse()
  client = house.units.client
  await house.units.start()
  await house.units.runCeremony(instance, house.circumstances(instance))
  stored = { ...rootKey, blob: await client.generate(rootKey, 32) }
})
afterAll(() => house.close())

test('any plaintext and additional data come back through the process', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 70_000, size: 'max' }),
      fc.uint8Array({ maxLength: 300 }),
      async (text, aad) => {
        fc.pre(text.length <= 65_536)
        const sealed = await client.wrap(stored, text, aad)
        expect(sealed.iv.length).toBe(12)
        expect(sealed.ciphertext.length).toBe(text.length + 16)
        expect(Buffer.from(await client.unwrap(stored, sealed, aad)).equals(text)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('without a plaintext 32 fresh bytes are made and given back', async () => {
  const [one, two] = await Promise.all([client.wrap(stored, undefined, none), client.wrap(stored, undefined, none)])
  expect(one.plaintext?.length).toBe(32)
  expect(one.plaintext).not.toEqual(two.plaintext)
  expect(await client.unwrap(stored, one, none)).toEqual(one.plaintext)
})

test('imported material is zeroed at the caller, and comes back for a standard key', async () => {
  const material = new Uint8Array([1, 2, 3, 4, 5])
  const blob = await client.importMaterial(standardKey, material)
  expect(material).toEqual(new Uint8Array(5))
  expect(await client.exportMaterial({ ...standardKey, blob })).toEqual(new Uint8Array([1, 2, 3, 4, 5]))
})

test('material that is refused is zeroed as well', async () => {
  const material = new Uint8Array(17).fill(9)
  await expect(client.importMaterial(rootKey, material)).rejects.toMatchObject({ code: 'LIMIT' })
  expect(material).toEqual(new Uint8Array(17))
})

test('rewrapped ciphertext opens under the new key only', async () => {
  const other = { ...rootKey, id: 'key-3' }
  const to = { ...other, blob: await client.generate(other, 16) }
  const sealed = await client.wrap(stored, new Uint8Array([7]), none)
  const moved = await client.rewrap(stored, to, sealed, none)
  expect(await client.unwrap(to, moved, none)).toEqual(new Uint8Array([7]))
  await expect(client.unwrap(stored, moved, none)).rejects.toMatchObject({ code: 'TAMPERED' })
})

test('each refusal has its name', async () => {
  const sealed = await client.wrap(stored, new Uint8Array(32), none)
  const refused: readonly (readonly [Promise<unknown>, string])[] = [
    [client.exportMaterial(stored), 'KIND'],
    [client.exportMaterial({ ...stored, kind: 'standard-key' }), 'BROKEN_BLOB'],
    [client.wrap({ ...stored, id: 'key-9' }, undefined, none), 'BROKEN_BLOB'],
    [client.wrap({ ...stored, instance: 'another' }, undefined, none), 'NOT_READY'],
    [client.wrap({ ...stored, blob: none }, undefined, none), 'BROKEN_BLOB'],
    [client.unwrap(stored, sealed, new Uint8Array([1])), 'TAMPERED'],
    [client.unwrap(stored, { ...sealed, iv: new Uint8Array(8) }, none), 'TAMPERED'],
    [client.unwrap(stored, { ...sealed, ciphertext: new Uint8Array(15) }, none), 'TAMPERED'],
    [client.unwrap(stored, { ...sealed, ciphertext: new Uint8Array(70_000) }, none), 'TAMPERED'],
    [client.wrap(stored, new Uint8Array(65_537), none), 'LIMIT'],
    [client.wrap(stored, none, new Uint8Array(131_073)), 'LIMIT'],
    [client.generate({ ...rootKey, id: 'x'.repeat(129) }, 32), 'LIMIT'],
    [client.generate(rootKey, 31), 'LIMIT'],
    [client.importMaterial(standardKey, new Uint8Array(16_385)), 'LIMIT'],
  ]
  const codes = await Promise.all(refused.map(([call]) => call.then(String, (error: { code: string }) => error.code)))
  expect(codes).toEqual(refused.map(([, code]) => code))
})

test('the largest plaintext with the largest additional data passes', async () => {
  const text = new Uint8Array(65_536).fill(3)
  const aad = new Uint8Array(131_072)
  const sealed = await client.wrap(stored, text, aad)
  expect(Buffer.from(await client.unwrap(stored, sealed, aad)).equals(text)).toBe(true)
})

test('calls in flight at once get each their own answer', async () => {
  const texts = Array.from({ length: 500 }, (_, index) => Uint8Array.of(index >> 8, index & 0xff))
  const sealed = await Promise.all(texts.map((text) => client.wrap(stored, text, none)))
  expect(await Promise.all(sealed.map((one) => client.unwrap(stored, one, none)))).toEqual(texts)
})
