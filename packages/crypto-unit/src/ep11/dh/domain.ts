/** Diffie-Hellman domain parameters of PKCS #3: published groups where there is one, made where there is none. */
import { checkPrime, generatePrime, getDiffieHellman } from 'node:crypto'
import { promisify } from 'node:util'
import { membersOf, sequence, tags } from '../../tke/der.ts'
import { takeUnsigned, unsignedInteger } from '../der.ts'
import { Ep11Error } from '../ep11-error.ts'
import { bitLength, integerBytes, integerOf } from '../integers.ts'

const isPrime = promisify(checkPrime)

export const PRIME_BITS_MIN = 1024
export const PRIME_BITS_MAX = 3072

/** RFC 3526, by their bits; their primes are safe and 2 generates half of what is below them. */
const groups = new Map<number, string>([
  [1536, 'modp5'],
  [2048, 'modp14'],
  [3072, 'modp15'],
])

/** A safe prime of this size takes seconds, of the next ones minutes. */
const MADE_BITS_MAX = 1472
const MADE_BITS_STEP = 64

const GENERATOR = 2n

/** {P, G, privateValueLength} with two numbers of `PRIME_BITS_MAX`. */
const DOMAIN_BYTES_MAX = 1024

export interface DhDomain {
  readonly p: bigint
  readonly g: bigint
}

/**
 * DER of SEQUENCE {P, G}. P is safe and 2 generates the group of its large prime order.
 * @throws Ep11Error `CKR_ATTRIBUTE_VALUE_INVALID` for a size without a group that is no multiple of 64 in 1024 … 1472
 */
export async function generateDhParameters(primeBits: number): Promise<Buffer> {
  const group = groups.get(primeBits)
  if (group !== undefined) return domainDer({ p: integerOf(getDiffieHellman(group).getPrime()), g: GENERATOR })
  if (primeBits < PRIME_BITS_MIN || primeBits > MADE_BITS_MAX || primeBits % MADE_BITS_STEP !== 0) {
    throw new Ep11Error(
      'CKR_ATTRIBUTE_VALUE_INVALID',
      'A prime of DH has 1536, 2048 or 3072 bits, or 1024 to 1472 in steps of 64.',
    )
  }
  return domainDer({ p: await safePrime(primeBits), g: GENERATOR })
}

/** On a thread of OpenSSL. 23 modulo 24 makes 2 a square modulo P, and so of prime order. */
function safePrime(bits: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    generatePrime(bits, { safe: true, add: 24n, rem: 23n, bigint: true }, (error, prime) => {
      // Node says undefined where its types say null.
      if (error instanceof Error) reject(error)
      else resolve(prime)
    })
  })
}

export function domainDer({ p, g }: DhDomain): Buffer {
  return sequence(unsignedInteger(integerBytes(p)), unsignedInteger(integerBytes(g)))
}

/**
 * {P, G}, also with the length of private values that PKCS #3 allows behind it: an odd P of allowed size, and 1 < G < P − 1.
 * @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID`
 */
export function readDhDomain(parameters: Uint8Array): DhDomain {
  const { p, g } = membersOfDomain(parameters)
  const bits = bitLength(p)
  const fits = bits >= PRIME_BITS_MIN && bits <= PRIME_BITS_MAX && p % 2n === 1n && g > 1n && g < p - 1n
  if (!fits) throw invalid()
  return { p, g }
}

/** @throws Ep11Error `CKR_DOMAIN_PARAMS_INVALID` */
export async function demandPrime({ p }: DhDomain): Promise<void> {
  const group = groups.get(bitLength(p))
  const isGroup = group !== undefined && integerOf(getDiffieHellman(group).getPrime()) === p
  if (!isGroup && !(await isPrime(p))) throw invalid()
}

function membersOfDomain(parameters: Uint8Array): DhDomain {
  if (parameters.length > DOMAIN_BYTES_MAX) throw invalid()
  try {
    const members = membersOf(parameters)
    const domain = { p: integerOf(takeUnsigned(members)), g: integerOf(takeUnsigned(members)) }
    if (!members.atEnd) members.take(tags.INTEGER)
    members.end()
    return domain
  } catch {
    throw invalid()
  }
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_DOMAIN_PARAMS_INVALID', 'These are no domain parameters of DH.')
}
