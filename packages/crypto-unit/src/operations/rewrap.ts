/** REWRAP: from one root key to another, or to another version of it; the plaintext stays inside. */
import { TAG_BYTES, readNamedBlob } from '../key-blob.ts'
import { rootKey, type Operation } from '../operation.ts'
import { AAD_BYTES_MAX, PLAINTEXT_BYTES_MAX } from '../protocol.ts'
import { openSealed, putSealed } from '../sealed-text.ts'

export const rewrap: Operation = (request, answer, holdings) => {
  const from = readNamedBlob(request)
  const to = readNamedBlob(request)
  const aad = request.bytes(AAD_BYTES_MAX)
  const iv = request.raw(request.u8())
  const sealed = request.bytes(PLAINTEXT_BYTES_MAX + TAG_BYTES)
  request.end()
  const key = rootKey(to, holdings)
  const plaintext = openSealed(rootKey(from, holdings), iv, sealed, aad)
  putSealed(answer, key, plaintext, aad, holdings.ivs)
  plaintext.fill(0)
}
