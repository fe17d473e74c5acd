/** Whole numbers of any size, as bytes and as the arithmetic of DSA and DH needs them. */
import { randomBytes } from 'node:crypto'

/** Big-endian, without a sign; 0 for no bytes. */
export function integerOf(bytes: Uint8Array): bigint {
  return bytes.length === 0
    ? 0n
    : BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`)
}

/** Big-endian, filled up on the left. @throws RangeError for a number that has more bytes, or is negative */
export function unsignedBytes(value: bigint, length: number): Buffer {
  const hex = value.toString(16)
  if (value < 0n || hex.length > 2 * length) throw new RangeError('The number does not have this length.')
  return Buffer.from(hex.padStart(2 * length, '0'), 'hex')
}

/** Big-endian, in as few bytes as it takes, and at least one. */
export function integerBytes(value: bigint): Buffer {
  return unsignedBytes(value, Math.max(1, Math.ceil(bitLength(value) / 8)))
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

/** Uniform in 1 … bound − 1, by rejection (FIPS 186-4, B.1.2). */
export function randomBelow(bound: bigint): bigint {
  const bits = bitLength(bound - 1n)
  const length = Math.ceil(bits / 8)
  for (;;) {
    const bytes = randomBytes(length)
    bytes[0] = (bytes[0] as number) & (0xff >> (8 * length - bits))
    const value = integerOf(bytes)
    bytes.fill(0)
    if (value > 0n && value < bound) return value
  }
}

/** base^exponent modulo an odd or even number, for public numbers only: its time tells the exponent. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus
  let square = base % modulus
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse, by Euclid's algorithm; undefined where there is none. Its time tells the number: give a blinded one. */
export function inverse(value: bigint, modulus: bigint): bigint | undefined {
  let [above, below] = [modulus, ((value % modulus) + modulus) % modulus]
  let [aboveFactor, belowFactor] = [0n, 1n]
  while (below > 0n) {
    const quotient = above / below
    ;[above, below] = [below, above - quotient * below]
    ;[aboveFactor, belowFactor] = [belowFactor, aboveFactor - quotient * belowFactor]
  }
  return above === 1n ? ((aboveFactor % modulus) + modulus) % modulus : undefined
}
