/** Points of Weierstrass curves, multiplied by OpenSSL; what is added here are public points. */
import { ECDH, createECDH } from 'node:crypto'
import { integerOf, unsignedBytes } from '../integers.ts'
import type { WeierstrassCurve } from './curves.ts'
import { modulo, quotient } from './scalars.ts'

/** Affine; the point at infinity is none of these. */
export interface Point {
  readonly x: bigint
  readonly y: bigint
}

const UNCOMPRESSED = 0x04
const COMPRESSED_EVEN = 0x02

/** Of `04 X Y`, known to be on the curve. */
export function pointOfBytes(curve: WeierstrassCurve, bytes: Uint8Array): Point {
  const { bytes: size } = curve
  return { x: integerOf(bytes.subarray(1, 1 + size)), y: integerOf(bytes.subarray(1 + size, 1 + 2 * size)) }
}

/** `04 X Y` (SEC 1, 2.3.3). */
export function bytesOfPoint(curve: WeierstrassCurve, point: Point): Buffer {
  return Buffer.concat([
    Buffer.from([UNCOMPRESSED]),
    unsignedBytes(point.x, curve.bytes),
    unsignedBytes(point.y, curve.bytes),
  ])
}

/** `02 X` or `03 X` (SEC 1, 2.3.3). */
export function compressedBytes(curve: WeierstrassCurve, point: Point): Buffer {
  return Buffer.concat([Buffer.from([COMPRESSED_EVEN + Number(point.y & 1n)]), unsignedBytes(point.x, curve.bytes)])
}

/** k·G as `04 X Y`, in a time that does not depend on k. @throws when k is not in 1 to order − 1 */
export function baseMultipleBytes(curve: WeierstrassCurve, scalar: Uint8Array): Buffer {
  const multiplier = createECDH(curve.node)
  multiplier.setPrivateKey(scalar)
  return multiplier.getPublicKey()
}

/** k·G + P for a public k in 0 to order − 1; undefined is the point at infinity. */
export function plusBaseMultiple(curve: WeierstrassCurve, point: Point, scalar: bigint): Point | undefined {
  if (scalar === 0n) return point
  const multiple = baseMultiple(curve, scalar)
  if (multiple.x !== point.x) return chord(curve, multiple, point)
  // Twice the same point is twice the multiple, so that no formula for tangents is needed; else it is the opposite one.
  return multiple.y === point.y ? baseMultiple(curve, modulo(2n * scalar, curve.order)) : undefined
}

/**
 * k·P for a public k in 1 to order − 1. OpenSSL gives the x-coordinates of k·P and of (k + 1)·P: of the two points with
 * the first, the right one is that which gives the second when P is added.
 */
export function multipleOf(curve: WeierstrassCurve, point: Point, scalar: bigint): Point {
  if (scalar === 1n) return point
  if (scalar === curve.order - 1n) return opposite(curve, point)
  const bytes = bytesOfPoint(curve, point)
  const compressed = Buffer.concat([Buffer.from([COMPRESSED_EVEN]), sharedCoordinate(curve, bytes, scalar)])
  const candidate = pointOfBytes(
    curve,
    ECDH.convertKey(compressed, curve.node, undefined, undefined, 'uncompressed') as Buffer,
  )
  const next = integerOf(sharedCoordinate(curve, bytes, scalar + 1n))
  return chord(curve, candidate, point).x === next ? candidate : opposite(curve, candidate)
}

function baseMultiple(curve: WeierstrassCurve, scalar: bigint): Point {
  return pointOfBytes(curve, baseMultipleBytes(curve, unsignedBytes(scalar, curve.bytes)))
}

function sharedCoordinate(curve: WeierstrassCurve, point: Uint8Array, scalar: bigint): Buffer {
  const multiplier = createECDH(curve.node)
  multiplier.setPrivateKey(unsignedBytes(scalar, curve.bytes))
  return multiplier.computeSecret(point)
}

/** The sum of two points of different x-coordinates (SEC 1, 2.2.1, rule 4). */
function chord({ prime }: WeierstrassCurve, one: Point, other: Point): Point {
  const slope = quotient(other.y - one.y, other.x - one.x, prime)
  const x = modulo(slope * slope - one.x - other.x, prime)
  return { x, y: modulo(slope * (one.x - x) - one.y, prime) }
}

function opposite({ prime }: WeierstrassCurve, { x, y }: Point): Point {
  return { x, y: modulo(-y, prime) }
}
