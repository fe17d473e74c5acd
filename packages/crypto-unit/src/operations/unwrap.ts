/** UNWRAP: decrypts what WRAP made under the same root key. */
import { TAG_BYTES, readNamedBlob } from '../key-blob.ts'
import { rootKey, type Operation } from '../operation.ts'
import { AAD_BYTES_MAX, PLAINTEXT_BYTES_MAX } from '../protocol.ts'
import { openSealed } from '../sealed-text.ts'

export const unwrap: Operation = (request, answer, holdings) => {
  const stored = readNamedBlob(request)
  const aad = request.bytes(AAD_BYTES_MAX)
  const iv = request.raw(request.u8())
  const sealed = request.bytes(PLAINTEXT_BYTES_MAX + TAG_BYTES)
  request.end()
  const plaintext = openSealed(rootKey(stored, holdings), iv, sealed, aad)
  answer.raw(plaintext)
  plaintext.fill(0)
}
