/** EXPORT: the material of a standard key. A root key never leaves, whoever asks. */
import { demandKind, openBlob, readNamedBlob } from '../key-blob.ts'
import type { Operation } from '../operation.ts'

export const exportMaterial: Operation = (request, answer, { units }) => {
  const stored = readNamedBlob(request)
  request.end()
  demandKind(stored, 'standard-key')
  const material = openBlob(stored, units)
  answer.raw(material)
  material.fill(0)
}
