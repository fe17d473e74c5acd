/** Keystores and objects as they are stored, and as operations see them. Times are milliseconds since the epoch. */
import type { Attributes } from './attributes.ts'

export interface KeystoreRow {
  /** Never given twice. */
  readonly number: number
  /** GUID. */
  readonly instance: string
  /** UUID. */
  readonly id: string
  /** Empty for none. */
  readonly name: string
  readonly type: 'public' | 'private'
  readonly authenticated: 0 | 1
  /** Grows with every change of what is in it. */
  readonly version: number
  readonly objects: number
  readonly createdAt: number
  readonly createdBy: string
}

export const keystoreColumns = `number, instance, id, name, type, authenticated, version, objects,
  created_at AS createdAt, created_by AS createdBy`

/** What is known of an object without the object itself. */
export interface ObjectHead {
  readonly number: number
  /** UUID: KeyBlobID. */
  readonly id: string
  readonly version: number
  /** CKO_. */
  readonly class: number
  /** CKK_; null for certificates and data. */
  readonly keyType: number | null
  /** What clients said of it. */
  readonly given: Attributes
  /** What it says of itself; no attribute is in both. */
  readonly told: Attributes
  /** The master key that it is under, 32 hex digits; null for none. */
  readonly wkid: string | null
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number | null
  readonly updatedBy: string | null
}

export const headColumns = `number, id, version, class, key_type AS keyType, given, told, wkid, created_at AS createdAt,
  created_by AS createdBy, updated_at AS updatedAt, updated_by AS updatedBy`

/** The columns of an object that attributes are read from. */
export type HeadRow = Omit<ObjectHead, 'given' | 'told'> & { readonly given: string; readonly told: string }

/** How the object is protected: a key under the master key, anything else under the seal. */
export type Protected =
  | { readonly blob: Uint8Array; readonly sealed?: undefined }
  | { readonly sealed: Uint8Array; readonly blob?: undefined }

/** An object as it is answered. */
export interface StoredObject extends ObjectHead {
  readonly keystore: KeystoreRow
  /** What was stored, in the clear as its client sent it; undefined where it was not asked for. */
  readonly object: Uint8Array | undefined
}
