/** WRAP: encrypts a plaintext, or 32 fresh random bytes which are then answered too, under a root key. */
import { randomFillSync } from 'node:crypto'
import { readNamedBlob } from '../key-blob.ts'
import { rootKey, type Operation } from '../operation.ts'
import { AAD_BYTES_MAX, PLAINTEXT_BYTES_MAX } from '../protocol.ts'
import { putSealed } from '../sealed-text.ts'

const FRESH_BYTES = 32

export const wrap: Operation = (request, answer, holdings) => {
  const stored = readNamedBlob(request)
  const aad = request.bytes(AAD_BYTES_MAX)
  const isGiven = request.u8() === 1
  const given = isGiven ? request.bytes(PLAINTEXT_BYTES_MAX) : undefined
  request.end()
  const key = rootKey(stored, holdings)
  if (given !== undefined) {
    putSealed(answer, key, given, aad, holdings.ivs)
    return
  }
  const fresh = randomFillSync(Buffer.alloc(FRESH_BYTES))
  putSealed(answer, key, fresh, aad, holdings.ivs)
  answer.raw(fresh)
  fresh.fill(0)
}
