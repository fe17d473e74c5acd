/** Opening encrypted material: vectors made by OpenSSL and Go, round trips, and everything that must not open. */
import { createPrivateKey, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { openHouse } from '../keys/testing/house.ts'
import { createSealer } from '../seal.ts'
import { secureImportOf, secureImports } from './secure-import.ts'
import { encryptMaterial, type Form, sealMaterial, type SealedMaterial } from './testing/sealed-material.ts'
import { type ImportToken, putImportToken, sealToken } from './token.ts'

interface Vectors {
  readonly privateKey: string
  readonly publicKey: string
  readonly nonce: string
  readonly cases: readonly (SealedMaterial & { madeWith: string; nonceCipher: string; material: string })[]
}
const vectorFile = join(import.meta.dirname, '../../../../vectors/secure-import/secure-import.json')
const vectors = JSON.parse(readFileSync(vectorFile, 'utf8')) as Vectors
/** As `GET /import_token` answers it. */
const told = { payload: Buffer.from(vectors.publicKey).toString('base64'), nonce: vectors.nonce }

/** An instance whose import token has the key pair and nonce of the vectors. */
function open(changes: Partial<ImportToken> = {}) {
  const house = openHouse()
  const sealer = createSealer(new Uint8Array(32).fill(7))
  const instance = house.instance.guid
  const privateKey = createPrivateKey(vectors.privateKey).export({ type: 'pkcs8', format: 'der' })
  const secrets = { privateKey, nonce: Buffer.from(vectors.nonce, 'base64') }
  const token: ImportToken = {
    instance,
    id: 'token',
    publicKey: vectors.publicKey,
    ...sealToken(instance, 'token', secrets, sealer),
    maxRetrievals: 1,
    remainingRetrievals: 0,
    createdAt: house.time,
    createdBy: 'somebody',
    expiresAt: house.time + 600_000,
    ...changes,
  }
  const put = putImportToken(token)
  house.store.run(put.sql, put.params)
  const imports = secureImports(house.store, sealer)
  const openMaterial = async (members: object, now = house.time) => {
    const fields = secureImportOf(members as Record<string, string>)
    if (fields === undefined) throw new Error('no secure import')
    return imports.openSecurePayload(instance, fields, now)
  }
  const refusal = async (members: object, now?: number): Promise<[string, string | undefined]> => {
    const error = await openMaterial(members, now).catch((refused: unknown) => refused)
    if (!(error instanceof Refusal)) throw new Error('it was not refused', { cause: error })
    return [error.code, error.at?.name]
  }
  return { house, sealer, token, openMaterial, refusal }
}

test.each(vectors.cases.map((one) => [one.nonceCipher, one.encryptionAlgorithm, one.madeWith, one] as const))(
  'material under %s and %s, made with %s, opens',
  async (_cipher, _algorithm, _with, { material, ...members }) => {
    const { openMaterial } = open()
    const { bytes } = await openMaterial(members)
    expect(Buffer.from(bytes).toString('base64')).toBe(material)
  },
)

test('when no algorithm is named, each form means its own: HPCS SHA-1, Key Protect SHA-256', async () => {
  const { openMaterial, refusal } = open()
  const unnamed = (cipher: string, algorithm: string) => {
    const found = vectors.cases.find((one) => one.nonceCipher === cipher && one.encryptionAlgorithm === algorithm)
    const { encryptionAlgorithm: _algorithm, ...others } = found as (typeof vectors.cases)[number]
    return others
  }
  const own = [unnamed('aes-256-cbc', 'RSAES_OAEP_SHA_1'), unnamed('aes-256-gcm', 'RSAES_OAEP_SHA_256')]
  for (const members of own) {
    expect(Buffer.from((await openMaterial(members)).bytes).toString('base64')).toBe(members.material)
  }
  expect(await refusal(unnamed('aes-256-cbc', 'RSAES_OAEP_SHA_256'))).toEqual(['INVALID_FIELD_ERR', 'payload'])
})

const forms: readonly Form[] = ['hpcs', 'key-protect']

test.each(forms)('%s: every size of material makes the way, and no other does', async (form) => {
  const { openMaterial, refusal } = open()
  for (const size of [16, 24, 32]) {
    const material = randomBytes(size)
    expect((await openMaterial(sealMaterial(form, told, material))).bytes).toEqual(new Uint8Array(material))
  }
  const right = sealMaterial(form, told, randomBytes(32))
  const wrongSize = sealMaterial(form, told, randomBytes(16))
  expect((await refusal({ ...right, payload: wrongSize.payload }))[0]).toMatch(/^INCORRECT_NONCE/)
})

test.each(forms)('%s: another nonce, a changed one, another iv, and halves are told apart', async (form) => {
  const { refusal } = open()
  const material = randomBytes(32)
  const right = sealMaterial(form, told, material)
  const otherNonce = sealMaterial(form, { ...told, nonce: randomBytes(12).toString('base64') }, material)
  expect(await refusal(otherNonce)).toEqual(['INCORRECT_NONCE_ERR', 'encryptedNonce'])
  // The last byte of the vector turns the padding (CBC) or the tag (GCM) around.
  const iv = Buffer.from(right.iv, 'base64')
  iv[iv.length - 1] = (iv.at(-1) ?? 0) ^ 0xff
  expect(await refusal({ ...right, iv: iv.toString('base64') })).toEqual(['INCORRECT_NONCE_IV_ERR', 'iv'])
  for (const size of [0, 8, 13, 15, 17]) {
    expect((await refusal({ ...right, iv: randomBytes(size).toString('base64') || '!' }))[0]).toBe(
      'INCORRECT_NONCE_IV_ERR',
    )
  }
  expect(await refusal({ ...right, iv: undefined })).toEqual(['INCORRECT_NONCE_IV_ERR', 'iv'])
  expect(await refusal({ ...right, encryptedNonce: null })).toEqual(['INCORRECT_NONCE_IV_ERR', 'encryptedNonce'])
  expect(await refusal({ payload: right.payload, encryptionAlgorithm: right.encryptionAlgorithm })).toEqual([
    'INCORRECT_NONCE_IV_ERR',
    'encryptedNonce',
  ])
  expect(await refusal({ ...right, encryptedNonce: randomBytes(20).toString('base64') })).toEqual([
    'INCORRECT_NONCE_ERR',
    'encryptedNonce',
  ])
})

test('a payload that does not open, or is none, names itself and nothing more', async () => {
  const { refusal } = open()
  const right = sealMaterial('key-protect', told, randomBytes(32))
  for (const payload of [
    randomBytes(512).toString('base64'),
    sealMaterial('hpcs', told, randomBytes(32)).payload,
    encryptMaterial('key-protect', told, randomBytes(20)).toString('base64'),
    randomBytes(511).toString('base64'),
    'not base64',
    undefined,
  ]) {
    expect(await refusal({ ...right, payload })).toEqual(['INVALID_FIELD_ERR', 'payload'])
  }
  expect(await refusal({ ...right, encryptionAlgorithm: 'RSAES_PKCS1_V1_5' })).toEqual([
    'INVALID_FIELD_ERR',
    'encryptionAlgorithm',
  ])
})

test('an expired token opens nothing, one that was retrieved as often as it may be still does', async () => {
  const { house, token, openMaterial, refusal } = open()
  const members = sealMaterial('hpcs', told, randomBytes(32))
  expect((await openMaterial(members, token.expiresAt - 1)).bytes).toHaveLength(32)
  expect(await refusal(members, token.expiresAt)).toEqual(['IMPORT_TOKEN_EXPIRED_ERR', undefined])
  house.store.run('DELETE FROM import_tokens', [])
  expect(await refusal(members)).toEqual(['IMPORT_TOKEN_EXPIRED_ERR', undefined])
})

test('what was opened holds only while its token was not replaced', async () => {
  const { house, openMaterial } = open()
  const { conditions } = await openMaterial(sealMaterial('hpcs', told, randomBytes(32)))
  const holds = () => conditions.every(({ sql, params }) => house.store.get(sql, ...params) !== undefined)
  expect(holds()).toBe(true)
  house.store.run("UPDATE import_tokens SET id = 'another'", [])
  expect(holds()).toBe(false)
})

test('private key and nonce are sealed under the token’s name: they open under no other', () => {
  const { sealer, token, house } = open()
  const row = house.store.get<Record<string, unknown>>('SELECT * FROM import_tokens')
  const clear = createPrivateKey(vectors.privateKey).export({ type: 'pkcs8', format: 'der' })
  const stored = Buffer.concat([row?.['private_key'] as Uint8Array, row?.['nonce'] as Uint8Array])
  expect(stored.includes(clear.subarray(40, 72))).toBe(false)
  expect(stored.includes(Buffer.from(vectors.nonce, 'base64'))).toBe(false)
  expect(() => sealer.open(`import-token/${token.instance}/other/nonce`, token.nonce)).toThrow('authenticate')
})

test('plain material is no secure import', () => {
  expect(secureImportOf({ payload: 'AAAA' })).toBeUndefined()
  expect(secureImportOf({ encryptedNonce: '', iv: '', encryptionAlgorithm: '' })).toBeUndefined()
})
