/** The import token of an instance in the store: private key and nonce sealed, each under the token's own name. */
import type { Sealer } from '../seal.ts'
import type { Change, Condition, Reader } from '../store/store.ts'

/** Of the secret that proves that whoever sends material has read the token. */
export const nonceBytes = 12

/** A stored token. Times are milliseconds since the epoch. */
export interface ImportToken {
  readonly instance: string
  readonly id: string
  /** PEM of an RSA-4096 SubjectPublicKeyInfo. */
  readonly publicKey: string
  /** PKCS #8 in DER, sealed. */
  readonly privateKey: Uint8Array
  /** 12 bytes, sealed. */
  readonly nonce: Uint8Array
  readonly maxRetrievals: number
  readonly remainingRetrievals: number
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
}

export function findImportToken(reader: Reader, instance: string): ImportToken | undefined {
  return reader.get<ImportToken>(
    `SELECT instance, id, public_key AS publicKey, private_key AS privateKey, nonce, max_retrievals AS maxRetrievals,
      remaining_retrievals AS remainingRetrievals, created_at AS createdAt, created_by AS createdBy,
      expires_at AS expiresAt FROM import_tokens WHERE instance = ?`,
    instance,
  )
}

const privateKeyName = (instance: string, id: string): string => `import-token/${instance}/${id}/private-key`
const nonceName = (instance: string, id: string): string => `import-token/${instance}/${id}/nonce`

/** Seals what a new token hides. Both secrets are zeroed. */
export function sealToken(
  instance: string,
  id: string,
  secrets: { readonly privateKey: Uint8Array; readonly nonce: Uint8Array },
  sealer: Sealer,
): Pick<ImportToken, 'privateKey' | 'nonce'> {
  const privateKey = sealer.seal(privateKeyName(instance, id), secrets.privateKey)
  const nonce = sealer.seal(nonceName(instance, id), secrets.nonce)
  secrets.privateKey.fill(0)
  secrets.nonce.fill(0)
  return { privateKey, nonce }
}

/** A copy; the caller zeroes it. */
export function openPrivateKey(token: ImportToken, sealer: Sealer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sealer.open(privateKeyName(token.instance, token.id), token.privateKey))
}

/** A copy; the caller zeroes it. */
export function openNonce(token: ImportToken, sealer: Sealer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sealer.open(nonceName(token.instance, token.id), token.nonce))
}

/** Takes the place of the instance's token, if it has one. */
export function putImportToken(token: ImportToken): Change {
  return {
    sql: `INSERT OR REPLACE INTO import_tokens (instance, id, public_key, private_key, nonce, max_retrievals,
      remaining_retrievals, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      token.instance,
      token.id,
      token.publicKey,
      token.privateKey,
      token.nonce,
      token.maxRetrievals,
      token.remainingRetrievals,
      token.createdAt,
      token.createdBy,
      token.expiresAt,
    ],
    rows: 1,
  }
}

/** Counts one retrieval. Holds while nobody else took it and the token was not replaced. */
export function countRetrieval(token: ImportToken): Change {
  return {
    sql: `UPDATE import_tokens SET remaining_retrievals = remaining_retrievals - 1
      WHERE instance = ? AND id = ? AND remaining_retrievals = ?`,
    params: [token.instance, token.id, token.remainingRetrievals],
    rows: 1,
  }
}

/** That the token was not replaced. */
export function stillValid(token: ImportToken): Condition {
  return { sql: 'SELECT 1 FROM import_tokens WHERE instance = ? AND id = ?', params: [token.instance, token.id] }
}
