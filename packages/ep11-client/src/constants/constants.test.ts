/** The names of this package and of the crypto unit mean the same numbers, and neither has one that the other does not know of. */
import {
  attributeTypes,
  keyTypes as unitKeyTypes,
  objectClasses as unitClasses,
} from '@keywitness/crypto-unit/ep11/attributes'
import { mechanismFlags as unitFlags, mechanisms as unitMechanisms } from '@keywitness/crypto-unit/ep11/mechanisms'
import { returnValues as unitReturnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { expect, test } from 'vitest'
import {
  attributeNamed,
  attributeOfType,
  attributesByKind,
  keyTypeName,
  keyTypes,
  objectClasses,
} from './attributes.ts'
import { mechanismFlags, mechanismName, mechanisms } from './mechanisms.ts'
import { returnValueName, returnValues } from './return-values.ts'

/** What HPCS has beside what Keywitness has (reference grep11, sections 4.2 and 9). */
const onlyHpcs = [
  'CKK_IBM_PQC_DILITHIUM',
  'CKK_IBM_PQC_KYBER',
  'CKM_IBM_DH_PKCS_DERIVE_RAW',
  'CKM_IBM_DILITHIUM',
  'CKM_IBM_EAC',
  'CKM_IBM_ECDH1_DERIVE_RAW',
  'CKM_IBM_EC_AGGREGATE',
  'CKM_IBM_EC_MULTIPLY',
  'CKM_IBM_EC_X25519_RAW',
  'CKM_IBM_EC_X448_RAW',
  'CKM_IBM_ETH_DERIVE',
  'CKM_IBM_KYBER',
  'CKM_IBM_RETAINKEY',
  'CKM_PBE_SHA1_DES3_EDE_CBC',
]

const here = {
  ...mechanisms,
  ...keyTypes,
  ...objectClasses,
  ...returnValues,
  ...Object.assign({}, ...Object.values(attributesByKind)),
} as Record<string, number>
const inUnit: Record<string, number> = {
  ...Object.fromEntries(Object.entries(unitMechanisms).map(([name, { value }]) => [name, value])),
  ...unitKeyTypes,
  ...unitClasses,
  ...unitReturnValues,
  ...attributeTypes,
}

test('every name of the crypto unit is here, with the same number', () => {
  expect(Object.fromEntries(Object.keys(inUnit).map((name) => [name, here[name]]))).toEqual(inUnit)
})

test('names that the crypto unit does not have are those of HPCS alone', () => {
  expect(
    Object.keys(here)
      .filter((name) => !Object.hasOwn(inUnit, name))
      .toSorted(),
  ).toEqual(onlyHpcs)
})

test('flags of mechanisms are the crypto unit’s, and those of curves', () => {
  const named = Object.fromEntries(Object.entries(unitFlags).map(([name, bit]) => [`CKF_${name}`, bit]))
  expect(mechanismFlags).toEqual({
    ...named,
    CKF_EC_F_P: 0x10_0000,
    CKF_EC_NAMEDCURVE: 0x80_0000,
    CKF_EC_UNCOMPRESS: 0x100_0000,
  })
})

test('no two names of a kind mean the same number', () => {
  const attributes = Object.values(attributesByKind).flatMap((types) => Object.values(types) as number[])
  for (const values of [Object.values(mechanisms), Object.values(keyTypes), Object.values(returnValues), attributes]) {
    expect(new Set<number>(values).size).toBe(values.length)
  }
})

test('names are found by their numbers, and numbers without a name have none', () => {
  expect([mechanismName(0x1085), mechanismName(0x7777)]).toEqual(['CKM_AES_CBC_PAD', undefined])
  expect([returnValueName(0xc0), returnValueName(0x7777)]).toEqual(['CKR_SIGNATURE_INVALID', undefined])
  expect([keyTypeName(0x1f), keyTypeName(0x7777)]).toEqual(['CKK_AES', undefined])
  expect([attributeOfType(0x162)?.name, attributeOfType(0x7777)]).toEqual(['CKA_EXTRACTABLE', undefined])
  expect([attributeNamed('CKA_LABEL')?.kind, attributeNamed('constructor')]).toEqual(['text', undefined])
})
