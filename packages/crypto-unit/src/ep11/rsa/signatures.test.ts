/** Signatures with RSA keys: vectors of NIST and Wycheproof, OpenSSL as the second implementation, and what is refused. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, verify, constants } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { asKey, ckm, noParameter } from '../../testing/asymmetric-keys.ts'
import { openssl } from '../../testing/openssl.ts'
import { mgfs, pssParameter, rsaCavp, rsaWycheproof, type Scheme } from '../../testing/rsa-vectors.ts'
import { hashOf } from '../digests/hash-names.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { digestInfo } from './pkcs1.ts'
import { rsaSignatures } from './signatures.ts'
import { refusalOf } from '../../testing/refusals.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = asKey('CKK_RSA', pair.privateKey)
const publicKey = asKey('CKK_RSA', pair.publicKey)
const hashes = ['SHA_1', 'SHA224', 'SHA256', 'SHA384', 'SHA512']
const message = Buffer.from('what is signed')

function mechanism(name: string): SignatureMechanism {
  const found = rsaSignatures.get(ckm(name))
  if (found === undefined) throw new Error(`${name} is not there.`)
  return found
}

function digest(hash: string, data: Uint8Array): Buffer {
  return createHash(hashOf(ckm(hash))?.name ?? hash)
    .update(data)
    .digest()
}

/** The mechanism that takes a finished digest, and what it takes of one. */
function overDigest(scheme: Scheme, hash: string, data: Uint8Array): { mechanism: SignatureMechanism; given: Buffer } {
  const made = digest(hash, data)
  const found = hashOf(ckm(hash))
  if (found === undefined) throw new Error(hash)
  return { mechanism: mechanism(`RSA_${scheme}`), given: scheme === 'PKCS' ? digestInfo(found, made) : made }
}

/** The mechanism that hashes; X9.31 has one for SHA-1 only. */
function hashing(scheme: Scheme, hash: string): SignatureMechanism | undefined {
  return rsaSignatures.get(ckmOrZero(`${hash.replace('_', '')}_RSA_${scheme}`))
}

function ckmOrZero(name: string): number {
  try {
    return ckm(name)
  } catch {
    return -1
  }
}

function verifies(
  { verify: check }: Pick<SignatureMechanism, 'verify'>,
  key: AsymmetricKey,
  parameter: MechanismParameter,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    check(key, parameter, data, signature)
    return true
  } catch {
    return false
  }
}

/** What the four ways to verify say of one signature: they must agree. */
function verdicts(
  scheme: Scheme,
  key: AsymmetricKey,
  parameter: MechanismParameter,
  hash: string,
  data: Uint8Array,
  signature: Uint8Array,
): boolean[] {
  const over = overDigest(scheme, hash, data)
  const found = [verifies(over.mechanism, key, parameter, over.given, signature)]
  // HashMech may be another digest than that of the mechanism in a vector of our own making only.
  const one = hashing(scheme, hash)
  if (one !== undefined) {
    found.push(verifies(one, key, parameter, data, signature))
    if (one.digested !== undefined) found.push(verifies(one.digested, key, parameter, digest(hash, data), signature))
  }
  return found
}

function parameterOf(scheme: Scheme, hash: string, saltBytes = 0, mask = hash): MechanismParameter {
  return scheme === 'PKCS_PSS' ? pssParameter(hash, saltBytes, mask) : noParameter
}

describe.each(rsaCavp.signatureGeneration)('NIST CAVP signature generation, $scheme', (group) => {
  const key = asKey('CKK_RSA', createPrivateKey({ key: group.privateKey, format: 'jwk' }))

  test.each(group.tests)('$hash', ({ hash, message: hex, signature: expected, saltBytes }) => {
    const data = Buffer.from(hex, 'hex')
    const parameter = parameterOf(group.scheme, hash, saltBytes)
    const over = overDigest(group.scheme, hash, data)
    // PSS is salted anew: what was published is held against verification alone.
    const isSalted = group.scheme === 'PKCS_PSS'
    const made = isSalted
      ? []
      : [over.mechanism.sign(key, parameter, over.given), hashing(group.scheme, hash)?.sign(key, parameter, data)]
    const written = made.flatMap((signature) => signature?.toString('hex') ?? [])
    expect(written).toEqual(written.map(() => expected))
    expect(written.length > 0).toBe(!isSalted)
    const found = verdicts(group.scheme, key, parameter, hash, data, Buffer.from(expected, 'hex'))
    expect(found.every(Boolean)).toBe(true)
  })
})

test.each(rsaCavp.signatureVerification)('NIST CAVP signature verification, $scheme', ({ scheme, tests }) => {
  for (const { publicKey: jwk, hash, message: hex, signature, saltBytes, isValid, why } of tests) {
    const key = asKey('CKK_RSA', createPublicKey({ key: jwk, format: 'jwk' }))
    const parameter = parameterOf(scheme, hash, saltBytes)
    const found = verdicts(scheme, key, parameter, hash, Buffer.from(hex, 'hex'), Buffer.from(signature, 'hex'))
    expect(found, why).toEqual(found.map(() => isValid))
  }
})

test.each(rsaWycheproof.signatureVerification)('Wycheproof $file, $scheme with $hash', (group) => {
  const { scheme, hash, mask, saltBytes, tests } = group
  const key = asKey(
    'CKK_RSA',
    createPublicKey({ key: Buffer.from(group.publicKey, 'hex'), format: 'der', type: 'spki' }),
  )
  const parameter = parameterOf(scheme, hash, saltBytes, mask)
  for (const { tcId, comment, message: hex, signature, isValid } of tests) {
    const found = verdicts(scheme, key, parameter, hash, Buffer.from(hex, 'hex'), Buffer.from(signature, 'hex'))
    expect(found, `${tcId} ${comment}`).toEqual(found.map(() => isValid))
  }
})

describe.each(hashes)('with %s', (hash) => {
  const name = hashOf(ckm(hash))?.name ?? ''

  test.each(['PKCS', 'PKCS_PSS'] as const)(
    '%s: a finished digest signs as data do, and Node verifies both',
    (scheme) => {
      const one = hashing(scheme, hash)
      const parameter = parameterOf(scheme, hash, 20)
      expect(one?.digested?.digest).toBe(ckm(hash))
      for (const signature of [
        one?.sign(privateKey, parameter, message),
        one?.digested?.sign(privateKey, parameter, digest(hash, message)),
      ]) {
        const padding = scheme === 'PKCS' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_PSS_PADDING
        const options = { key: pair.publicKey, padding, ...(scheme === 'PKCS_PSS' && { saltLength: 20 }) }
        expect(verify(name, message, options, signature ?? Buffer.of())).toBe(true)
      }
    },
  )
})

/** OpenSSL has no identifier of SHA-224. */
test.each(hashes.filter((hash) => hash !== 'SHA224'))(
  'X9.31 of a digest of %s, bare or with its trailer, is what OpenSSL verifies',
  (hash) => {
    const given = digest(hash, message)
    const bare = mechanism('RSA_X9_31').sign(privateKey, noParameter, given)
    const files = { key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), given, signature: bare }
    const options = ['-pkeyopt', `digest:${hashOf(ckm(hash))?.name}`, '-pkeyopt', 'rsa_padding_mode:x931']
    const verdict = openssl(
      files,
      'pkeyutl',
      '-verify',
      '-inkey',
      'key',
      '-in',
      'given',
      '-sigfile',
      'signature',
      ...options,
    )
    expect(verdict.toString()).toContain('Signature Verified Successfully')
    const theirs = openssl(files, 'pkeyutl', '-sign', '-inkey', 'key', '-in', 'given', '-out', 'out', ...options)
    expect(theirs).toEqual(bare)
    const identifier = { SHA_1: 0x33, SHA256: 0x34, SHA384: 0x36, SHA512: 0x35 }[hash] ?? 0
    const trailed = Buffer.concat([given, Buffer.of(identifier, 0xcc)])
    expect(mechanism('RSA_X9_31').sign(privateKey, noParameter, trailed)).toEqual(bare)
  },
)

test('PSS over a caller’s digest takes each digest, mask and salt, as OpenSSL does', () => {
  for (const [hash, mask, saltBytes] of [
    ['SHA256', 'SHA256', 0],
    ['SHA512', 'SHA_1', 190],
    ['SHA_1', 'SHA384', 20],
    ['IBM_SHA3_256', 'IBM_SHA3_512', 32],
  ] as const) {
    const given = digest(hash, message)
    const signature = mechanism('RSA_PKCS_PSS').sign(privateKey, pssParameter(hash, saltBytes, mask), given)
    const [md, mgf] = [hashOf(ckm(hash))?.name, hashOf(ckm(mask))?.name]
    const verdict = openssl(
      { key: pair.publicKey.export({ format: 'pem', type: 'spki' }), given, signature },
      ...'pkeyutl -verify -pubin -inkey key -in given -sigfile signature'.split(' '),
      ...['rsa_padding_mode:pss', `digest:${md}`, `rsa_mgf1_md:${mgf}`, `rsa_pss_saltlen:${saltBytes}`].flatMap(
        (option) => ['-pkeyopt', option],
      ),
    )
    expect(verdict.toString()).toContain('Signature Verified Successfully')
  }
})

test('the two halves of what X9.31 could write are both verified, and the smaller one is written', () => {
  const n = BigInt(`0x${Buffer.from(pair.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`)
  for (let count = 0; count < 8; count++) {
    const signature = mechanism('SHA1_RSA_X9_31').sign(privateKey, noParameter, Buffer.of(count))
    const root = BigInt(`0x${signature.toString('hex')}`)
    expect(root < n - root).toBe(true)
    const other = Buffer.from((n - root).toString(16).padStart(512, '0'), 'hex')
    mechanism('SHA1_RSA_X9_31').verify(publicKey, noParameter, Buffer.of(count), other)
  }
})

/** Every mechanism, with a parameter and data that it takes. */
const whole = [...rsaSignatures].map(([value, found]) => {
  const byDigest = found.digested?.digest ?? ckm('SHA256')
  const hash = Object.keys(mgfs).find((name) => ckm(name) === byDigest) ?? ''
  const isPss = [ckm('RSA_PKCS_PSS'), ...hashes.map((each) => ckm(`${each.replace('_', '')}_RSA_PKCS_PSS`))]
  const parameter = isPss.includes(value) ? pssParameter(hash, 16) : noParameter
  return { value, found, parameter, data: found.digested === undefined ? digest('SHA256', message) : message }
})

test.each(whole)(
  'mechanism $value refuses what is altered, cut, or signed by another key',
  ({ found, parameter, data }) => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const signature = found.sign(privateKey, parameter, data)
    expect(signature.length).toBe(256)
    found.verify(publicKey, parameter, data, signature)
    for (const at of [0, 100, 255]) {
      const altered = Buffer.from(signature)
      altered[at] = (altered[at] as number) ^ 1
      expect(refusalOf(() => found.verify(publicKey, parameter, data, altered))).toBe('CKR_SIGNATURE_INVALID')
    }
    const wrong = Buffer.from(data)
    wrong[0] = (wrong[0] as number) ^ 1
    expect(refusalOf(() => found.verify(publicKey, parameter, wrong, signature))).toBe('CKR_SIGNATURE_INVALID')
    expect(refusalOf(() => found.verify(asKey('CKK_RSA', other), parameter, data, signature))).toBe(
      'CKR_SIGNATURE_INVALID',
    )
    for (const length of [0, 255]) {
      const cut = signature.subarray(0, length)
      expect(refusalOf(() => found.verify(publicKey, parameter, data, cut))).toBe('CKR_SIGNATURE_LEN_RANGE')
    }
    const long = Buffer.concat([Buffer.of(0), signature])
    expect(refusalOf(() => found.verify(publicKey, parameter, data, long))).toBe('CKR_SIGNATURE_LEN_RANGE')
    const above = Buffer.alloc(256, 0xff)
    expect(refusalOf(() => found.verify(publicKey, parameter, data, above))).toBe('CKR_SIGNATURE_INVALID')
  },
)

test.each(whole)('mechanism $value refuses other keys and parameters', ({ found, parameter, data }) => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  const bound = generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey
  for (const key of [
    asKey('CKK_EC', ec),
    asKey('CKK_RSA', ec),
    asKey('CKK_DSA', pair.privateKey),
    asKey('CKK_RSA', bound),
  ]) {
    expect(refusalOf(() => found.check(key, parameter))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    expect(refusalOf(() => found.sign(key, parameter, data))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  }
  expect(refusalOf(() => found.sign(publicKey, parameter, data))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const large = asKey('CKK_RSA', openedPublic(4104))
  expect(refusalOf(() => found.check(large, parameter))).toBe('CKR_KEY_SIZE_RANGE')
  const small = asKey('CKK_RSA', openedPublic(504))
  expect(refusalOf(() => found.check(small, parameter))).toBe('CKR_KEY_SIZE_RANGE')
  for (const wrong of [{ kind: 'other' }, { kind: 'bytes', bytes: Buffer.of(1) }] as const) {
    expect(refusalOf(() => found.check(publicKey, wrong))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  found.check(publicKey, parameter)
  found.check(privateKey, parameter.kind === 'none' ? { kind: 'bytes', bytes: Buffer.of() } : parameter)
})

test('data that are no digest are refused by their length, or where X9.31 would not end as it must', () => {
  const raw = mechanism('RSA_PKCS')
  raw.verify(publicKey, noParameter, Buffer.alloc(245), raw.sign(privateKey, noParameter, Buffer.alloc(245)))
  raw.verify(publicKey, noParameter, Buffer.of(), raw.sign(privateKey, noParameter, Buffer.of()))
  expect(refusalOf(() => raw.sign(privateKey, noParameter, Buffer.alloc(246)))).toBe('CKR_DATA_LEN_RANGE')
  expect(refusalOf(() => raw.verify(publicKey, noParameter, Buffer.alloc(246), Buffer.alloc(256)))).toBe(
    'CKR_DATA_LEN_RANGE',
  )
  const parameter = pssParameter('SHA256', 32)
  for (const length of [0, 31, 33]) {
    const data = Buffer.alloc(length)
    expect(refusalOf(() => mechanism('RSA_PKCS_PSS').sign(privateKey, parameter, data))).toBe('CKR_DATA_LEN_RANGE')
    const { digested } = mechanism('SHA256_RSA_PKCS')
    expect(refusalOf(() => digested?.sign(privateKey, noParameter, data))).toBe('CKR_DATA_LEN_RANGE')
  }
  for (const data of [Buffer.of(), Buffer.alloc(19), Buffer.alloc(22), Buffer.from(`${'00'.repeat(20)}34cc`, 'hex')]) {
    expect(refusalOf(() => mechanism('RSA_X9_31').sign(privateKey, noParameter, data))).toBe('CKR_DATA_INVALID')
  }
})

test('PSS refuses another hash than the mechanism’s, an unknown one, a mask of none and a salt that does not fit', () => {
  const one = mechanism('SHA256_RSA_PKCS_PSS')
  const good = pssParameter('SHA256', 32)
  const refused = (parameter: MechanismParameter): string => refusalOf(() => one.check(publicKey, parameter))
  expect(refused(pssParameter('SHA_1', 20, 'SHA256'))).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(refused({ ...good, mgf: 0 })).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(refused({ ...good, mgf: 0x80000002 })).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(refused({ ...good, saltBytes: 223 })).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(refused(noParameter)).toBe('CKR_MECHANISM_PARAM_INVALID')
  one.check(publicKey, { ...good, saltBytes: 222 })
  const bare = mechanism('RSA_PKCS_PSS')
  for (const hash of [0, ckm('RSA_PKCS'), ckm('SHA512_256')]) {
    expect(refusalOf(() => bare.check(publicKey, { ...good, hash }))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
  const signature = one.sign(privateKey, good, message)
  for (const saltBytes of [0, 31, 33]) {
    const parameter = { ...good, saltBytes }
    expect(refusalOf(() => one.verify(publicKey, parameter, message, signature))).toBe('CKR_SIGNATURE_INVALID')
  }
  const otherMask = pssParameter('SHA256', 32, 'SHA_1')
  expect(refusalOf(() => one.verify(publicKey, otherMask, message, signature))).toBe('CKR_SIGNATURE_INVALID')
})

test('a modulus without room for the digest is refused when the operation begins', () => {
  const small = asKey('CKK_RSA', generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey)
  const refused = (name: string, parameter: MechanismParameter): string =>
    refusalOf(() => mechanism(name).check(small, parameter))
  expect(refused('SHA512_RSA_PKCS', noParameter)).toBe('CKR_KEY_SIZE_RANGE')
  expect(refused('SHA512_RSA_PKCS_PSS', pssParameter('SHA512', 0))).toBe('CKR_KEY_SIZE_RANGE')
  const signature = mechanism('SHA1_RSA_PKCS').sign(small, noParameter, message)
  expect(signature.length).toBe(64)
  mechanism('SHA1_RSA_PKCS').verify(small, noParameter, message, signature)
  expect(refusalOf(() => mechanism('RSA_X9_31').sign(small, noParameter, Buffer.alloc(64)))).toBe('CKR_DATA_LEN_RANGE')
})

test('a modulus of an odd number of bits signs in PSS as Node verifies it, and never in X9.31', () => {
  for (const bits of [1025, 1031, 1023]) {
    const odd = generateKeyPairSync('rsa', { modulusLength: bits })
    const key = asKey('CKK_RSA', odd.privateKey)
    const signature = mechanism('SHA256_RSA_PKCS_PSS').sign(key, pssParameter('SHA256', 32), message)
    const options = { key: odd.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    expect(verify('sha256', message, options, signature)).toBe(true)
    mechanism('SHA256_RSA_PKCS_PSS').verify(key, pssParameter('SHA256', 32), message, signature)
    expect(refusalOf(() => mechanism('RSA_X9_31').check(key, noParameter))).toBe('CKR_KEY_SIZE_RANGE')
  }
})

test('a public key that is none refuses every signature', () => {
  const n = Buffer.alloc(256, 0xfe).toString('base64url')
  const even = asKey('CKK_RSA', createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' }))
  for (const { found, parameter, data } of whole) {
    expect(refusalOf(() => found.verify(even, parameter, data, Buffer.alloc(256, 1)))).toBe('CKR_SIGNATURE_INVALID')
  }
})

function openedPublic(bits: number) {
  const n = Buffer.alloc(bits / 8, 0xff).toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
}
