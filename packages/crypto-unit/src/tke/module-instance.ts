/** The instance number in a module identifier: which unit of which service instance signed an answer. */
import { createHash } from 'node:crypto'

/**
 * The first 8 bytes of SHA-256 over the instance's GUID in lower case, a zero byte and the unit's id. All modules of a
 * server hang from one root, and serial and domain repeat between regions: this number alone tells units apart.
 */
export function moduleInstanceOf(instance: string, unit: string): bigint {
  const digest = createHash('sha256').update(instance.toLowerCase()).update(Uint8Array.of(0)).update(unit).digest()
  return digest.readBigUInt64BE(0)
}
