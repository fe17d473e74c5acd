/** `import-token.read`: hands out public key and nonce, and counts that it did. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { toBase64 } from '../keys/base64.ts'
import type { KeyCall } from '../keys/parts.ts'
import type { ImportTokenParts } from './parts.ts'
import { countRetrieval, findImportToken, type ImportToken, openNonce } from './token.ts'

export interface RetrievedToken {
  /** After this retrieval. */
  readonly token: ImportToken
  /** Base64. */
  readonly nonce: string
}

export function readImportToken(
  call: KeyCall,
  parts: ImportTokenParts,
): Operation<'hs-crypto.import-token.read', RetrievedToken> {
  return (seen) => {
    const { caller, instance } = call
    parts.access.requireInstance(caller, instance, 'import-token', call.keyRing)
    const token = findImportToken(parts.reader, instance.guid)
    if (token === undefined) throw new Refusal('NOT_FOUND', { message: 'The instance has no import token.' })
    if (token.expiresAt <= parts.clock.now() || token.remainingRetrievals === 0) {
      throw new Refusal('IMPORT_TOKEN_EXPIRED_ERR')
    }
    const counted = { ...token, remainingRetrievals: token.remainingRetrievals - 1 }
    seen.response.maxAllowedRetrievals = counted.maxRetrievals
    seen.response.remainingRetrievals = counted.remainingRetrievals
    const bytes = openNonce(token, parts.sealer)
    const nonce = toBase64(bytes)
    bytes.fill(0)
    return { result: { token: counted, nonce }, code: 200, changes: [countRetrieval(token)] }
  }
}
