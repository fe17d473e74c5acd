/** Every enumeration of KMIP 1.0 to 1.4 with the version of each value, and the bit masks. */
import { compareVersions, type Version } from '../message/version.ts'
import { cryptographyEnumerations } from './enumerations/cryptography.ts'
import { messageEnumerations } from './enumerations/messages.ts'
import { objectEnumerations } from './enumerations/objects.ts'
import { tagName, tags, tagVersion } from './tags.ts'

/** An enumeration has the name of a tag. Values 0x8… are extensions of vendors and in none of them. */
export const enumerations = { ...messageEnumerations, ...objectEnumerations, ...cryptographyEnumerations } as const

export type EnumerationName = keyof typeof enumerations
export type ResultReason = keyof typeof enumerations.ResultReason
export type ResultStatus = keyof typeof enumerations.ResultStatus

/** Cryptographic Usage Mask (KMIP 1.4, section 9.1.3.3.1). */
export const usageMask = {
  Sign: 0x1,
  Verify: 0x2,
  Encrypt: 0x4,
  Decrypt: 0x8,
  WrapKey: 0x10,
  UnwrapKey: 0x20,
  Export: 0x40,
  MACGenerate: 0x80,
  MACVerify: 0x100,
  DeriveKey: 0x200,
  ContentCommitment: 0x400,
  KeyAgreement: 0x800,
  CertificateSign: 0x1000,
  CRLSign: 0x2000,
  GenerateCryptogram: 0x4000,
  ValidateCryptogram: 0x8000,
  TranslateEncrypt: 0x10000,
  TranslateDecrypt: 0x20000,
  TranslateWrap: 0x40000,
  TranslateUnwrap: 0x80000,
} as const

/** Storage Status Mask (KMIP 1.4, section 9.1.3.3.2). */
export const storageStatusMask = { OnLineStorage: 0x1, ArchivalStorage: 0x2 } as const

/**
 * Values that came later than their enumeration: from this value on, up to the next one, with version 1.`minor`. An
 * enumeration itself came with its tag. (KMIP 1.1 to 1.4, section 9.1.3.2 of each.)
 */
const additions: { readonly [Name in EnumerationName]?: readonly (readonly [from: number, minor: number])[] } = {
  Operation: [
    [0x1d, 1],
    [0x1f, 2],
    [0x2a, 4],
  ],
  ResultReason: [
    [0x12, 1],
    [0x13, 2],
    [0x16, 4],
    [0x100, 0],
  ],
  QueryFunction: [
    [5, 1],
    [7, 2],
    [8, 3],
  ],
  CredentialType: [
    [2, 1],
    [3, 2],
  ],
  ObjectType: [[9, 2]],
  LinkType: [
    [0x108, 2],
    [0x10c, 4],
  ],
  CryptographicAlgorithm: [
    [0x1a, 2],
    [0x1b, 3],
    [0x1c, 4],
  ],
  BlockCipherMode: [[0x12, 4]],
  HashingAlgorithm: [
    [0xc, 2],
    [0xe, 4],
  ],
  DigitalSignatureAlgorithm: [[0x11, 4]],
  DerivationMethod: [[8, 4]],
  KeyRoleType: [[0x16, 4]],
  KeyFormatType: [
    [0x14, 3],
    [0x16, 4],
  ],
  SplitKeyMethod: [[4, 2]],
  RecommendedCurve: [[0x10, 2]],
}

const names = new Map<EnumerationName, ReadonlyMap<number, string>>(
  Object.entries(enumerations).map(([enumeration, values]) => [
    enumeration as EnumerationName,
    new Map(Object.entries(values).map(([name, value]) => [value, name])),
  ]),
)

/** The enumeration that the values of a tag are of; nothing for a tag of another type, and where it is unknown. */
export function enumerationOf(tag: number): EnumerationName | undefined {
  if (tag === tags.MaskGeneratorHashingAlgorithm) return 'HashingAlgorithm'
  const name = tagName(tag)
  return name !== undefined && Object.hasOwn(enumerations, name) ? (name as EnumerationName) : undefined
}

/** The name of a value in versions 1.0 to 1.4, as the KMIP Profiles write it in XML; nothing when there is none. */
export function enumerationName(enumeration: EnumerationName, value: number): string | undefined {
  return names.get(enumeration)?.get(value)
}

/** The first version that has a value; nothing for a value that versions 1.0 to 1.4 do not have. */
export function enumerationVersion(enumeration: EnumerationName, value: number): Version | undefined {
  const ofEnumeration = tagVersion(tags[enumeration])
  if (ofEnumeration === undefined || enumerationName(enumeration, value) === undefined) return undefined
  const minor = additions[enumeration]?.findLast(([from]) => value >= from)?.[1] ?? 0
  const ofValue = { major: 1, minor }
  return compareVersions(ofValue, ofEnumeration) > 0 ? ofValue : ofEnumeration
}
