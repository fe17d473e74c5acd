/** APPLY: one use of key material that is sealed under a root key; the material is opened for it and zeroed after it. */
import type { KeyObject } from 'node:crypto'
import { TAG_BYTES, readNamedBlob } from '../key-blob.ts'
import { applyKey } from '../key-application.ts'
import { putOutcome, readKeyUse } from '../key-use.ts'
import { rootKey, type Operation } from '../operation.ts'
import { MATERIAL_AAD_BYTES_MAX, MATERIAL_BYTES_MAX } from '../protocol.ts'
import { openSealed } from '../sealed-text.ts'
import { UnitError } from '../unit-error.ts'

export const apply: Operation = (request, answer, holdings) => {
  const stored = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const iv = request.raw(request.u8())
  const sealed = request.bytes(MATERIAL_BYTES_MAX + TAG_BYTES)
  const use = readKeyUse(request)
  request.end()
  const material = openKey(rootKey(stored, holdings), iv, sealed, aad)
  try {
    const outcome = applyKey(material, use)
    putOutcome(answer, outcome)
    if ('data' in outcome) outcome.data.fill(0)
  } finally {
    material.fill(0)
  }
}

/** `TAMPERED` is left to what the key is applied to: that comes from a caller, the sealed key does not. */
function openKey(key: KeyObject, iv: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  try {
    return openSealed(key, iv, sealed, aad)
  } catch (error) {
    if (!(error instanceof UnitError)) throw error
    throw new UnitError('BROKEN_BLOB', 'The sealed key was altered, or sealed under another key or with other data.')
  }
}
