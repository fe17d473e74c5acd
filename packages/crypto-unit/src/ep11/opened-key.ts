/** A key or public key object once it is opened: what it is, what it may do, and the key itself. */
import type { KeyObject } from 'node:crypto'
import { SESSION_ID_BYTES } from './sealed-object.ts'

/** What is the same for every kind of key; all of it is authenticated with the object it came from. */
export interface KeyFacts {
  /** A CKK_ value. */
  readonly keyType: number
  /** Bits: of the value, the modulus, the prime or the curve; the number of the parameter set for ML-KEM and ML-DSA. */
  readonly size: number
  /** Its name; empty where there is none. */
  readonly curve: string
  /** Attribute bits. */
  readonly bits: number
  /**
   * What the id of its login session is made of under any master key; undefined for a key that is bound to none. It is as
   * secret as the key.
   */
  readonly binding: Buffer | undefined
}

/** What a blob keeps besides. */
export interface BlobFacts extends KeyFacts {
  /** The CKM_ value of the mechanism that generated it here; undefined for a key that came from elsewhere. */
  readonly generatedBy: number | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface SecretBlobKey extends BlobFacts {
  readonly class: 'secret'
  /** Zeroed when the key is forgotten. */
  readonly value: Buffer
  /** As `SecretKey` has it. */
  readonly held?: KeyObject
}

export interface PrivateBlobKey extends BlobFacts {
  readonly class: 'private'
  readonly key: KeyObject
}

export interface PublicObjectKey extends KeyFacts {
  readonly class: 'public'
  readonly key: KeyObject
  /** The SPKI as the client has it. */
  readonly spki: Buffer
  /** False for an SPKI that nobody vouches for: it verifies, and does nothing else. */
  readonly isMaced: boolean
}

export type BlobKey = SecretBlobKey | PrivateBlobKey
export type AnyKey = BlobKey | PublicObjectKey

/** An opened key with what is known of the object it came from. */
export type OpenedKey<Key extends AnyKey = AnyKey> = Key & {
  /** Id of the login session that it needs, 32 bytes; all zero for none. */
  readonly session: Buffer
  /** First half of the verification pattern of its master key; undefined for a raw SPKI. */
  readonly wkid: Buffer | undefined
}

export const noSession: Buffer = Buffer.alloc(SESSION_ID_BYTES)
