/** New random key material, in the form that its algorithm wants. */
import { randomFillSync } from 'node:crypto'
import type { MaterialForm } from './key-use.ts'
import { FRESH_BYTES_MAX } from './protocol.ts'
import { UnitError } from './unit-error.ts'

/** Two and three keys of DES, parity bits counted (SP 800-67, section 3.1). */
const desBytes = new Set([16, 24])

/**
 * The caller zeroes what it gets.
 * @throws UnitError `LIMIT` for a size that the form does not have
 */
export function freshMaterial(count: number, form: MaterialForm): Buffer {
  if (count < 1 || count > FRESH_BYTES_MAX) {
    throw new UnitError('LIMIT', `Fresh key material has 1 to ${FRESH_BYTES_MAX} bytes.`)
  }
  if (form === 'des' && !desBytes.has(count)) throw new UnitError('LIMIT', 'A key of 3DES has 16 or 24 bytes.')
  const material = randomFillSync(Buffer.alloc(count))
  if (form === 'des') setOddParity(material)
  return material
}

/** The last bit of each byte makes the number of its ones odd (SP 800-67, section 3.1). */
export function setOddParity(material: Buffer): void {
  for (const [index, byte] of material.entries()) {
    let ones = byte >> 1
    ones ^= ones >> 4
    ones ^= ones >> 2
    ones ^= ones >> 1
    material[index] = (byte & 0xfe) | (~ones & 1)
  }
}
