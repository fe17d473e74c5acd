/** What the services ask of a crypto unit. Only wrapped material ever comes back, but for an exportable (standard) key. */
import type { KeyEncoding } from '@keywitness/crypto-unit/asymmetric-key'
import type { Derivation } from '@keywitness/crypto-unit/derivation'
import type { KeyPairKind } from '@keywitness/crypto-unit/key-pair-kind'
import type { KeyUse, KeyUseResults, MaterialForm } from '@keywitness/crypto-unit/key-use'

export type { KeyUse } from '@keywitness/crypto-unit/key-use'

/** Which kind of blob: bound into the blob as associated data, so that no blob serves another purpose. */
type BlobKind = 'root-key' | 'standard-key'

/** Names one blob: instance, kind and id are all bound into it. */
export interface BlobName {
  /** Instance GUID. */
  readonly instance: string
  readonly kind: BlobKind
  /** Key version id (root keys) or key id (standard keys). */
  readonly id: string
}

export interface StoredBlob extends BlobName {
  readonly blob: Uint8Array
}

/** AES-256-GCM: 12-byte iv, ciphertext followed by the 16-byte tag. */
export interface Sealed {
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
}

/** Key material sealed under a root key, by `sealFresh` or by `wrap` of at most 16 KiB with at most 4 KiB of aad. */
export interface SealedKey {
  readonly root: StoredBlob
  readonly sealed: Sealed
  /** As it was sealed. */
  readonly aad: Uint8Array
}

export interface UnitClient {
  /** New random key material of `bytes` bytes (16, 24 or 32 for root keys). */
  generate(name: BlobName, bytes: number): Promise<Uint8Array>
  /** Wraps given material. The caller's buffer is zeroed afterwards. */
  importMaterial(name: BlobName, material: Uint8Array): Promise<Uint8Array>
  /** Material of a standard key; root keys are refused by the unit itself. */
  exportMaterial(stored: StoredBlob): Promise<Uint8Array>
  /** Encrypts `plaintext` (32 fresh random bytes when undefined, then returned) under a root key. */
  wrap(
    stored: StoredBlob,
    plaintext: Uint8Array | undefined,
    aad: Uint8Array,
  ): Promise<Sealed & { readonly plaintext?: Uint8Array }>
  /** @throws UnitRefusal `TAMPERED` when tag, key or aad do not fit. */
  unwrap(stored: StoredBlob, sealed: Sealed, aad: Uint8Array): Promise<Uint8Array>
  rewrap(from: StoredBlob, to: StoredBlob, sealed: Sealed, aad: Uint8Array): Promise<Sealed>
  /**
   * New random key material of 1 to 512 bytes under a root key, and its SHA-256; aad of at most 4 KiB. `des` (16 or 24
   * bytes) has odd parity in each byte. The material itself never leaves the unit.
   * @throws UnitRefusal `LIMIT` for another size
   */
  sealFresh(
    root: StoredBlob,
    bytes: number,
    aad: Uint8Array,
    form?: MaterialForm,
  ): Promise<Sealed & { readonly sha256: Uint8Array }>
  /**
   * A new key pair: the private key in the encoding and under a root key, with its SHA-256; the public one as
   * SubjectPublicKeyInfo. Prime numbers take their time, up to a minute.
   * @throws UnitRefusal `INVALID` for a kind that is not made, `BUSY` while too many are being made
   */
  sealPair(
    root: StoredBlob,
    kind: KeyPairKind,
    encoding: KeyEncoding,
    aad: Uint8Array,
  ): Promise<Sealed & { readonly sha256: Uint8Array; readonly publicKey: Uint8Array }>
  /**
   * Key material of 1 to 512 bytes that is derived from a sealed key inside the unit, sealed as by `sealFresh`.
   * @throws UnitRefusal `INVALID` when the method does not fit the base, or gives fewer bytes; `BROKEN_BLOB`, `BUSY`, `LIMIT`
   */
  derive(
    base: SealedKey,
    derivation: Derivation,
    to: { readonly root: StoredBlob; readonly aad: Uint8Array },
    bytes: number,
    form?: MaterialForm,
  ): Promise<Sealed & { readonly sha256: Uint8Array }>
  /**
   * Uses a sealed key inside the unit. Data of at most 64 KiB, to be decrypted 16 bytes more; additional data 64 KiB.
   * @throws UnitRefusal `INVALID` when what is asked fits neither key nor mode; `TAMPERED` when the data do not decrypt
   *   (tag, padding, key wrapping alike); `BROKEN_BLOB` when the key was not sealed so; `LIMIT`
   */
  apply<What extends KeyUse['what']>(
    stored: SealedKey,
    use: KeyUse & { readonly what: What },
  ): Promise<KeyUseResults[What]>
  /** Random numbers of the unit, 1 to 4096 bytes. @throws UnitRefusal `LIMIT` for another count */
  random(bytes: number): Promise<Uint8Array>
}

/** What master key rotation asks of the crypto unit besides. */
export interface RotatingClient {
  /** The same material under the master key in force. @throws UnitRefusal `BROKEN_BLOB` when it does not open */
  reencrypt(stored: StoredBlob): Promise<Uint8Array>
}

export class UnitRefusal extends Error {
  /**
   * `TIMEOUT`, `UNAVAILABLE` and `BUSY` become 503, `TAMPERED` 422, anything else 500. `INVALID`, what was asked does not
   * fit the key, comes of `apply`, `sealPair` and `derive` only.
   */
  readonly code:
    | 'TAMPERED'
    | 'NOT_READY'
    | 'TIMEOUT'
    | 'UNAVAILABLE'
    | 'BUSY'
    | 'KIND'
    | 'BROKEN_BLOB'
    | 'LIMIT'
    | 'INVALID'
  constructor(code: UnitRefusal['code'], message: string) {
    super(message)
    this.name = 'UnitRefusal'
    this.code = code
  }
}
