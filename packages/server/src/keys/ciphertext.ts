/** The ciphertext clients keep: opaque to them, it names the key version that made it (reference section 8.7). */
import { Refusal } from '../errors.ts'
import type { Sealed } from '../units/unit-client.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { keyLimits } from './limits.ts'

/** What a ciphertext holds. */
export interface Wrapping extends Sealed {
  /** Id of the key version it was made with. */
  readonly handle: string
}

const ivBytes = 12
const tagBytes = 16

/** Base64 of the JSON that the published samples show, always with the same members in the same order. */
export function formatCiphertext(wrapping: Wrapping): string {
  const json = `{"ciphertext":"${toBase64(wrapping.ciphertext)}","iv":"${toBase64(wrapping.iv)}","version":"4.0.0","handle":"${wrapping.handle}"}`
  return Buffer.from(json, 'latin1').toString('base64')
}

const shape =
  /^\{"ciphertext":"([A-Za-z0-9+/]+={0,2})","iv":"([A-Za-z0-9+/]{16})","version":"4\.0\.0","handle":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"\}$/

/**
 * Reads exactly what `formatCiphertext` prints; undefined for base64 of anything else than a ciphertext of this service,
 * which is no fault of the request's form: whether the key exists and may be used is said first (section 5.3).
 * @throws Refusal `INVALID_FIELD_ERR` when the text is not base64 or too long
 */
export function parseCiphertext(text: string): Wrapping | undefined {
  const json = text.length > keyLimits.ciphertextLength ? undefined : fromBase64(text)
  if (json === undefined) {
    throw new Refusal('INVALID_FIELD_ERR', {
      message: 'The ciphertext is not base64, or too long.',
      at: { type: 'field', name: 'ciphertext' },
    })
  }
  const [, sealed, vector, handle] = shape.exec(json.toString('latin1')) ?? []
  if (sealed === undefined || vector === undefined || handle === undefined) return undefined
  const ciphertext = fromBase64(sealed)
  const iv = fromBase64(vector)
  if (ciphertext === undefined || ciphertext.length <= tagBytes || iv?.length !== ivBytes) return undefined
  return { ciphertext, iv, handle }
}
