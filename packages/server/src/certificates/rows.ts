/** Administrators' keys and accepted certificates as they are stored. Times are milliseconds since the epoch. */

export interface AdminKeyRow {
  readonly instance: string
  /** IAM id. */
  readonly administrator: string
  /** SHA-256 of the key, lower-case hexadecimal. */
  readonly keyId: string
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** When it became the administrator's key. */
  readonly createdAt: number
}

export interface AcceptedCertificateRow {
  readonly instance: string
  /** IAM id. */
  readonly administrator: string
  /** Chosen by the administrator. */
  readonly id: string
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  /** DER. */
  readonly certificate: Uint8Array
  readonly notAfter: number
  /** When its end is to be told of next; null when all was told. */
  readonly dueAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Whoever has a key or certificates of an instance. */
export interface HolderRow {
  /** IAM id. */
  readonly administrator: string
  readonly keyId: string | null
  /** How many. */
  readonly certificates: number
}
