/** REENCRYPT: a blob under the master key in force, from whichever master key it is under: one step of a rotation. */
import { openBlob, putBlob, readNamedBlob } from '../key-blob.ts'
import type { Operation } from '../operation.ts'

export const reencrypt: Operation = (request, answer, { units, ivs }) => {
  const stored = readNamedBlob(request)
  request.end()
  const master = units.master(stored.instance)
  const material = openBlob(stored, units)
  putBlob(answer, stored, material, master, ivs)
  material.fill(0)
}
