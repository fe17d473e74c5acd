/** Diffie-Hellman: parameters, key pairs and secrets, with OpenSSL and Node as second implementations, and what is refused. */
import {
  createDiffieHellmanGroup,
  createPrivateKey,
  generateKeyPairSync,
  generatePrimeSync,
  getDiffieHellman,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { asKey } from '../../testing/asymmetric-keys.ts'
import { openssl } from '../../testing/openssl.ts'
import { DerReader, sequence } from '../../tke/der.ts'
import {
  algorithmIdentifier,
  parametersOf,
  privateKeyInfo,
  readPrivateKeyInfo,
  readPublicKeyInfo,
  takeUnsigned,
  unsignedInteger,
} from '../der.ts'
import { bitLength, integerBytes, integerOf, power } from '../integers.ts'
import type { KeyPair } from '../key-pair.ts'
import { dhDerive } from './derive.ts'
import { demandPrime, generateDhParameters, readDhDomain } from './domain.ts'
import { generateDh } from './generate.ts'
import { asyncRefusalOf, refusalOf } from '../../testing/refusals.ts'

const parameters = await generateDhParameters(2048)
const { p, g } = readDhDomain(parameters)

function der(...numbers: readonly bigint[]): Buffer {
  return sequence(...numbers.map((number) => unsignedInteger(integerBytes(number))))
}

function publicValue({ publicKey }: Pick<KeyPair, 'publicKey'>): Buffer {
  return takeUnsigned(new DerReader(readPublicKeyInfo(publicKey.export({ format: 'der', type: 'spki' })).key))
}

function privateValue({ privateKey }: Pick<KeyPair, 'privateKey'>): bigint {
  const info = readPrivateKeyInfo(privateKey.export({ format: 'der', type: 'pkcs8' }))
  return integerOf(takeUnsigned(new DerReader(info.key)))
}

/** A private key of these numbers, however it came to be one. */
function keyOf(domain: Buffer, secret: bigint) {
  const identifier = algorithmIdentifier(Buffer.from('2a864886f70d010301', 'hex'), domain)
  const info = privateKeyInfo(identifier, unsignedInteger(integerBytes(secret)))
  return asKey('CKK_DH', createPrivateKey({ key: info, format: 'der', type: 'pkcs8' }))
}

test('for 1536, 2048 and 3072 bits the groups of RFC 3526 are given', async () => {
  for (const [bits, group] of [
    [1536, 'modp5'],
    [2048, 'modp14'],
    [3072, 'modp15'],
  ] as const) {
    const domain = readDhDomain(await generateDhParameters(bits))
    expect(domain).toEqual({ p: integerOf(getDiffieHellman(group).getPrime()), g: 2n })
    await demandPrime(domain)
  }
})

test('for 1024 bits a safe prime is made, of whose squares 2 is one', async () => {
  const made = readDhDomain(await generateDhParameters(1024))
  expect([bitLength(made.p), made.g]).toEqual([1024, 2n])
  await demandPrime(made)
  expect(power(2n, (made.p - 1n) / 2n, made.p)).toBe(1n)
  const other = readDhDomain(await generateDhParameters(1024))
  expect(other.p).not.toBe(made.p)
}, 300_000)

test('sizes for which it would take long are refused', async () => {
  for (const bits of [0, 512, 1000, 1025, 1504, 1600, 1984, 2560, 4096, 1e9, Number.NaN]) {
    expect(await asyncRefusalOf(generateDhParameters(bits))).toBe('CKR_ATTRIBUTE_VALUE_INVALID')
  }
})

test('numbers that do not fit, sizes that take long, and what is not DER are no parameters', () => {
  expect(readDhDomain(der(p, 5n))).toEqual({ p, g: 5n })
  expect(readDhDomain(der(p, g, 256n))).toEqual({ p, g })
  for (const wrong of [
    der(p, 0n),
    der(p, 1n),
    der(p, p - 1n),
    der(p, p),
    der(p + 1n, g),
    der((1n << 1000n) + 1n, g),
    der((1n << 4000n) + 1n, g),
    der((1n << 9000n) + 1n, g),
    der(p),
    der(p, g, 1n, 1n),
    Buffer.of(),
    parameters.subarray(0, -1),
    Buffer.concat([parameters, Buffer.of(0)]),
  ]) {
    expect(refusalOf(() => readDhDomain(wrong))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})

test('a P that is not prime makes no key pair', async () => {
  expect(await asyncRefusalOf(generateDh(der(p + 2n, g)))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  expect(await asyncRefusalOf(generateDh(Buffer.of(1)))).toBe('CKR_DOMAIN_PARAMS_INVALID')
})

describe('a key pair', () => {
  test('is of P and G and nothing else in the form of PKCS #3, as clients parse it, and valid to OpenSSL', async () => {
    const made = await generateDh(parameters)
    const spki = made.publicKey.export({ format: 'der', type: 'spki' })
    const { algorithm } = readPublicKeyInfo(spki)
    expect(algorithm).toEqual(algorithmIdentifier(Buffer.from('2a864886f70d010301', 'hex'), parameters))
    expect(parametersOf(algorithm)).toEqual(parameters)
    expect(integerOf(publicValue(made))).toBe(power(g, privateValue(made), p))
    const key = made.privateKey.export({ format: 'pem', type: 'pkcs8' })
    openssl({ key }, 'pkey', '-check', '-noout', '-in', 'key')
  })

  test('has a private value of the length that was asked for, or of any below half of the prime', async () => {
    for (const bits of [160, 256, 1024, 2047]) {
      expect(bitLength(privateValue(await generateDh(parameters, bits)))).toBe(bits)
    }
    const free = privateValue(await generateDh(parameters))
    expect(free < p / 2n).toBe(true)
    expect(bitLength(free)).toBeGreaterThan(1900)
    for (const bits of [0, 159, 2048, 1e6, 200.5]) {
      expect(await asyncRefusalOf(generateDh(parameters, bits))).toBe('CKR_ATTRIBUTE_VALUE_INVALID')
    }
  })
})

describe('the secret', () => {
  test('is the same on both sides, as long as the prime, and what OpenSSL’s command line comes to', async () => {
    const [one, other] = [await generateDh(parameters), await generateDh(parameters, 256)]
    const secret = dhDerive(asKey('CKK_DH', one.privateKey), publicValue(other))
    expect(secret.length).toBe(256)
    expect(dhDerive(asKey('CKK_DH', other.privateKey), publicValue(one))).toEqual(secret)
    const key = one.privateKey.export({ format: 'pem', type: 'pkcs8' })
    const peer = other.publicKey.export({ format: 'pem', type: 'spki' })
    const theirs = openssl({ key, peer }, ...'pkeyutl -derive -inkey key -peerkey peer -out out'.split(' '))
    const padded = Buffer.concat([Buffer.alloc(256 - theirs.length), theirs])
    expect(padded).toEqual(secret)
  })

  test('with a peer of Node’s own is what it comes to, with or without zeros before the public value', async () => {
    const peer = createDiffieHellmanGroup('modp14')
    const y = peer.generateKeys()
    const one = await generateDh(parameters)
    const theirs = peer.computeSecret(publicValue(one))
    expect(dhDerive(asKey('CKK_DH', one.privateKey), y)).toEqual(theirs)
    expect(dhDerive(asKey('CKK_DH', one.privateKey), Buffer.concat([Buffer.of(0), y]))).toEqual(theirs)
  })

  test('keeps the zeros it begins with', () => {
    // 4 to the 1000 is 2 to the 2000: below the prime, and 47 bits shorter.
    const secret = dhDerive(keyOf(parameters, 1000n), Buffer.of(4))
    expect(secret.length).toBe(256)
    expect(secret.subarray(0, 5)).toEqual(Buffer.alloc(5))
    expect(integerOf(secret)).toBe(power(4n, 1000n, p))
  })

  test('is refused for a peer that is not in 2 … P − 2', async () => {
    const key = asKey('CKK_DH', (await generateDh(parameters)).privateKey)
    for (const y of [0n, 1n, p - 1n, p, p + 2n, 1n << 2060n]) {
      expect(refusalOf(() => dhDerive(key, integerBytes(y)))).toBe('CKR_MECHANISM_PARAM_INVALID')
    }
    expect(refusalOf(() => dhDerive(key, Buffer.of()))).toBe('CKR_MECHANISM_PARAM_INVALID')
    expect(refusalOf(() => dhDerive(key, Buffer.alloc(1e6, 1)))).toBe('CKR_MECHANISM_PARAM_INVALID')
  })

  test('is refused for a peer of small order, in a group that OpenSSL does not know', () => {
    // 3 divides what is one below this prime: a cube root of 1 leads to three secrets only, one of them 1.
    const prime = generatePrimeSync(1024, { add: 6n, rem: 1n, bigint: true })
    let root = 1n
    for (let base = 2n; root === 1n; base++) root = power(base, (prime - 1n) / 3n, prime)
    const domain = der(prime, 5n)
    expect(refusalOf(() => dhDerive(keyOf(domain, 3n ** 90n), integerBytes(root)))).toBe('CKR_MECHANISM_PARAM_INVALID')
  })

  test('is refused for keys of another type, public ones, and primes of other sizes', async () => {
    const made = await generateDh(parameters)
    const y = publicValue(made)
    const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    const { privateKey, publicKey } = made
    for (const key of [asKey('CKK_DH', ec), asKey('CKK_EC', privateKey), asKey('CKK_DH', publicKey)]) {
      expect(refusalOf(() => dhDerive(key, y))).toBe('CKR_KEY_TYPE_INCONSISTENT')
    }
    const small = der(integerOf(getDiffieHellman('modp1').getPrime()), 2n)
    expect(refusalOf(() => dhDerive(keyOf(small, 2n ** 200n), Buffer.of(4)))).toBe('CKR_KEY_SIZE_RANGE')
    const large = der(integerOf(getDiffieHellman('modp16').getPrime()), 2n)
    expect(refusalOf(() => dhDerive(keyOf(large, 2n ** 200n), Buffer.of(4)))).toBe('CKR_KEY_SIZE_RANGE')
  })
})
