/** RSA key pairs: of the sizes and exponents that EP11 takes, and no others. */
import { expect, test } from 'vitest'
import { asKey, ckm, noParameter } from '../../testing/asymmetric-keys.ts'
import { generateRsa } from './generate.ts'
import { rsaSignatures } from './signatures.ts'
import { asyncRefusalOf } from '../../testing/refusals.ts'

test.each([
  [512, 17n],
  [768, 65537n],
  [1024, 0xffff_fffdn],
  [2048, 17n],
])('%d bits with the exponent %d are made, and sign', async (bits, exponent) => {
  const { privateKey, publicKey } = await generateRsa(bits, exponent)
  expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: bits, publicExponent: exponent })
  expect(privateKey.type).toBe('private')
  const mechanism = rsaSignatures.get(ckm('SHA1_RSA_PKCS'))
  const signature = mechanism?.sign(asKey('CKK_RSA', privateKey), noParameter, Buffer.of(1)) ?? Buffer.of()
  expect(signature.length).toBe(bits / 8)
  mechanism?.verify(asKey('CKK_RSA', publicKey), noParameter, Buffer.of(1), signature)
})

test('other sizes are refused before anything is made', async () => {
  for (const bits of [0, 256, 511, 520, 1000, 1025, 4097, 4352, 8192, 1024.5, Number.NaN, Infinity, -512]) {
    expect(await asyncRefusalOf(generateRsa(bits, 65537n))).toBe('CKR_KEY_SIZE_RANGE')
  }
})

test('even exponents, and those below 17 or above 32 bits, are refused', async () => {
  for (const exponent of [0n, 1n, 3n, 15n, 16n, 18n, 65536n, 0x1_0000_0001n, -17n]) {
    expect(await asyncRefusalOf(generateRsa(1024, exponent))).toBe('CKR_ATTRIBUTE_VALUE_INVALID')
  }
})
