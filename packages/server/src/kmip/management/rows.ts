/** Adapters, client certificates and objects as they are stored. Times are milliseconds since the epoch. */

export interface AdapterRow {
  readonly instance: string
  readonly id: string
  readonly name: string
  readonly description: string
  readonly profile: string
  /** Id of the root key that its objects are wrapped with. */
  readonly crk: string
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number
  readonly updatedBy: string
}

/** What a certificate is known by. */
export interface CertificateRow {
  readonly instance: string
  readonly adapter: string
  readonly id: string
  readonly name: string
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly createdAt: number
  readonly createdBy: string
}

export interface WholeCertificateRow extends CertificateRow {
  /** DER. */
  readonly certificate: Uint8Array
}

/** 1 pre-active, 2 active, 3 deactivated, 4 compromised, 5 destroyed, 6 destroyed compromised (KMIP 1.4, section 3.22). */
export type ObjectState = 1 | 2 | 3 | 4 | 5 | 6

export const adapterColumns = `instance, id, name, description, profile, crk, created_at AS createdAt,
  created_by AS createdBy, updated_at AS updatedAt, updated_by AS updatedBy`

export const certificateColumns = `instance, adapter, id, name, fingerprint, created_at AS createdAt,
  created_by AS createdBy`
