/** Whole numbers: as bytes and back, and the arithmetic of DSA and DH against its own laws. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitLength, integerBytes, integerOf, inverse, power, randomBelow, unsignedBytes } from './integers.ts'

const natural = fc.bigInt({ min: 0n, max: 2n ** 300n })

test('a number is its bytes, in as few as it takes or filled up on the left', () => {
  fc.assert(
    fc.property(natural, (value) => {
      expect(integerOf(integerBytes(value))).toBe(value)
      expect(integerOf(unsignedBytes(value, 40))).toBe(value)
      expect(unsignedBytes(value, 40).length).toBe(40)
      expect(integerBytes(value).length).toBe(Math.max(1, Math.ceil(bitLength(value) / 8)))
    }),
  )
  expect(integerOf(Buffer.of())).toBe(0n)
  expect(integerBytes(0n)).toEqual(Buffer.of(0))
  expect(integerOf(new Uint8Array([9, 1, 0]).subarray(1))).toBe(256n)
  expect(() => unsignedBytes(256n, 1)).toThrow(RangeError)
  expect(() => unsignedBytes(-1n, 4)).toThrow(RangeError)
})

test('the length in bits is that of the highest one', () => {
  for (const [value, bits] of [
    [0n, 0],
    [1n, 1],
    [255n, 8],
    [256n, 9],
  ] as const) {
    expect(bitLength(value)).toBe(bits)
  }
})

test('powers multiply as their exponents add', () => {
  fc.assert(
    fc.property(natural, natural, natural, fc.bigInt({ min: 1n, max: 2n ** 128n }), (base, one, other, modulus) => {
      const product = (power(base, one, modulus) * power(base, other, modulus)) % modulus
      expect(power(base, one + other, modulus)).toBe(product)
      expect(power(base, 3n, modulus)).toBe((base * base * base) % modulus)
    }),
  )
})

test('a number times its inverse is 1, and what shares a factor with the modulus has none', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
      fc.bigInt({ min: 2n, max: 2n ** 160n }),
      (value, modulus) => {
        const found = inverse(value, modulus)
        const isCoprime = greatestCommonDivisor(value < 0n ? -value : value, modulus) === 1n
        expect(found !== undefined).toBe(isCoprime)
        const product = (((value * (found ?? 0n)) % modulus) + modulus) % modulus
        expect(product).toBe(isCoprime ? 1n : 0n)
        expect((found ?? 0n) >= 0n && (found ?? 0n) < modulus).toBe(true)
      },
    ),
  )
  expect(inverse(0n, 7n)).toBeUndefined()
  expect(inverse(6n, 9n)).toBeUndefined()
})

test('a drawn number is above 0 and below its bound, and reaches both ends', () => {
  const drawn = new Set(Array.from({ length: 400 }, () => randomBelow(5n)))
  expect(drawn).toEqual(new Set([1n, 2n, 3n, 4n]))
  const bound = 2n ** 160n
  expect(randomBelow(bound) < bound).toBe(true)
  expect(randomBelow(2n)).toBe(1n)
})

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other)
}
