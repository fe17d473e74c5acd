/** SignerInfo: the reference's bytes, all three forms of signatures, and never more of them than can be of people. */
import {
  constants,
  createHash,
  generateKeyPairSync,
  publicDecrypt,
  sign,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { element, octets, sequence, tags } from './der.ts'
import { privateKeyOfScalar, publicKeyOfPoint } from './p521.ts'
import {
  decodeSignerInfos,
  encodeSignerInfo,
  makeSignerInfo,
  SIGNER_INFOS_MAX,
  verifySignerInfo,
  type SignatureForm,
  type SignerInfo,
} from './signer-info.ts'
import { ProtocolError } from '../frames.ts'
import { v2, v4 } from '../testing/tke-vectors.ts'

const message = Buffer.from(v4.block, 'hex')
const ski = Buffer.from(v2.ski, 'hex')
const vector = Buffer.from(v4.signerInfo, 'hex')
const v2Public = publicKeyOfPoint(Buffer.from(`04${v2.x}${v2.y}`, 'hex'))
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p521: KeyPairKeyObjectResult = generateKeyPairSync('ec', { namedCurve: 'P-521' })

function only(bytes: Uint8Array): SignerInfo {
  const [info, ...others] = decodeSignerInfos(bytes)
  if (info === undefined || others.length > 0) throw new Error('There is not just one.')
  return info
}

test('vector V4: the bytes are read, printed again, and the signature verifies', () => {
  const signature = Buffer.from(v4.signature, 'hex')
  expect(only(vector)).toEqual({ ski: v2.ski, form: 'ecdsa', signature })
  expect(encodeSignerInfo(ski, 'ecdsa', signature)).toEqual(vector)
  expect(verifySignerInfo(message, only(vector), v2Public)).toBe(true)
})

test("what V2's key signs here verifies, though the signature is another one each time", () => {
  const made = makeSignerInfo(message, ski, privateKeyOfScalar(Buffer.from(v2.scalar, 'hex')))
  expect(only(made)).toMatchObject({ ski: v2.ski, form: 'ecdsa' })
  expect(verifySignerInfo(message, only(made), v2Public)).toBe(true)
})

test('an RSA key signs in X9.31, with the hash that OpenSSL finds in it', () => {
  const info = only(makeSignerInfo(message, ski, rsa.privateKey))
  expect(info).toMatchObject({ form: 'x931', ski: v2.ski })
  expect(verifySignerInfo(message, info, rsa.publicKey)).toBe(true)
  const block = publicDecrypt({ key: rsa.publicKey, padding: constants.RSA_NO_PADDING }, info.signature)
  expect(block.subarray(222, 254)).toEqual(createHash('sha256').update(message).digest())
})

test('a PKCS #1 signature of OpenSSL, as other clients make them, verifies', () => {
  const signature = sign('sha256', message, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PADDING })
  const info = only(encodeSignerInfo(ski, 'pkcs1', signature))
  expect(info).toEqual({ ski: v2.ski, form: 'pkcs1', signature })
  expect(verifySignerInfo(message, info, rsa.publicKey)).toBe(true)
})

const madeBy: Record<SignatureForm, { readonly info: SignerInfo; readonly key: KeyObject }> = {
  ecdsa: { info: only(makeSignerInfo(message, ski, p521.privateKey)), key: p521.publicKey },
  x931: { info: only(makeSignerInfo(message, ski, rsa.privateKey)), key: rsa.publicKey },
  pkcs1: {
    info: only(encodeSignerInfo(ski, 'pkcs1', sign('sha256', message, rsa.privateKey))),
    key: rsa.publicKey,
  },
}
const forms = Object.keys(madeBy) as SignatureForm[]

test.each(forms)('an %s signature verifies in its own form only, and under no key of another kind', (form) => {
  const { info, key } = madeBy[form]
  const verifying = forms.filter((other) => verifySignerInfo(message, { ...info, form: other }, key))
  expect(verifying).toEqual([form])
  const foreign = form === 'ecdsa' ? rsa.publicKey : p521.publicKey
  for (const other of forms) expect(verifySignerInfo(message, { ...info, form: other }, foreign)).toBe(false)
})

test.each(forms)('an %s signature does not verify over other bytes, or with a flipped bit', (form) => {
  const { info, key } = madeBy[form]
  expect(verifySignerInfo(message, info, key)).toBe(true)
  expect(verifySignerInfo(message.subarray(1), info, key)).toBe(false)
  for (let bit = 0; bit < info.signature.length * 8; bit += 7) {
    const signature = Buffer.from(info.signature)
    signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    expect([bit, verifySignerInfo(message, { ...info, signature }, key)]).toEqual([bit, false])
  }
})

test('a good signature of the wrong kind of key, under the name of the other kind, does not verify', () => {
  const byRsa = sign('sha512', message, rsa.privateKey)
  expect(verifySignerInfo(message, { ski: v2.ski, form: 'ecdsa', signature: byRsa }, rsa.publicKey)).toBe(false)
  const byP521 = sign('sha256', message, p521.privateKey)
  expect(verifySignerInfo(message, { ski: v2.ski, form: 'pkcs1', signature: byP521 }, p521.publicKey)).toBe(false)
})

test('bytes that are no signature do not verify, and do not throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 256 }), fc.constantFrom(...forms), (bytes, form) => {
      for (const key of [p521.publicKey, rsa.publicKey]) {
        expect(verifySignerInfo(message, { ski: v2.ski, form, signature: Buffer.from(bytes) }, key)).toBe(false)
      }
    }),
    { numRuns: 200 },
  )
})

test('signatures one behind the other are read back as they were written', () => {
  const info = fc.record({
    ski: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    form: fc.constantFrom(...forms),
    signature: fc.uint8Array({ minLength: 1, maxLength: 256 }).map((bytes) => Buffer.from(bytes)),
  })
  fc.assert(
    fc.property(fc.array(info, { maxLength: SIGNER_INFOS_MAX }), (infos) => {
      const bytes = infos.map((one) => encodeSignerInfo(Buffer.from(one.ski, 'hex'), one.form, one.signature))
      expect(decodeSignerInfos(Buffer.concat(bytes))).toEqual(infos)
    }),
  )
})

test('no bytes are no signatures, and more than allowed are refused', () => {
  expect(decodeSignerInfos(Buffer.alloc(0))).toEqual([])
  const many = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => vector))
  expect(decodeSignerInfos(many(SIGNER_INFOS_MAX)).length).toBe(SIGNER_INFOS_MAX)
  expect(() => decodeSignerInfos(many(SIGNER_INFOS_MAX + 1))).toThrow(ProtocolError)
})

test('a SignerInfo cut off anywhere is refused', () => {
  for (let count = 1; count < vector.length; count++) {
    expect(() => decodeSignerInfos(vector.subarray(0, count))).toThrow(ProtocolError)
  }
})

const version = Buffer.from('020103', 'hex')
const key = element(tags.CONTEXT_0, ski)
const sha512 = Buffer.from('0609608648016503040203', 'hex')
const sha256 = Buffer.from('0609608648016503040201', 'hex')
const ecdsaWithSha512 = Buffer.from('06082a8648ce3d040304', 'hex')
const rsaEncryption = Buffer.from('06092a864886f70d010101', 'hex')
const none = Buffer.from('0500', 'hex')
const signed = octets(Buffer.alloc(100, 1))

test('the parameters of algorithms are NULL or left out', () => {
  for (const parameters of [[none], []]) {
    const algorithms = [sequence(sha512, ...parameters), sequence(ecdsaWithSha512, ...parameters)]
    expect(only(sequence(version, key, ...algorithms, signed)).form).toBe('ecdsa')
  }
  for (const parameters of [Buffer.from('050100', 'hex'), octets(), Buffer.concat([none, none])]) {
    const algorithms = [sequence(sha512, parameters), sequence(ecdsaWithSha512)]
    expect(() => decodeSignerInfos(sequence(version, key, ...algorithms, signed))).toThrow(ProtocolError)
  }
})

test('algorithms not known here, or not together, are refused', () => {
  const pairs = [
    [sha256, ecdsaWithSha512],
    [sha512, rsaEncryption],
    [sha512, sha512],
    [sha512, Buffer.from('060b2b0601040102820b010807', 'hex')],
  ]
  for (const [digest, algorithm] of pairs as [Buffer, Buffer][]) {
    const bytes = sequence(version, key, sequence(digest, none), sequence(algorithm, none), signed)
    expect(() => decodeSignerInfos(bytes)).toThrow(ProtocolError)
  }
})

test('an identifier or a signature of another size, or a member too many, is refused', () => {
  const algorithms = [sequence(sha512, none), sequence(ecdsaWithSha512, none)]
  const members = [version, key, ...algorithms, signed]
  decodeSignerInfos(sequence(...members))
  expect(() => decodeSignerInfos(sequence(...members, none))).toThrow(ProtocolError)
  for (const size of [0, 31, 33]) {
    const other = element(tags.CONTEXT_0, Buffer.alloc(size))
    expect(() => decodeSignerInfos(sequence(version, other, ...algorithms, signed))).toThrow(ProtocolError)
  }
  for (const size of [0, 257]) {
    expect(() => decodeSignerInfos(sequence(version, key, ...algorithms, octets(Buffer.alloc(size))))).toThrow(
      ProtocolError,
    )
  }
})
