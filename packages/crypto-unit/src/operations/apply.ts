/** APPLY: one use of key material that is sealed under a root key; the material is opened for it and zeroed after it. */
import { applyKey } from '../key-application.ts'
import { putOutcome, readKeyUse } from '../key-use.ts'
import type { Operation } from '../operation.ts'
import { openSealedKey, readSealedKey } from '../sealed-key.ts'

export const apply: Operation = (request, answer, holdings) => {
  const stored = readSealedKey(request)
  const use = readKeyUse(request)
  request.end()
  const material = openSealedKey(stored, holdings)
  try {
    const outcome = applyKey(material, use)
    putOutcome(answer, outcome)
    if ('data' in outcome) outcome.data.fill(0)
  } finally {
    material.fill(0)
  }
}
