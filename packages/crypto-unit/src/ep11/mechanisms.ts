/** The mechanisms that are offered, in the order in which a Crypto Express 7S lists them, with its sizes and flags. */
import type { controlPoints } from '../tke/attributes.ts'

/** Flags of a mechanism (PKCS #11, CK_MECHANISM_INFO). */
export const mechanismFlags = {
  ENCRYPT: 0x100,
  DECRYPT: 0x200,
  DIGEST: 0x400,
  SIGN: 0x800,
  VERIFY: 0x2000,
  GENERATE: 0x8000,
  GENERATE_KEY_PAIR: 0x1_0000,
  WRAP: 0x2_0000,
  UNWRAP: 0x4_0000,
  DERIVE: 0x8_0000,
} as const

export interface Mechanism {
  readonly value: number
  /** Bits for RSA, DSA, DH and EC, bytes for ciphers and MACs, the number of the parameter set for ML-KEM and ML-DSA. */
  readonly sizeMin: number
  readonly sizeMax: number
  readonly flags: number
  /** Without this control point of the domain the mechanism is neither listed nor known (reference grep11, section 9). */
  readonly controlPoint?: keyof typeof controlPoints
}

/**
 * Reference grep11, section 9, without what a software unit cannot do honestly; then what the device does without listing
 * it; then ours: ML-KEM and ML-DSA under the values of PKCS #11 3.2, which HPCS does not have.
 */
export const mechanisms = {
  CKM_RSA_PKCS: { value: 0x1, sizeMin: 512, sizeMax: 4096, flags: 0x62b00 },
  CKM_RSA_PKCS_OAEP: { value: 0x9, sizeMin: 512, sizeMax: 4096, flags: 0x60300 },
  CKM_RSA_PKCS_KEY_PAIR_GEN: { value: 0x0, sizeMin: 512, sizeMax: 4096, flags: 0x10000 },
  CKM_RSA_X9_31_KEY_PAIR_GEN: { value: 0xa, sizeMin: 512, sizeMax: 4096, flags: 0x10000 },
  CKM_RSA_PKCS_PSS: { value: 0xd, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA1_RSA_X9_31: { value: 0xc, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA1_RSA_PKCS: { value: 0x6, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA1_RSA_PKCS_PSS: { value: 0xe, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA256_RSA_PKCS: { value: 0x40, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA256_RSA_PKCS_PSS: { value: 0x43, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA224_RSA_PKCS: { value: 0x46, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA224_RSA_PKCS_PSS: { value: 0x47, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA384_RSA_PKCS: { value: 0x41, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA384_RSA_PKCS_PSS: { value: 0x44, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA512_RSA_PKCS: { value: 0x42, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_SHA512_RSA_PKCS_PSS: { value: 0x45, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_AES_KEY_GEN: { value: 0x1080, sizeMin: 16, sizeMax: 32, flags: 0x8000 },
  CKM_AES_ECB: { value: 0x1081, sizeMin: 16, sizeMax: 32, flags: 0x300 },
  CKM_AES_CBC: { value: 0x1082, sizeMin: 16, sizeMax: 32, flags: 0x60300 },
  CKM_AES_CBC_PAD: { value: 0x1085, sizeMin: 16, sizeMax: 32, flags: 0x60300 },
  CKM_DES2_KEY_GEN: { value: 0x130, sizeMin: 16, sizeMax: 16, flags: 0x8000 },
  CKM_DES3_KEY_GEN: { value: 0x131, sizeMin: 24, sizeMax: 24, flags: 0x8000 },
  CKM_DES3_ECB: { value: 0x132, sizeMin: 16, sizeMax: 24, flags: 0x300 },
  CKM_DES3_CBC: { value: 0x133, sizeMin: 16, sizeMax: 24, flags: 0x60300 },
  CKM_DES3_CBC_PAD: { value: 0x136, sizeMin: 16, sizeMax: 24, flags: 0x60300 },
  CKM_GENERIC_SECRET_KEY_GEN: { value: 0x350, sizeMin: 8, sizeMax: 256, flags: 0x88000 },
  CKM_SHA256: { value: 0x250, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA256_KEY_DERIVATION: { value: 0x393, sizeMin: 0, sizeMax: 0, flags: 0x80000 },
  CKM_SHA256_HMAC: { value: 0x251, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_SHA224: { value: 0x255, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA224_KEY_DERIVATION: { value: 0x396, sizeMin: 0, sizeMax: 0, flags: 0x80000 },
  CKM_SHA224_HMAC: { value: 0x256, sizeMin: 14, sizeMax: 32, flags: 0x2800 },
  CKM_SHA_1: { value: 0x220, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA1_KEY_DERIVATION: { value: 0x392, sizeMin: 0, sizeMax: 0, flags: 0x80000 },
  CKM_SHA_1_HMAC: { value: 0x221, sizeMin: 10, sizeMax: 32, flags: 0x2800 },
  CKM_SHA384: { value: 0x260, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA384_KEY_DERIVATION: { value: 0x394, sizeMin: 0, sizeMax: 0, flags: 0x80000 },
  CKM_SHA384_HMAC: { value: 0x261, sizeMin: 24, sizeMax: 32, flags: 0x2800 },
  CKM_SHA512: { value: 0x270, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA512_KEY_DERIVATION: { value: 0x395, sizeMin: 0, sizeMax: 0, flags: 0x80000 },
  CKM_SHA512_HMAC: { value: 0x271, sizeMin: 32, sizeMax: 32, flags: 0x2800 },
  CKM_SHA512_256: { value: 0x4c, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA512_256: { value: 0x80010012, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA512_256_HMAC: { value: 0x4d, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_SHA512_256_HMAC: { value: 0x80010014, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_SHA512_224: { value: 0x48, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA512_224: { value: 0x80010013, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_SHA512_224_HMAC: { value: 0x49, sizeMin: 14, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_SHA512_224_HMAC: { value: 0x80010015, sizeMin: 14, sizeMax: 32, flags: 0x2800 },
  CKM_EC_KEY_PAIR_GEN: { value: 0x1040, sizeMin: 192, sizeMax: 521, flags: 0x1910000 },
  CKM_ECDSA: { value: 0x1041, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_ECDSA_SHA1: { value: 0x1042, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_ECDH1_DERIVE: { value: 0x1050, sizeMin: 192, sizeMax: 521, flags: 0x1180000 },
  CKM_DSA_PARAMETER_GEN: { value: 0x2000, sizeMin: 1024, sizeMax: 3072, flags: 0x8000 },
  CKM_DSA_KEY_PAIR_GEN: { value: 0x10, sizeMin: 1024, sizeMax: 3072, flags: 0x10000 },
  CKM_DSA: { value: 0x11, sizeMin: 1024, sizeMax: 3072, flags: 0x2800 },
  CKM_DSA_SHA1: { value: 0x12, sizeMin: 1024, sizeMax: 3072, flags: 0x2800 },
  CKM_DH_PKCS_PARAMETER_GEN: { value: 0x2001, sizeMin: 1024, sizeMax: 3072, flags: 0x8000 },
  CKM_DH_PKCS_KEY_PAIR_GEN: { value: 0x20, sizeMin: 1024, sizeMax: 3072, flags: 0x10000 },
  CKM_DH_PKCS_DERIVE: { value: 0x21, sizeMin: 1024, sizeMax: 3072, flags: 0x80000 },
  CKM_RSA_X9_31: { value: 0xb, sizeMin: 512, sizeMax: 4096, flags: 0x2800 },
  CKM_IBM_SHA3_224: { value: 0x80010001, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA3_256: { value: 0x80010002, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA3_384: { value: 0x80010003, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA3_512: { value: 0x80010004, sizeMin: 0, sizeMax: 0, flags: 0x400 },
  CKM_IBM_SHA3_224_HMAC: { value: 0x80010025, sizeMin: 14, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_SHA3_256_HMAC: { value: 0x80010026, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_SHA3_384_HMAC: { value: 0x80010027, sizeMin: 24, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_SHA3_512_HMAC: { value: 0x80010028, sizeMin: 32, sizeMax: 32, flags: 0x2800 },
  CKM_IBM_ATTRIBUTEBOUND_WRAP: { value: 0x80020004, sizeMin: 0, sizeMax: 4096, flags: 0x60000 },
  CKM_ECDSA_SHA224: { value: 0x1043, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_IBM_ECDSA_SHA224: { value: 0x80010008, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_ECDSA_SHA256: { value: 0x1044, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_IBM_ECDSA_SHA256: { value: 0x80010009, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_ECDSA_SHA384: { value: 0x1045, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_IBM_ECDSA_SHA384: { value: 0x8001000a, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_ECDSA_SHA512: { value: 0x1046, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_IBM_ECDSA_SHA512: { value: 0x8001000b, sizeMin: 192, sizeMax: 521, flags: 0x1902800 },
  CKM_IBM_EC_X25519: {
    value: 0x8001001b,
    sizeMin: 256,
    sizeMax: 256,
    flags: 0x1180000,
    controlPoint: 'XCP_CPB_ALG_EC_25519',
  },
  CKM_IBM_EC_X448: {
    value: 0x8001001e,
    sizeMin: 448,
    sizeMax: 448,
    flags: 0x1180000,
    controlPoint: 'XCP_CPB_ALG_EC_25519',
  },
  CKM_IBM_ED25519_SHA512: {
    value: 0x8001001c,
    sizeMin: 256,
    sizeMax: 256,
    flags: 0x1102800,
    controlPoint: 'XCP_CPB_ALG_EC_25519',
  },
  CKM_IBM_ED448_SHA3: {
    value: 0x8001001f,
    sizeMin: 448,
    sizeMax: 448,
    flags: 0x1102800,
    controlPoint: 'XCP_CPB_ALG_EC_25519',
  },
  CKM_IBM_CMAC: { value: 0x80010007, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_AES_CMAC: { value: 0x108a, sizeMin: 16, sizeMax: 32, flags: 0x2800 },
  CKM_DES3_CMAC: { value: 0x138, sizeMin: 16, sizeMax: 24, flags: 0x2800 },
  CKM_DES3_ECB_ENCRYPT_DATA: { value: 0x1102, sizeMin: 16, sizeMax: 24, flags: 0x80000 },
  CKM_IBM_BTC_DERIVE: { value: 0x80070001, sizeMin: 0, sizeMax: 0, flags: 0x80000, controlPoint: 'XCP_CPB_BTC' },
  CKM_IBM_ECDSA_OTHER: {
    value: 0x80010031,
    sizeMin: 256,
    sizeMax: 256,
    flags: 0x2800,
    controlPoint: 'XCP_CPB_ECDSA_OTHER',
  },
  CKM_IBM_TRANSPORTKEY: { value: 0x80020005, sizeMin: 0, sizeMax: 4096, flags: 0x40000 },
  CKM_ML_KEM_KEY_PAIR_GEN: { value: 0xf, sizeMin: 512, sizeMax: 1024, flags: 0x10000 },
  CKM_ML_KEM: { value: 0x17, sizeMin: 512, sizeMax: 1024, flags: 0x80000 },
  CKM_ML_DSA_KEY_PAIR_GEN: { value: 0x1c, sizeMin: 44, sizeMax: 87, flags: 0x10000 },
  CKM_ML_DSA: { value: 0x1d, sizeMin: 44, sizeMax: 87, flags: 0x2800 },
} as const satisfies Readonly<Record<string, Mechanism>>

export type MechanismName = keyof typeof mechanisms

const namesByValue = new Map<number, MechanismName>(
  (Object.entries(mechanisms) as [MechanismName, Mechanism][]).map(([name, { value }]) => [value, name]),
)

/** Undefined for a mechanism that is not offered, whether HPCS has it or not. */
export function mechanismName(value: number): MechanismName | undefined {
  return namesByValue.get(value)
}
