/** A domain's attributes, permissions and control points as they travel (TKE reference, sections 3.3 and 3.4). */
import { malformed, wordBytes } from './der.ts'

/** Indexes of the attributes that a domain has. */
export const attributes = {
  SIGNATURE_THRESHOLD: 1,
  REVOCATION_THRESHOLD: 2,
  PERMISSIONS: 3,
  MODE: 4,
  STANDARDS: 5,
} as const

/** Attribute 3. The high half says what of the low half may still be changed. */
export const permissions = {
  IMPORT: 0x0000_0001,
  EXPORT: 0x0000_0002,
  /** A master key may come and go in one part. */
  ONE_PART: 0x0000_0004,
  RANDOM: 0x0000_0008,
  THRESHOLD_ONE: 0x0000_0010,
  ONE_SIGNATURE_CONTROL_POINTS: 0x0000_0020,
  ONE_SIGNATURE_ZEROIZE: 0x0000_0040,
  /** Signatures of the module's administrators do not count for the domain. */
  DO_NOT_DISTURB: 0x0000_2000,
  CHANGE_IMPORT: 0x0001_0000,
  CHANGE_EXPORT: 0x0002_0000,
  CHANGE_ONE_PART: 0x0004_0000,
  CHANGE_RANDOM: 0x0008_0000,
  CHANGE_SIGNATURE_THRESHOLD: 0x0010_0000,
  CHANGE_REVOCATION_THRESHOLD: 0x0020_0000,
  CHANGE_THRESHOLD_ONE: 0x0040_0000,
  CHANGE_ONE_SIGNATURE_CONTROL_POINTS: 0x0080_0000,
  CHANGE_ONE_SIGNATURE_ZEROIZE: 0x0100_0000,
  CHANGE_DO_NOT_DISTURB: 0x8000_0000,
} as const

/** Control points of the CLI (section 3.4): algorithms that a domain may do beyond the basic ones. */
export const controlPoints = {
  XCP_CPB_ALG_EC_25519: 55,
  XCP_CPB_BTC: 66,
  XCP_CPB_ECDSA_OTHER: 67,
} as const

export const CONTROL_POINT_BYTES = 16

/** Pairs of index and value, 8 bytes each. */
export function encodeAttributes(pairs: readonly (readonly [index: number, value: number])[]): Buffer {
  return Buffer.concat(pairs.flatMap(([index, value]) => [wordBytes(index), wordBytes(value)]))
}

/** @throws ProtocolError `MALFORMED` */
export function decodeAttributes(bytes: Buffer): Map<number, number> {
  if (bytes.length % 8 !== 0) throw malformed('Attributes are pairs of index and value.')
  const found = new Map<number, number>()
  for (let at = 0; at < bytes.length; at += 8) found.set(bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4))
  return found
}

/** A set with these control points in it: most significant bit first. */
export function controlPointSet(...points: readonly number[]): Buffer {
  const set = Buffer.alloc(CONTROL_POINT_BYTES)
  for (const point of points) set[point >> 3] = (set[point >> 3] ?? 0) | (0x80 >> (point & 7))
  return set
}

export function hasControlPoint(set: Uint8Array, point: number): boolean {
  return ((set[point >> 3] ?? 0) & (0x80 >> (point & 7))) !== 0
}
