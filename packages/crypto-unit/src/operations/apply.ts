/** APPLY: one use of key material that is sealed under a root key; the material is opened for it and zeroed after it. */
import { TAG_BYTES, readNamedBlob } from '../key-blob.ts'
import { applyKey } from '../key-application.ts'
import { putOutcome, readKeyUse } from '../key-use.ts'
import { rootKey, type Operation } from '../operation.ts'
import { MATERIAL_AAD_BYTES_MAX, MATERIAL_BYTES_MAX } from '../protocol.ts'
import { openSealed } from '../sealed-text.ts'

export const apply: Operation = (request, answer, holdings) => {
  const stored = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const iv = request.raw(request.u8())
  const sealed = request.bytes(MATERIAL_BYTES_MAX + TAG_BYTES)
  const use = readKeyUse(request)
  request.end()
  const material = openSealed(rootKey(stored, holdings), iv, sealed, aad)
  try {
    const outcome = applyKey(material, use)
    putOutcome(answer, outcome)
    if ('data' in outcome) outcome.data.fill(0)
  } finally {
    material.fill(0)
  }
}
