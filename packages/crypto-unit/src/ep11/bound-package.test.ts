/** Packages of bound keys: none is taken whose attributes no key of its kind could have left with. */
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { FrameBatch } from '../frames.ts'
import { attributeBits, keyTypes } from './attributes.ts'
import { packKey, unpackKey } from './bound-package.ts'
import { noSession, type OpenedKey, type PrivateBlobKey, type SecretBlobKey } from './opened-key.ts'
import { refusal } from '../testing/refusals.ts'

const facts = {
  curve: '',
  generatedBy: undefined,
  createdAt: 0,
  binding: undefined,
  session: noSession,
  wkid: undefined,
}
const bound = attributeBits.ATTRBOUND | attributeBits.EXTRACTABLE

function secret(bits: number, keyType: number = keyTypes.CKK_AES): OpenedKey<SecretBlobKey> {
  return { class: 'secret', ...facts, keyType, size: 256, bits, value: randomBytes(32) }
}

function signer(bits: number): OpenedKey<PrivateBlobKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  return { class: 'private', ...facts, keyType: keyTypes.CKK_EC, size: 256, curve: 'P-256', bits, key }
}

const kek = secret(bound)
const macKey = secret(bound, keyTypes.CKK_GENERIC_SECRET)

/** What a package of a key with these attributes is refused with. */
function refusalOf(key: OpenedKey<SecretBlobKey | PrivateBlobKey>): string | undefined {
  const package_ = packKey(key, kek, macKey, new FrameBatch())
  return refusal(() => unpackKey(package_, kek, macKey))
}

test('a package whose attributes fit its key is taken', () => {
  const { MODIFIABLE, NEVER_MODIFIABLE, RESTRICTABLE, LOCAL, USE_AS_DATA, SIGN, DERIVE, WRAP, UNWRAP } = attributeBits
  for (const bits of [0, MODIFIABLE | LOCAL, NEVER_MODIFIABLE | RESTRICTABLE, USE_AS_DATA | SIGN | DERIVE]) {
    expect(refusalOf(secret(bound | bits))).toBeUndefined()
    expect(refusalOf(signer(bound | bits))).toBeUndefined()
  }
  expect(refusalOf(secret(bound | WRAP | UNWRAP))).toBeUndefined()
})

test.each([
  ['unknown bits', 0x4000_0000],
  ['more unknown bits', 0x8000_0000],
  ['retained', attributeBits.RETAINED],
  ['extractable protected', attributeBits.PROTKEY_EXTRACTABLE],
  ['recovering signatures', attributeBits.SIGN_RECOVER],
  ['modifiable and never', attributeBits.MODIFIABLE | attributeBits.NEVER_MODIFIABLE],
  ['never extractable', attributeBits.NEVER_EXTRACTABLE],
])('a package of a key that is %s is refused', (_said, bits) => {
  expect(refusalOf(secret((bound | bits) >>> 0))).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(refusalOf(signer((bound | bits) >>> 0))).toBe('CKR_WRAPPED_KEY_INVALID')
})

test('a package of a key that could not have left, or is not bound, is refused', () => {
  expect(refusalOf(secret(attributeBits.ATTRBOUND))).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(refusalOf(secret(attributeBits.EXTRACTABLE))).toBe('CKR_WRAPPED_KEY_INVALID')
})

test('a package that lets a key do what its kind does not is refused', () => {
  for (const use of ['WRAP', 'UNWRAP', 'ENCRYPT', 'DECRYPT', 'VERIFY'] as const) {
    expect(refusalOf(signer(bound | attributeBits[use]))).toBe('CKR_WRAPPED_KEY_INVALID')
  }
})
