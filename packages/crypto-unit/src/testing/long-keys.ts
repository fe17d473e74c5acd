/** PKCS #8 of keys whose numbers are made up, of any length: what OpenSSL would compute with at length. */
import { randomBytes } from 'node:crypto'
import { algorithmIdentifier, privateKeyInfo, publicKeyInfo, unsignedInteger } from '../ep11/der.ts'
import { sequence } from '../tke/der.ts'

const oids = {
  rsa: '2a864886f70d010101',
  dsa: '2a8648ce380401',
  dh: '2a864886f70d010301',
} as const

/** Bytes, as all lengths here. */
export interface DsaLengths {
  readonly p?: number
  readonly q?: number
  readonly g?: number
  readonly x?: number
}

/** Odd, its highest bit set. */
function number(bytes: number): Buffer {
  const value = randomBytes(bytes)
  value.writeUInt8(value.readUInt8(0) | 0x80, 0)
  value.writeUInt8(value.readUInt8(bytes - 1) | 1, bytes - 1)
  return unsignedInteger(value)
}

function identifier(oid: string, ...parameters: readonly Buffer[]): Buffer {
  const written = parameters.length === 0 ? Buffer.from('0500', 'hex') : sequence(...parameters)
  return algorithmIdentifier(Buffer.from(oid, 'hex'), written)
}

export function longDsaKey({ p = 128, q = 20, g = 127, x = 19 }: DsaLengths): Buffer {
  return privateKeyInfo(identifier(oids.dsa, number(p), number(q), number(g)), number(x))
}

export function longDhKey({ p = 128, g = 1, x = 20 }: Omit<DsaLengths, 'q'>): Buffer {
  return privateKeyInfo(identifier(oids.dh, number(p), number(g)), number(x))
}

/** RSAPrivateKey: `lengths` of modulus, exponents, primes, their exponents, coefficient; those not given are of one byte. */
export function longRsaNumbers(...lengths: readonly number[]): Buffer {
  const numbers = Array.from({ length: 8 }, (_, place) => number(lengths[place] ?? 1))
  return sequence(unsignedInteger(Buffer.alloc(1)), ...numbers)
}

export function longRsaKey(...lengths: readonly number[]): Buffer {
  return privateKeyInfo(identifier(oids.rsa), longRsaNumbers(...lengths))
}

export function longRsaSpki(modulus: number, exponent: number): Buffer {
  return publicKeyInfo(identifier(oids.rsa), sequence(number(modulus), number(exponent)))
}
