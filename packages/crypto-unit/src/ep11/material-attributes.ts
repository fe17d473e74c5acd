/** Attributes that a key's own numbers have: sizes, moduli, curves, points, parameters (PKCS #11 2.40, section 2). */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { DerReader, octets, tags } from '../tke/der.ts'
import { keyTypes } from './attributes.ts'
import type { AttributeValue } from './calls.ts'
import { parametersOf, readPublicKeyInfo, takeUnsigned } from './der.ts'
import { curveOf } from './ec/curves.ts'
import { pointOf } from './ec/ec-keys.ts'
import type { OpenedKey } from './opened-key.ts'
import { mlDsaParameterSet } from './pqc/ml-dsa.ts'
import { mlKemParameterSet } from './pqc/ml-kem.ts'
import { checkValue } from './secret-key.ts'
import type { AttributeName } from './template.ts'

type Entries = readonly (readonly [AttributeName, AttributeValue])[]

export function materialAttributes(key: OpenedKey): Entries {
  if (key.class === 'secret') {
    return [
      ['CKA_VALUE_LEN', BigInt(key.value.length)],
      ['CKA_CHECK_VALUE', checkValue(key)],
    ]
  }
  const publicKey = key.class === 'private' ? createPublicKey(key.key) : key.key
  const ofPublic = key.class === 'public'
  switch (key.keyType) {
    case keyTypes.CKK_RSA:
      return [...rsaAttributes(publicKey, key.size), ...infoOf(key)]
    case keyTypes.CKK_EC:
      return [
        ['CKA_EC_PARAMS', curveOf(publicKey).oid],
        ...(ofPublic ? ([['CKA_EC_POINT', octets(pointOf(publicKey))]] as const) : []),
        ...infoOf(key),
      ]
    case keyTypes.CKK_DSA:
    case keyTypes.CKK_DH:
      return [...domainAttributes(publicKey, key.keyType, ofPublic), ...infoOf(key)]
    case keyTypes.CKK_ML_KEM:
      return [['CKA_PARAMETER_SET', BigInt(mlKemParameterSet(publicKey))], ...infoOf(key)]
    case keyTypes.CKK_ML_DSA:
      return [['CKA_PARAMETER_SET', BigInt(mlDsaParameterSet(publicKey))], ...infoOf(key)]
    default:
      return infoOf(key)
  }
}

/** As clients have it. */
function infoOf(key: OpenedKey): Entries {
  return key.class === 'public' ? [['CKA_PUBLIC_KEY_INFO', key.spki]] : []
}

function rsaAttributes(publicKey: KeyObject, bits: number): Entries {
  const numbers = new DerReader(readPublicKeyInfo(exported(publicKey)).key)
  const members = new DerReader(numbers.take(tags.SEQUENCE))
  const modulus = unsigned(takeUnsigned(members))
  const exponent = unsigned(takeUnsigned(members))
  return [
    ['CKA_MODULUS_BITS', BigInt(bits)],
    ['CKA_MODULUS', modulus],
    ['CKA_PUBLIC_EXPONENT', exponent],
  ]
}

/** {P, Q, G} or {P, G}; the value of a public key. */
function domainAttributes(publicKey: KeyObject, keyType: number, ofPublic: boolean): Entries {
  const { algorithm, key } = readPublicKeyInfo(exported(publicKey))
  const parameters = parametersOf(algorithm)
  const members = new DerReader(new DerReader(parameters).take(tags.SEQUENCE))
  const prime = unsigned(takeUnsigned(members))
  const subprime = keyType === keyTypes.CKK_DSA ? unsigned(takeUnsigned(members)) : undefined
  const base = unsigned(takeUnsigned(members))
  return [
    ['CKA_PRIME', prime],
    ...(subprime === undefined ? [] : ([['CKA_SUBPRIME', subprime]] as const)),
    ['CKA_BASE', base],
    ['CKA_PRIME_BITS', BigInt(prime.length * 8)],
    ['CKA_IBM_STRUCT_PARAMS', parameters],
    ...(ofPublic ? ([['CKA_VALUE', unsigned(takeUnsigned(new DerReader(key)))]] as const) : []),
  ]
}

function exported(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' })
}

/** Without the zero byte that DER may put before it; a copy. */
function unsigned(bytes: Buffer): Buffer {
  return Buffer.from(bytes[0] === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes)
}
