/** GENERATE: new random key material, which leaves the process wrapped only. */
import { randomFillSync } from 'node:crypto'
import { demandMaterialSize, putBlob, readName } from '../key-blob.ts'
import type { Operation } from '../operation.ts'

export const generate: Operation = (request, answer, { units, ivs }) => {
  const name = readName(request)
  const count = request.u32()
  request.end()
  demandMaterialSize(name, count)
  const master = units.master(name.instance)
  const material = randomFillSync(Buffer.alloc(count))
  putBlob(answer, name, material, master, ivs)
  material.fill(0)
}
