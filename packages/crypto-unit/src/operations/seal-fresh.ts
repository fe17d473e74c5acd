/** SEAL_FRESH: new random key material sealed under a root key; of the material itself only its SHA-256 is answered. */
import { createHash } from 'node:crypto'
import { ProtocolError } from '../frames.ts'
import { freshMaterial } from '../fresh-material.ts'
import { readNamedBlob } from '../key-blob.ts'
import { materialForms } from '../key-use.ts'
import { rootKey, type Operation } from '../operation.ts'
import { MATERIAL_AAD_BYTES_MAX } from '../protocol.ts'
import { putSealed } from '../sealed-text.ts'

export const sealFresh: Operation = (request, answer, holdings) => {
  const stored = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const form = materialForms[request.u8()]
  const count = request.u32()
  request.end()
  if (form === undefined) throw new ProtocolError('MALFORMED', 'A form of key material is not known.')
  const key = rootKey(stored, holdings)
  const material = freshMaterial(count, form)
  putSealed(answer, key, material, aad, holdings.ivs)
  answer.raw(createHash('sha256').update(material).digest())
  material.fill(0)
}
