/** Time-ordered unique ids: UUID version 7 (RFC 9562, section 5.7). */
import { EventError } from './error.ts'

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
  const time = timeMs.toString(16).padStart(12, '0')
  let tail = ''
  for (const byte of random) tail += (byte | 0x100).toString(16).slice(1)
  // The two bits `10` of the variant stand before the last 62 random bits.
  const variant = '89ab'[((random[2] ?? 0) >> 4) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(1, 4)}-${variant}${tail.slice(5, 8)}-${tail.slice(8)}`
}
