/** Time-ordered unique ids: UUID version 7 (RFC 9562, section 5.7). */
import { EventError } from './error.ts'

/** Bytes in hexadecimal: every event has an id, and looking them up is quicker than working them out. */
const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * @param timeMs milliseconds since the epoch
 * @param random 10 bytes from a cryptographic source
 * @throws EventError `BAD_VALUE`
 */
export function uuidv7(timeMs: number, random: Uint8Array): string {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs > 0xffff_ffff_ffff) {
    throw new EventError('BAD_VALUE', 'timeMs', 'not 48 bits of milliseconds')
  }
  if (random.length !== 10) throw new EventError('BAD_VALUE', 'random', 'not 10 bytes')
  const hex = (byte: number): string => hexBytes[byte & 0xff]!
  const at = (index: number): number => random[index]!
  const high = Math.floor(timeMs / 0x1_0000)
  return (
    `${hex(high >>> 24)}${hex(high >>> 16)}${hex(high >>> 8)}${hex(high)}-${hex(timeMs / 0x100)}${hex(timeMs)}` +
    // The version stands before the first 12 random bits, the two bits `10` of the variant before the last 62.
    `-${hex(0x70 | (at(0) & 0x0f))}${hex(at(1))}-${hex(0x80 | (at(2) & 0x3f))}${hex(at(3))}` +
    `-${hex(at(4))}${hex(at(5))}${hex(at(6))}${hex(at(7))}${hex(at(8))}${hex(at(9))}`
  )
}
