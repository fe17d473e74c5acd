/** IMPORT: wraps key material that the caller brings. */
import { demandMaterialSize, putBlob, readName } from '../key-blob.ts'
import type { Operation } from '../operation.ts'
import { MATERIAL_BYTES_MAX } from '../protocol.ts'

export const importMaterial: Operation = (request, answer, { units, ivs }) => {
  const name = readName(request)
  const material = request.bytes(MATERIAL_BYTES_MAX)
  request.end()
  demandMaterialSize(name, material.length)
  putBlob(answer, name, material, units.master(name.instance), ivs)
}
