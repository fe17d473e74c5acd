/** DSA domain parameters: what is made is valid to OpenSSL, NIST's verdicts on others', and no size that takes long. */
import { generatePrimeSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { vectors } from '../../testing/asymmetric-keys.ts'
import { openssl } from '../../testing/openssl.ts'
import { sequence } from '../../tke/der.ts'
import { unsignedInteger } from '../der.ts'
import { bitLength, integerBytes } from '../integers.ts'
import { demandPrimes, generateDsaParameters, readDsaDomain } from './domain.ts'
import { asyncRefusalOf, refusalOf } from '../../testing/refusals.ts'

interface Verdict {
  readonly p: string
  readonly q: string
  readonly g?: string
  readonly isValid: boolean
  readonly why: string
}

const { domainParameters } = vectors<{ domainParameters: readonly Verdict[] }>('dsa/cavp.json')
const ofGenerators = domainParameters.filter(({ g }) => g !== undefined)
const ofPrimes = domainParameters.filter(({ g }) => g === undefined)

function der(...members: readonly bigint[]): Buffer {
  return sequence(...members.map((member) => unsignedInteger(integerBytes(member))))
}

function number(hex: string | undefined): bigint {
  return BigInt(`0x${hex ?? ''}`)
}

/** A valid one of NIST's, whose primes no test has to make. */
const good = ofGenerators.find(({ isValid }) => isValid)
const [p, q, g] = [number(good?.p), number(good?.q), number(good?.g)]

test.each([
  [1024, undefined, 160],
  [2048, 224, 224],
  [2048, undefined, 256],
])(
  'made with %d bits and %s, they are P, Q and G of those sizes, and OpenSSL finds nothing wrong',
  async (bits, subprimeBits, expected) => {
    const made = await generateDsaParameters(bits, subprimeBits)
    const domain = readDsaDomain(made)
    expect([bitLength(domain.p), bitLength(domain.q)]).toEqual([bits, expected])
    expect(der(domain.p, domain.q, domain.g)).toEqual(made)
    await demandPrimes(domain)
    const pem = `-----BEGIN DSA PARAMETERS-----\n${made.toString('base64')}\n-----END DSA PARAMETERS-----\n`
    openssl({ pem }, 'pkeyparam', '-check', '-noout', '-in', 'pem')
  },
)

test('other sizes are not made', async () => {
  for (const [bits, subprimeBits] of [
    [512, undefined],
    [1536, undefined],
    [4096, undefined],
    [1024, 224],
    [2048, 160],
    [3072, 224],
    [Number.NaN, undefined],
  ] as const) {
    expect(await asyncRefusalOf(generateDsaParameters(bits, subprimeBits))).toBe('CKR_ATTRIBUTE_VALUE_INVALID')
  }
})

describe('NIST CAVP', () => {
  test('a generator that was modified is refused, and the others are not', () => {
    expect(new Set(ofGenerators.map(({ isValid }) => isValid)).size).toBe(2)
    for (const each of ofGenerators) {
      const parameters = der(number(each.p), number(each.q), number(each.g))
      const read = (): string => (readDsaDomain(parameters).p > 0n ? 'valid' : '')
      expect(each.isValid ? read() : refusalOf(read), each.why).toBe(
        each.isValid ? 'valid' : 'CKR_DOMAIN_PARAMS_INVALID',
      )
    }
  })

  test('numbers that are not prime, or do not divide each other, are refused', async () => {
    expect(ofPrimes.length).toBeGreaterThan(2)
    for (const each of ofPrimes) {
      const domain = { p: number(each.p), q: number(each.q), g: 2n }
      expect(refusalOf(() => readDsaDomain(der(domain.p, domain.q, 2n)))).toBe('CKR_DOMAIN_PARAMS_INVALID')
      const isDivisor = each.why.includes('div')
      const outcome = isDivisor ? 'CKR_DOMAIN_PARAMS_INVALID' : await asyncRefusalOf(demandPrimes(domain))
      expect(outcome).toBe('CKR_DOMAIN_PARAMS_INVALID')
    }
  })
})

test('a Q that is not prime is found even where all the rest fits', async () => {
  expect(await asyncRefusalOf(demandPrimes({ p, q: q - 1n, g }))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  await demandPrimes({ p, q, g })
})

test('numbers that do not fit each other are refused', () => {
  expect(readDsaDomain(der(p, q, g))).toEqual({ p, q, g })
  for (const wrong of [
    der(p, q, 0n),
    der(p, q, 1n),
    der(p, q, p - 1n),
    der(p, q, p),
    der(p, q, p + g),
    der(p, q, g + 1n),
    der(p + 1n, q, g),
    der(p, q + 2n, g),
    der(q, p, g),
    der(p, 0n, g),
    der(0n, 0n, 0n),
  ]) {
    expect(refusalOf(() => readDsaDomain(wrong))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})

test('sizes out of FIPS 186 are refused before anything is computed with them', () => {
  const small = generatePrimeSync(512, { bigint: true })
  for (const wrong of [
    der(small, q, g),
    der(1n << 3072n, q, g),
    der((1n << 6000n) + 1n, q, g),
    der(p, p, g),
    der(p, 7n, g),
  ]) {
    expect(refusalOf(() => readDsaDomain(wrong))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})

test('what is not DER of three positive numbers is refused', () => {
  const whole = der(p, q, g)
  const negative = Buffer.from(whole)
  // The first byte of P, behind the sequence's and the number's heads and the zero that keeps it positive.
  negative[7] = 0x80
  for (const wrong of [
    Buffer.of(),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.of(0)]),
    der(p, q),
    der(p, q, g, 1n),
    Buffer.from('3000', 'hex'),
    Buffer.alloc(5000, 0x30),
    negative,
  ]) {
    expect(refusalOf(() => readDsaDomain(wrong))).toBe('CKR_DOMAIN_PARAMS_INVALID')
  }
})
