/** A key that lies sealed under a root key, as a request names it, and its material for one use. */
import type { Fields } from './frames.ts'
import { readNamedBlob, TAG_BYTES, type NamedBlob } from './key-blob.ts'
import { rootKey, type Holdings } from './operation.ts'
import { MATERIAL_AAD_BYTES_MAX, MATERIAL_BYTES_MAX } from './protocol.ts'
import { openSealed } from './sealed-text.ts'
import { UnitError } from './unit-error.ts'

export interface SealedKey {
  readonly root: NamedBlob
  readonly aad: Buffer
  readonly iv: Buffer
  readonly sealed: Buffer
}

/** @throws ProtocolError `MALFORMED` */
export function readSealedKey(request: Fields): SealedKey {
  const root = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const iv = request.raw(request.u8())
  return { root, aad, iv, sealed: request.bytes(MATERIAL_BYTES_MAX + TAG_BYTES) }
}

/**
 * The caller zeroes what it gets. `TAMPERED` is left to what the key is applied to: that comes from a caller, the sealed key
 * does not.
 * @throws UnitError `BROKEN_BLOB`
 */
export function openSealedKey({ root, aad, iv, sealed }: SealedKey, holdings: Holdings): Buffer {
  const key = rootKey(root, holdings)
  try {
    return openSealed(key, iv, sealed, aad)
  } catch (error) {
    if (!(error instanceof UnitError)) throw error
    throw new UnitError('BROKEN_BLOB', 'The sealed key was altered, or sealed under another key or with other data.')
  }
}
