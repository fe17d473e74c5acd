/** Attributes and control points: what the client sends and a module answers, and the order of the bits. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  attributes,
  CONTROL_POINT_BYTES,
  controlPoints,
  controlPointSet,
  decodeAttributes,
  encodeAttributes,
  hasControlPoint,
  permissions,
} from './attributes.ts'
import { decodeAnyBlock } from './command-block.ts'
import { ProtocolError } from '../frames.ts'
import { v4 } from '../testing/tke-vectors.ts'

const v4Pairs = [
  [attributes.SIGNATURE_THRESHOLD, 1],
  [attributes.REVOCATION_THRESHOLD, 1],
  [attributes.PERMISSIONS, 0x01ff2055],
  [attributes.MODE, 0x00040202],
] as const

test('the attributes that the command of vector V4 sets are read, and printed to the same bytes', () => {
  const { payload } = decodeAnyBlock(Buffer.from(v4.block, 'hex'))
  expect([...decodeAttributes(payload)]).toEqual(v4Pairs)
  expect(encodeAttributes(v4Pairs)).toEqual(Buffer.from(payload))
})

test('attributes are read back as they were written', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const pairs = fc.uniqueArray(fc.tuple(u32, u32), { selector: ([index]) => index, maxLength: 20 })
  fc.assert(
    fc.property(pairs, (list) => {
      expect([...decodeAttributes(encodeAttributes(list))]).toEqual(list)
    }),
  )
})

test('attributes that end inside a pair are refused', () => {
  const bytes = encodeAttributes(v4Pairs)
  for (let whole = 0; whole < bytes.length; whole += 8) {
    expect(decodeAttributes(bytes.subarray(0, whole)).size).toBe(whole / 8)
    for (let more = 1; more < 8; more++) {
      expect(() => decodeAttributes(bytes.subarray(0, whole + more))).toThrow(ProtocolError)
    }
  }
})

test('permissions are one bit each, and what guards a bit is another one', () => {
  const bits = Object.values(permissions)
  for (const bit of bits) expect(Math.log2(bit) % 1).toBe(0)
  expect(new Set(bits).size).toBe(bits.length)
  // The first default of the reference, section 3.3.
  const ofFresh = permissions.IMPORT | permissions.THRESHOLD_ONE | 0x01ff_0000 | permissions.CHANGE_DO_NOT_DISTURB
  expect(ofFresh >>> 0).toBe(0x81ff0011)
})

test('control point n is byte n / 8, most significant bit first', () => {
  expect(controlPointSet(0).toString('hex')).toBe('80'.padEnd(32, '0'))
  expect(controlPointSet(127).toString('hex')).toBe('01'.padStart(32, '0'))
  const { XCP_CPB_ALG_EC_25519, XCP_CPB_BTC, XCP_CPB_ECDSA_OTHER } = controlPoints
  expect(controlPointSet(XCP_CPB_ALG_EC_25519, XCP_CPB_BTC, XCP_CPB_ECDSA_OTHER).toString('hex')).toBe(
    '00000000000001003000000000000000',
  )
})

test('a set has the control points that were put in, and no others', () => {
  const points = fc.uniqueArray(fc.integer({ min: 0, max: CONTROL_POINT_BYTES * 8 - 1 }))
  fc.assert(
    fc.property(points, (wanted) => {
      const set = controlPointSet(...wanted)
      const found = Array.from({ length: 200 }, (_, point) => point).filter((point) => hasControlPoint(set, point))
      expect(found).toEqual(wanted.toSorted((a, b) => a - b))
      expect(set.length).toBe(CONTROL_POINT_BYTES)
    }),
  )
})
