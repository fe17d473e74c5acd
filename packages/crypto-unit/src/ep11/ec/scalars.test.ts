/** Numbers modulo the order: divided rightly, blinded without a trace, cut at the left. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { integerOf } from '../integers.ts'
import { curves, type WeierstrassCurve } from './curves.ts'
import { blinded, leftmostBits, modulo, quotient } from './scalars.ts'

const weierstrassCurves = curves.filter((curve) => curve.kind === 'weierstrass')
const curve = fc.constantFrom(...weierstrassCurves)

test('a quotient times its divisor is the dividend, and there is none by zero', () => {
  const number = fc.bigInt({ min: -(1n << 600n), max: 1n << 600n })
  fc.assert(
    fc.property(curve, number, number, ({ order }, dividend, divisor) => {
      fc.pre(divisor % order !== 0n)
      const found = quotient(dividend, divisor, order)
      expect(found >= 0n && found < order).toBe(true)
      expect(modulo(found * divisor, order)).toBe(modulo(dividend, order))
    }),
  )
  for (const { order } of weierstrassCurves) {
    for (const divisor of [0n, order, -order]) expect(() => quotient(1n, divisor, order)).toThrow(RangeError)
  }
})

test('a blinded number is the same one modulo the order, and another each time', () => {
  const { order } = weierstrassCurves[0] as WeierstrassCurve
  const found = Array.from({ length: 20 }, () => blinded(5n, order))
  expect(found.every((number) => modulo(number, order) === 5n)).toBe(true)
  expect(new Set(found).size).toBe(20)
})

test('the leftmost bits are as many as the order has, or all that there are', () => {
  fc.assert(
    fc.property(curve, fc.uint8Array({ minLength: 1, maxLength: 90 }), (each, data) => {
      const surplus = 8 * data.length - each.bits
      expect(leftmostBits(data, each)).toBe(surplus > 0 ? integerOf(data) >> BigInt(surplus) : integerOf(data))
    }),
  )
})
