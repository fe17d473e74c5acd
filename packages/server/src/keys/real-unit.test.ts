/** The key operations on a real crypto unit: its own process, after the development ceremony. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { type Units, createUnits } from '../units/units.ts'
import { parseCiphertext } from './ciphertext.ts'
import { createKey } from './create.ts'
import { keyLimits } from './limits.ts'
import type { KeyParts } from './parts.ts'
import { readKey } from './read.ts'
import { rewrapKey } from './rewrap.ts'
import { rotateKey } from './rotate.ts'
import { isMaterialOf } from './same-material.ts'
import { type House, circumstancesOf, codeOf, openHouse } from './testing/house.ts'
import { createWish, material } from './testing/wishes.ts'
import { unwrapKey } from './unwrap.ts'
import { wrapKey } from './wrap.ts'

let folder: string
let house: House
let units: Units
let parts: KeyParts

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-keys-'))
  house = openHouse()
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
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
  await units.start()
  parts = { ...house.parts, unit: units.client }
})
afterAll(async () => {
  await units.stop()
  rmSync(folder, { recursive: true })
})

const aad = new Uint8Array(0)
const create = (wish: Parameters<typeof createWish>[0]) =>
  house.run(
    'hs-crypto.secrets.create',
    createKey(house.call(), () => createWish(wish), true, parts),
  )

test('before a master key is active no key can be made', async () => {
  const refusal = await house.refused(
    'hs-crypto.secrets.create',
    createKey(house.call(), () => createWish(), false, parts),
  )
  expect(codeOf(refusal)).toEqual(['UNIT_UNAVAILABLE', 503])
  await units.runCeremony(house.instance.guid, circumstancesOf(house.call()))
})

test.each([undefined, 16, 24, 32])(
  'a root key (of %s given bytes) wraps, rotates, unwraps and rewraps',
  async (size) => {
    const given = () => (size === undefined ? {} : { material: material(randomBytes(size)) })
    const { key } = await create(given())
    const plaintext = randomBytes(3_072)
    const wrap = wrapKey(house.call(), key.id, () => ({ plaintext, aad }), parts)
    const { ciphertext } = await house.run('hs-crypto.secrets.wrap', wrap)
    const rotate = rotateKey(house.call(), key.id, () => ({ material: given().material }), parts)
    const { newest } = await house.run('hs-crypto.secrets.rotate', rotate)
    const wish = () => ({ wrapping: parseCiphertext(ciphertext), aad })
    const opened = await house.run('hs-crypto.secrets.unwrap', unwrapKey(house.call(), key.id, wish, parts))
    expect(Buffer.from(opened.plaintext).equals(plaintext)).toBe(true)
    expect(opened.renewed?.version).toBe(newest)
    const moved = await house.run('hs-crypto.secrets.rewrap', rewrapKey(house.call(), key.id, wish, parts))
    const again = () => ({ wrapping: parseCiphertext(moved.ciphertext), aad })
    const last = await house.run('hs-crypto.secrets.unwrap', unwrapKey(house.call(), key.id, again, parts))
    expect(Buffer.from(last.plaintext).equals(plaintext)).toBe(true)
    const other = () => ({ wrapping: parseCiphertext(moved.ciphertext), aad: Buffer.from([0, 1, 97]) })
    const refusal = await house.refused('hs-crypto.secrets.unwrap', unwrapKey(house.call(), key.id, other, parts))
    expect(codeOf(refusal)).toEqual(['UNPROCESSABLE_CIPHERTEXT_ERR', 422])
  },
)

test('a standard key is read back as it was imported or made, up to the longest', async () => {
  const bytes = randomBytes(keyLimits.standardMaterialBytes)
  const { key } = await create({ extractable: true, material: material(bytes) })
  const read = await house.run('hs-crypto.secrets.read', readKey(house.call(), key.id, parts))
  expect(read.payload).toBe(bytes.toString('base64'))
  const made = await create({ extractable: true })
  const again = await house.run('hs-crypto.secrets.read', readKey(house.call(), made.key.id, parts))
  expect(again.payload).toBe(made.payload)
})

test.each([
  ['root', {}, 16],
  ['root', {}, 24],
  ['root', {}, 32],
  ['standard', { extractable: true }, 1_000],
] as const)('given material is told from another of a %s key', async (_, kind, size) => {
  const bytes = randomBytes(size)
  const { key } = await create({ ...kind, material: material(bytes) })
  for (const [given, isOwn] of [
    [bytes, true],
    [randomBytes(size), false],
    [bytes.subarray(1), false],
    [Buffer.alloc(0), false],
  ] as const) {
    const copy = Uint8Array.from(given)
    expect(await isMaterialOf(key, copy, parts)).toBe(isOwn)
    expect(copy.every((byte) => byte === 0)).toBe(true)
  }
})
