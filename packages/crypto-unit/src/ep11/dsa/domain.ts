/** DSA domain parameters (FIPS 186-4, sections 4.2 and A.2): made, read, and held to be what they say. */
import { checkPrime, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { membersOf } from '../../tke/der.ts'
import { parametersOf, readPublicKeyInfo, takeUnsigned } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { bitLength, integerOf, power } from '../integers.ts'

const generate = promisify(generateKeyPair)
const isPrime = promisify(checkPrime)

const PRIME_BITS_MIN = 1024
const PRIME_BITS_MAX = 3072
/** What OpenSSL computes with. */
const SUBPRIME_BITS: ReadonlySet<number> = new Set([160, 224, 256])

/** By the bits of P, those of Q: the one that is taken when nothing is said comes first (FIPS 186-4, section 4.2). */
const subprimesOf = new Map<number, readonly number[]>([
  [1024, [160]],
  [2048, [256, 224]],
  [3072, [256]],
])

/** SEQUENCE {P, Q, G} holds two numbers of `PRIME_BITS_MAX` and one of 256 bits. */
const DOMAIN_BYTES_MAX = 1024

export interface DsaDomain {
  readonly p: bigint
  readonly q: bigint
  readonly g: bigint
}

/** Whether this is a size that keys may have, and signing with them is bounded by. */
export function areDsaSizes(primeBits: number, subprimeBits: number): boolean {
  return primeBits >= PRIME_BITS_MIN && primeBits <= PRIME_BITS_MAX && SUBPRIME_BITS.has(subprimeBits)
}

/**
 * DER of SEQUENCE {P, Q, G}. OpenSSL takes up to seconds, on a thread of its own.
 * @throws Ep11Error `CKR_ATTRIBUTE_VALUE_INVALID` for sizes that are not of FIPS 186-4
 */
export async function generateDsaParameters(primeBits: number, subprimeBits?: number): Promise<Buffer> {
  const known = subprimesOf.get(primeBits) ?? []
  const divisorLength = subprimeBits ?? known[0]
  if (divisorLength === undefined || !known.includes(divisorLength)) {
    throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', 'A prime of DSA has 1024, 2048 or 3072 bits.')
  }
  // Parameters come with a key only: that one is thrown away.
  const { publicKey } = await generate('dsa', { modulusLength: primeBits, divisorLength })
  return parametersOf(readPublicKeyInfo(publicKey.export({ format: 'der', type: 'spki' })).algorithm)
}

/**
 * Numbers of allowed sizes that fit each other, but for being prime.
 * @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID`
 */
export function readDsaDomain(parameters: Uint8Array): DsaDomain {
  const { p, q, g } = membersOfDomain(parameters)
  const fits =
    areDsaSizes(bitLength(p), bitLength(q)) &&
    p % 2n === 1n &&
    (p - 1n) % q === 0n &&
    g > 1n &&
    g < p - 1n &&
    power(g, q, p) === 1n
  if (!fits) throw invalid()
  return { p, q, g }
}

/**
 * That P and Q are prime, with the certainty that OpenSSL asks of its own.
 * @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID`
 */
export async function demandPrimes({ p, q }: DsaDomain): Promise<void> {
  if (!(await isPrime(q)) || !(await isPrime(p))) throw invalid()
}

function membersOfDomain(parameters: Uint8Array): DsaDomain {
  if (parameters.length > DOMAIN_BYTES_MAX) throw invalid()
  try {
    const members = membersOf(parameters)
    const domain = {
      p: integerOf(takeUnsigned(members)),
      q: integerOf(takeUnsigned(members)),
      g: integerOf(takeUnsigned(members)),
    }
    members.end()
    return domain
  } catch {
    throw invalid()
  }
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_DOMAIN_PARAMS_INVALID', 'These are no domain parameters of DSA.')
}
