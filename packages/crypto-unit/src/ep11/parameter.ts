/** The parameter of a mechanism as it came, whatever the mechanism takes (reference grep11, sections 3 and 10). */

/** RSAOAEPParm. */
export interface OaepParameter {
  readonly kind: 'oaep'
  /** A CKM_ value. */
  readonly hash: number
  /** MGF of the schema: 0 none, 1 SHA-1, 2 SHA-256, 3 SHA-384, 4 SHA-512, 5 SHA-224, 0x800001… SHA-3. */
  readonly mgf: number
  /** The label; undefined when none is specified. */
  readonly label: Buffer | undefined
}

/** RSAPSSParm. */
export interface PssParameter {
  readonly kind: 'pss'
  readonly hash: number
  readonly mgf: number
  readonly saltBytes: number
}

/** ECDH1DeriveParm. */
export interface EcdhParameter {
  readonly kind: 'ecdh'
  /** KDF of the schema: 0 unset, 1 null, 2 SHA-1, 5 SHA-224, 6 SHA-256, 7 SHA-384, 8 SHA-512. */
  readonly kdf: number
  readonly shared: Buffer
  readonly peer: Buffer
}

/** BTCDeriveParm. */
export interface BtcParameter {
  readonly kind: 'btc'
  /** 1 to 4 BIP32 PRV→PRV, PRV→PUB, PUB→PUB, master; 5 to 8 the same of SLIP-10. */
  readonly type: number
  /** 0x80000000 and above: hardened. */
  readonly childIndex: number
  readonly chainCode: Buffer
  readonly version: number
}

/** ECSGParm: 3 ECDSA_S256, 5 COMPR_MULTI, 6 BLS. */
export interface SchnorrParameter {
  readonly kind: 'ecsg'
  readonly type: number
}

/** KyberKEMParm, of which ML-KEM uses mode, KDF 1 and the cipher text. */
export interface KemParameter {
  readonly kind: 'kem'
  readonly version: number
  /** 1 encapsulate, 2 decapsulate. */
  readonly mode: number
  readonly kdf: number
  readonly ciphertext: Buffer
}

/** `other`: of a mechanism that is not offered; whoever takes none of that kind refuses it. */
export type MechanismParameter =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'other' }
  | OaepParameter
  | PssParameter
  | EcdhParameter
  | BtcParameter
  | SchnorrParameter
  | KemParameter
