/** A managed object as it is stored and worked on: what KMIP clients keep here (KMIP 1.4, section 2). */
import type { Item } from '../ttlv/item.ts'
import type { ObjectState } from '../management/rows.ts'

/** Kinds of managed objects that are served (KMIP 1.4, section 9.1.3.2.12). */
export const objectTypes = {
  SymmetricKey: 2,
  PublicKey: 3,
  PrivateKey: 4,
  Template: 6,
  SecretData: 7,
  OpaqueObject: 8,
} as const
export type ObjectType = (typeof objectTypes)[keyof typeof objectTypes]

/** One instance of an attribute, by the name it has in KMIP 1.x. */
export interface StoredAttribute {
  readonly name: string
  /** Stable: deleting index 0 leaves index 1 as it is (KMIP 1.4, section 2.1.4). */
  readonly index: number
  /** Its Attribute Value, with the type and the bytes the client sent. */
  readonly value: Item
}

/** All of an object's structure but its material: how it is given back as it was registered. */
export interface ObjectForm {
  /** Key Format Type; undefined for an opaque object. */
  readonly format?: number
  readonly compression?: number
  readonly secretDataType?: number
  readonly opaqueDataType?: number
  /** TTLV of the Key Wrapping Data, hexadecimal: the client registered the key wrapped, and so it stays. */
  readonly wrapping?: string
  /** TTLV of a template, hexadecimal: the attributes of objects that are made by it. */
  readonly template?: string
}

/** Material under a version of the adapter's root key: 12 bytes iv, ciphertext, 16 bytes tag. */
export interface SealedMaterial {
  readonly blob: Uint8Array
  readonly rootVersion: string
}

/** Who changed what and when; milliseconds since the epoch. */
export interface Stamp {
  readonly at: number
  readonly by: string
  /** Id of the client certificate; null for what the service or an administrator did. */
  readonly certificate: string | null
}

export interface KmipObject {
  /** Undefined until it is stored. */
  readonly number: number | undefined
  readonly instance: string
  readonly adapter: string
  readonly id: string
  readonly type: ObjectType
  readonly state: ObjectState
  readonly revision: number
  readonly form: ObjectForm
  /** Undefined once destroyed, and where the client registered no key value. */
  readonly material: SealedMaterial | undefined
  /** Everything but Unique Identifier, Object Type and State. */
  readonly attributes: readonly StoredAttribute[]
  readonly created: Stamp
  readonly updated: Stamp | undefined
  readonly destroyed: Stamp | undefined
}

export const DESTROYED: ObjectState = 5
export const DESTROYED_COMPROMISED: ObjectState = 6

export function isDestroyed({ state }: Pick<KmipObject, 'state'>): boolean {
  return state >= DESTROYED
}

/** Whether it is a cryptographic object: one with a state that clients see (KMIP 1.4, section 3.22). */
export function hasState({ type }: Pick<KmipObject, 'type'>): boolean {
  return isKey(type) || type === objectTypes.SecretData
}

export function isKey(type: ObjectType): boolean {
  return type === objectTypes.SymmetricKey || isAsymmetric(type)
}

/** Whether it is a half of a key pair. */
export function isAsymmetric(type: ObjectType): boolean {
  return type === objectTypes.PublicKey || type === objectTypes.PrivateKey
}
