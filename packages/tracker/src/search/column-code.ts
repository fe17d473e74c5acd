/** Values of search columns as small integers: they find candidates, the entry itself decides. */
import { isUuidAt, lower, uuidLength } from './word-bytes.ts'

/** Values so frequent that they get a number of one byte. */
const frequent: ReadonlyMap<string, number> = new Map([
  ['success', 1],
  ['failure', 2],
  ['pending', 3],
  ['unknown', 4],
  ['normal', 5],
  ['warning', 6],
  ['critical', 7],
])

/** The code of an id: a UUID is the same in whatever case it is written. */
export function idCode(text: string): number {
  return columnCode(uuid.test(text) ? text.toLowerCase() : text)
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Length of the longest of the frequent values. */
export const frequentLengthMax = 8

/**
 * A 48-bit number for a text: a table and its index stay a third of the size they have with the texts, CRNs being
 * long. Two texts may share one, so whoever searches compares the entry's own text before believing it.
 */
export function columnCode(text: string): number {
  const small = frequent.get(text)
  if (small !== undefined) return small
  let a = seedA
  let b = seedB
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, factorA)
    b = Math.imul(b ^ unit, factorB)
  }
  return finished(a, b)
}

/** The code of an id in ASCII that is longer than the frequent values. */
export function idCodeAt(bytes: Uint8Array, from: number, to: number): number {
  return columnCodeAt(bytes, from, to, to - from === uuidLength && isUuidAt(bytes, from))
}

/** The code of an ASCII text that is longer than the frequent ones, in lower case if asked for. */
export function columnCodeAt(bytes: Uint8Array, from: number, to: number, isLower = false): number {
  let a = seedA
  let b = seedB
  for (let at = from; at < to; at++) {
    const unit = isLower ? lower(bytes[at]!) : bytes[at]!
    a = Math.imul(a ^ unit, factorA)
    b = Math.imul(b ^ unit, factorB)
  }
  return finished(a, b)
}

const seedA = 0xdeadbeef
const seedB = 0x41c6ce57
const factorA = 0x9e3779b1
const factorB = 0x5f356495

function finished(a: number, b: number): number {
  const c = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  const d = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(c ^ (c >>> 13), 0xc2b2ae35)
  // Numbers below 2^47 take six bytes in a row; the frequent ones stay apart.
  return (d & 0x7fff) * 0x1_0000_0000 + (c >>> 0) + 256
}
