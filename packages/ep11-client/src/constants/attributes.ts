/** Attributes, object classes, key types and curves by their PKCS #11 names, and what kind of value each attribute has. */

/** CKO_ values. */
export const objectClasses = {
  CKO_DATA: 0,
  CKO_CERTIFICATE: 1,
  CKO_PUBLIC_KEY: 2,
  CKO_PRIVATE_KEY: 3,
  CKO_SECRET_KEY: 4,
  CKO_HW_FEATURE: 5,
  CKO_DOMAIN_PARAMETERS: 6,
} as const

export type ObjectClass = keyof typeof objectClasses

/** CKK_ values. ML-KEM and ML-DSA as in PKCS #11 3.2, Keywitness only; the last two HPCS only. */
export const keyTypes = {
  CKK_RSA: 0,
  CKK_DSA: 1,
  CKK_DH: 2,
  CKK_EC: 3,
  CKK_GENERIC_SECRET: 0x10,
  CKK_DES: 0x13,
  CKK_DES2: 0x14,
  CKK_DES3: 0x15,
  CKK_AES: 0x1f,
  CKK_ML_KEM: 0x49,
  CKK_ML_DSA: 0x4a,

  CKK_IBM_PQC_DILITHIUM: 0x80010023,
  CKK_IBM_PQC_KYBER: 0x80010024,
} as const

export type KeyType = keyof typeof keyTypes

/** Names that `CKA_EC_PARAMS` takes in place of an object identifier in DER. */
export type CurveName =
  | 'P-192'
  | 'P-224'
  | 'P-256'
  | 'P-384'
  | 'P-521'
  | 'SECP256K1'
  | `BP-${160 | 192 | 224 | 256 | 320 | 384 | 512}${'R' | 'T'}`
  | 'curve25519'
  | 'x448'
  | 'ed25519'
  | 'ed448'

/** CKA_ values, by the kind of their value. */
export const attributesByKind = {
  boolean: {
    CKA_TOKEN: 0x1,
    CKA_PRIVATE: 0x2,
    CKA_TRUSTED: 0x86,
    CKA_SENSITIVE: 0x103,
    CKA_ENCRYPT: 0x104,
    CKA_DECRYPT: 0x105,
    CKA_WRAP: 0x106,
    CKA_UNWRAP: 0x107,
    CKA_SIGN: 0x108,
    CKA_SIGN_RECOVER: 0x109,
    CKA_VERIFY: 0x10a,
    CKA_VERIFY_RECOVER: 0x10b,
    CKA_DERIVE: 0x10c,
    CKA_EXTRACTABLE: 0x162,
    CKA_LOCAL: 0x163,
    CKA_NEVER_EXTRACTABLE: 0x164,
    CKA_ALWAYS_SENSITIVE: 0x165,
    CKA_MODIFIABLE: 0x170,
    CKA_COPYABLE: 0x171,
    CKA_DESTROYABLE: 0x172,
    CKA_ALWAYS_AUTHENTICATE: 0x202,
    CKA_WRAP_WITH_TRUSTED: 0x210,
    CKA_IBM_RESTRICTABLE: 0x80010001,
    CKA_IBM_NEVER_MODIFIABLE: 0x80010002,
    CKA_IBM_RETAINKEY: 0x80010003,
    CKA_IBM_ATTRBOUND: 0x80010004,
    CKA_IBM_USE_AS_DATA: 0x80010008,
    CKA_IBM_PROTKEY_EXTRACTABLE: 0x8001000c,
    CKA_IBM_PROTKEY_NEVER_EXTRACTABLE: 0x8001000d,
    CKA_GREP11_KEYBLOB_HAS_ROTATION: 0x80040004,
  },
  integer: {
    CKA_CERTIFICATE_TYPE: 0x80,
    CKA_CERTIFICATE_CATEGORY: 0x87,
    CKA_MODULUS_BITS: 0x121,
    CKA_PRIME_BITS: 0x133,
    CKA_SUBPRIME_BITS: 0x134,
    CKA_VALUE_BITS: 0x160,
    CKA_VALUE_LEN: 0x161,
    CKA_PARAMETER_SET: 0x61d,
    CKA_IBM_KEYTYPE: 0x80010005,
    CKA_IBM_STD_COMPLIANCE1: 0x8001000a,
  },
  /** Integers that may be of any length: numbers where they are safe, else big-endian bytes. */
  number: {
    CKA_PUBLIC_EXPONENT: 0x122,
  },
  objectClass: {
    CKA_CLASS: 0x0,
  },
  keyType: {
    CKA_KEY_TYPE: 0x100,
  },
  mechanism: {
    CKA_KEY_GEN_MECHANISM: 0x166,
  },
  curve: {
    CKA_EC_PARAMS: 0x180,
  },
  text: {
    CKA_LABEL: 0x3,
    CKA_APPLICATION: 0x10,
    CKA_GREP11_TOKEN_LABEL: 0x80040001,
  },
  bytes: {
    CKA_VALUE: 0x11,
    CKA_OBJECT_ID: 0x12,
    CKA_ISSUER: 0x81,
    CKA_SERIAL_NUMBER: 0x82,
    CKA_CHECK_VALUE: 0x90,
    CKA_SUBJECT: 0x101,
    CKA_ID: 0x102,
    CKA_START_DATE: 0x110,
    CKA_END_DATE: 0x111,
    CKA_MODULUS: 0x120,
    CKA_PRIVATE_EXPONENT: 0x123,
    CKA_PRIME_1: 0x124,
    CKA_PRIME_2: 0x125,
    CKA_EXPONENT_1: 0x126,
    CKA_EXPONENT_2: 0x127,
    CKA_COEFFICIENT: 0x128,
    CKA_PUBLIC_KEY_INFO: 0x129,
    CKA_PRIME: 0x130,
    CKA_SUBPRIME: 0x131,
    CKA_BASE: 0x132,
    CKA_EC_POINT: 0x181,
    CKA_WRAP_TEMPLATE: 0x40000211,
    CKA_UNWRAP_TEMPLATE: 0x40000212,
    CKA_DERIVE_TEMPLATE: 0x40000213,
    CKA_ALLOWED_MECHANISMS: 0x40000600,
    CKA_IBM_CV: 0x80010006,
    CKA_IBM_MACKEY: 0x80010007,
    CKA_IBM_STRUCT_PARAMS: 0x80010009,
    CKA_IBM_PQC_PARAMS: 0x8001000e,
    CKA_IBM_LOGIN_SESSION: 0x8001000f,
    CKA_IBM_WIRETEST: 0x80020001,
    CKA_IBM_MACED_PUBLIC_KEY_INFO: 0x80020002,
    CKA_GREP11_WKID: 0x80040002,
    CKA_GREP11_KEYSTORE_PASSWORD: 0x80040003,
    CKA_GREP11_NEXTWKID: 0x80040005,
  },
} as const

type ByKind = typeof attributesByKind

export type AttributeKind = keyof ByKind
export type AttributeName<Kind extends AttributeKind = AttributeKind> = {
  [K in Kind]: Extract<keyof ByKind[K], string>
}[Kind]

export interface Attribute {
  readonly name: AttributeName
  readonly type: number
  readonly kind: AttributeKind
}

const attributes: readonly Attribute[] = Object.entries(attributesByKind).flatMap(([kind, types]) =>
  (Object.entries(types) as [AttributeName, number][]).map(([name, type]) => ({
    name,
    type,
    kind: kind as AttributeKind,
  })),
)
const byName = new Map<string, Attribute>(attributes.map((attribute) => [attribute.name, attribute]))
const byType = new Map<number, Attribute>(attributes.map((attribute) => [attribute.type, attribute]))

/** Undefined for a name that this package does not know. */
export function attributeNamed(name: string): Attribute | undefined {
  return byName.get(name)
}

/** Undefined for a CKA_ value that this package does not know. */
export function attributeOfType(type: number): Attribute | undefined {
  return byType.get(type)
}

const classesByValue = namesByValue<ObjectClass>(objectClasses)
const keyTypesByValue = namesByValue<KeyType>(keyTypes)

/** Undefined for a CKO_ value that this package does not know. */
export function objectClassName(value: number): ObjectClass | undefined {
  return classesByValue.get(value)
}

/** Undefined for a CKK_ value that this package does not know. */
export function keyTypeName(value: number): KeyType | undefined {
  return keyTypesByValue.get(value)
}

function namesByValue<Name extends string>(values: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(values) as [Name, number][]).map(([name, value]) => [value, name]))
}
