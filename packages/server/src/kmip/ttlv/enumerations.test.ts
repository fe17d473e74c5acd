/** Tags and enumerations: their numbers, their names, and the version that each came with. */
import { expect, test } from 'vitest'
import {
  enumerationName,
  enumerations,
  type EnumerationName,
  enumerationOf,
  enumerationVersion,
  storageStatusMask,
  usageMask,
} from './enumerations.ts'
import { tagName, tagOfAttribute, tags, tagType, tagVersion } from './tags.ts'

const minor = (number: number) => ({ major: 1, minor: number })

test('every tag from the first to the last of 1.4 has a name, and no number has two', () => {
  const numbers = Object.values(tags).sort((left, right) => left - right)
  expect(numbers).toEqual(Array.from({ length: 0x124 }, (_, index) => 0x420001 + index))
  expect(tagName(0x420094)).toBe('UniqueIdentifier')
  expect(tagName(0x420125)).toBeUndefined()
})

test.each([
  [tags.ActivationDate, minor(0)],
  [tags.Password, minor(0)],
  [tags.DeviceIdentifier, minor(1)],
  [tags.X_509CertificateSubject, minor(1)],
  [tags.KeyValueLocation, minor(2)],
  [tags.AttestationCapableIndicator, minor(2)],
  [tags.OffsetItems, minor(3)],
  [tags.CapabilityInformation, minor(3)],
  [tags.KeyWrapType, minor(4)],
  [tags.ReplaceExisting, minor(4)],
  [0x420125, { major: 2, minor: 0 }],
  [0x420165, { major: 2, minor: 0 }],
  [0x420166, { major: 2, minor: 1 }],
  [0x420177, undefined],
  [0x540001, undefined],
])('tag %i came with its version', (tag, version) => {
  expect(tagVersion(tag)).toEqual(version)
})

test('a tag has its type, unless what stands around it decides', () => {
  expect(tagType(tags.LeaseTime)).toBe('Interval')
  expect(tagType(tags.KeyBlock)).toBe('Structure')
  expect([tags.AttributeValue, tags.KeyMaterial, tags.KeyValue].map(tagType)).toEqual([undefined, undefined, undefined])
})

test('attributes are found by the names that clients use', () => {
  expect(tagOfAttribute('Cryptographic Usage Mask')).toBe(tags.CryptographicUsageMask)
  expect(tagOfAttribute('X.509 Certificate Identifier')).toBe(tags.X_509CertificateIdentifier)
  expect(tagOfAttribute('PKCS#12 Friendly Name')).toBe(tags.PKCS_12FriendlyName)
  expect(tagOfAttribute('x-Product')).toBeUndefined()
  expect(tagOfAttribute('toString')).toBeUndefined()
})

test.each<[EnumerationName, string, number, number]>([
  ['Operation', 'Put', 0x1c, 0],
  ['Operation', 'ReKeyKeyPair', 0x1d, 1],
  ['Operation', 'DiscoverVersions', 0x1e, 1],
  ['Operation', 'Encrypt', 0x1f, 2],
  ['Operation', 'JoinSplitKey', 0x29, 2],
  ['Operation', 'Import', 0x2a, 4],
  ['ResultReason', 'KeyCompressionTypeNotSupported', 0x11, 0],
  ['ResultReason', 'EncodingOptionError', 0x12, 1],
  ['ResultReason', 'AttestationFailed', 0x15, 2],
  ['ResultReason', 'Sensitive', 0x16, 4],
  ['ResultReason', 'GeneralFailure', 0x100, 0],
  ['QueryFunction', 'QueryServerInformation', 3, 0],
  ['QueryFunction', 'QueryExtensionMap', 6, 1],
  ['QueryFunction', 'QueryAttestationTypes', 7, 2],
  ['QueryFunction', 'QueryRNGs', 8, 3],
  ['ObjectType', 'PGPKey', 9, 2],
  ['CredentialType', 'Device', 2, 1],
  ['CredentialType', 'Attestation', 3, 2],
  ['LinkType', 'ReplacedObjectLink', 0x107, 0],
  ['LinkType', 'ParentLink', 0x108, 2],
  ['LinkType', 'PKCS_12PasswordLink', 0x10d, 4],
  ['CryptographicAlgorithm', 'DES3', 2, 0],
  ['CryptographicAlgorithm', 'EC', 0x1a, 2],
  ['CryptographicAlgorithm', 'SHAKE_256', 0x28, 4],
  ['KeyFormatType', 'TransparentECPrivateKey', 0x14, 3],
  ['KeyFormatType', 'PKCS_12', 0x16, 4],
  ['HashingAlgorithm', 'SHA_256', 6, 0],
  ['AlternativeNameType', 'URI', 2, 2],
  ['EncodingOption', 'NoEncoding', 1, 1],
  ['UnwrapMode', 'Processed', 2, 3],
  ['KeyWrapType', 'AsRegistered', 2, 4],
  ['State', 'DestroyedCompromised', 6, 0],
])('%s %s is %i and came with 1.%i', (enumeration, name, value, since) => {
  expect(enumerationName(enumeration, value)).toBe(name)
  expect(enumerationVersion(enumeration, value)).toEqual(minor(since))
})

test('a value that versions 1.0 to 1.4 do not have has neither a name nor a version', () => {
  for (const value of [0, 0x2c, 0x8000_0001]) {
    expect(enumerationName('Operation', value)).toBeUndefined()
    expect(enumerationVersion('Operation', value)).toBeUndefined()
  }
})

test('the values of a tag are of its enumeration', () => {
  expect(enumerationOf(tags.State)).toBe('State')
  expect(enumerationOf(tags.MaskGeneratorHashingAlgorithm)).toBe('HashingAlgorithm')
  expect([tags.UniqueIdentifier, tags.OpaqueDataType, 0x540001].map(enumerationOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('no value of an enumeration has two names, and each enumeration is that of a tag', () => {
  for (const [name, values] of Object.entries(enumerations)) {
    expect(tagType(tags[name as EnumerationName])).toBe('Enumeration')
    expect(new Set(Object.values(values)).size).toBe(Object.keys(values).length)
  }
})

test('the bits of a mask follow each other without a gap', () => {
  expect(Object.values(usageMask)).toEqual(Array.from({ length: 20 }, (_, bit) => 2 ** bit))
  expect(usageMask.Encrypt | usageMask.Decrypt).toBe(12)
  expect(Object.values(storageStatusMask)).toEqual([1, 2])
})
