/** The pattern by which a master key or a part of it is recognised without being known. */
import { createHash } from 'node:crypto'

/** SHA-256 over 01 and the key, the last four bytes zero (TKE reference, section 5). 64 hex digits. */
export function verificationPattern(key: Uint8Array): string {
  const digest = createHash('sha256').update(Uint8Array.of(1)).update(key).digest()
  return digest.fill(0, 28).toString('hex')
}
