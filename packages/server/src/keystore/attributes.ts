/** Attributes of keystore objects: which are of which kind, how they are kept, and which nobody may leave here. */
import { attributeTypes, sensitiveAttributes } from '@keywitness/crypto-unit/ep11/attributes'
import type { AttributeValue, Template } from '@keywitness/crypto-unit/ep11/calls'
import { Refusal } from '../errors.ts'
import { keystoreLimits } from './limits.ts'

/** A boolean, an integer (a CK_ULONG) or bytes. */
export type Value = boolean | number | Buffer

/** By CKA_ value. */
export type Attributes = ReadonlyMap<number, Value>

/** What a write says: undefined takes an attribute away. */
export type AttributeChanges = ReadonlyMap<number, Value | undefined>

type AttributeName = keyof typeof attributeTypes

const numbersOf = (...names: readonly AttributeName[]): ReadonlySet<number> =>
  new Set(names.map((name) => attributeTypes[name]))

const booleans = numbersOf(
  'CKA_TOKEN',
  'CKA_PRIVATE',
  'CKA_TRUSTED',
  'CKA_SENSITIVE',
  'CKA_ENCRYPT',
  'CKA_DECRYPT',
  'CKA_WRAP',
  'CKA_UNWRAP',
  'CKA_SIGN',
  'CKA_SIGN_RECOVER',
  'CKA_VERIFY',
  'CKA_VERIFY_RECOVER',
  'CKA_DERIVE',
  'CKA_EXTRACTABLE',
  'CKA_LOCAL',
  'CKA_NEVER_EXTRACTABLE',
  'CKA_ALWAYS_SENSITIVE',
  'CKA_MODIFIABLE',
  'CKA_COPYABLE',
  'CKA_DESTROYABLE',
  'CKA_ALWAYS_AUTHENTICATE',
  'CKA_WRAP_WITH_TRUSTED',
  'CKA_IBM_RESTRICTABLE',
  'CKA_IBM_NEVER_MODIFIABLE',
  'CKA_IBM_RETAINKEY',
  'CKA_IBM_ATTRBOUND',
  'CKA_IBM_USE_AS_DATA',
  'CKA_IBM_PROTKEY_EXTRACTABLE',
  'CKA_IBM_PROTKEY_NEVER_EXTRACTABLE',
)

const integers = numbersOf(
  'CKA_CLASS',
  'CKA_CERTIFICATE_TYPE',
  'CKA_CERTIFICATE_CATEGORY',
  'CKA_KEY_TYPE',
  'CKA_KEY_GEN_MECHANISM',
  'CKA_MODULUS_BITS',
  'CKA_PRIME_BITS',
  'CKA_SUBPRIME_BITS',
  'CKA_VALUE_BITS',
  'CKA_VALUE_LEN',
  'CKA_PARAMETER_SET',
)

/** Numbers whose leading zeros say nothing; clients send them as integers too (reference grep11, section 4.1). */
const bigNumbers = numbersOf('CKA_PUBLIC_EXPONENT', 'CKA_MODULUS', 'CKA_PRIME', 'CKA_SUBPRIME', 'CKA_BASE')

/** Key material, and a password: neither is kept, searched for or repeated in clear. */
const secret = numbersOf(...sensitiveAttributes, 'CKA_GREP11_KEYSTORE_PASSWORD')

/** They change with the master key, or name a login session: nobody keeps them, and who echoes them does no harm. */
const passing = numbersOf(
  'CKA_GREP11_WKID',
  'CKA_GREP11_NEXTWKID',
  'CKA_GREP11_KEYBLOB_HAS_ROTATION',
  'CKA_IBM_MACED_PUBLIC_KEY_INFO',
  'CKA_IBM_LOGIN_SESSION',
)

/** What no update changes (reference grep11, section 4.3). */
export const fixedAttributes = numbersOf(
  'CKA_CLASS',
  'CKA_KEY_TYPE',
  'CKA_TOKEN',
  'CKA_PRIVATE',
  'CKA_CERTIFICATE_TYPE',
)

const names = new Map<number, AttributeName>(
  (Object.entries(attributeTypes) as [AttributeName, number][]).map(([name, type]) => [type, name]),
)

/** `CKA_LABEL`, or the number in hexadecimal where PKCS #11 and IBM have no name for it. */
export function attributeName(type: number): string {
  return names.get(type) ?? `0x${type.toString(16)}`
}

/** Undefined for what is neither a name nor a number of an attribute. */
export function attributeNumber(text: string): number | undefined {
  if (Object.hasOwn(attributeTypes, text)) return attributeTypes[text as AttributeName]
  return /^0x[0-9a-f]{1,13}$/i.test(text) ? Number.parseInt(text, 16) : undefined
}

/** The name of a class or key type in PKCS #11; its number where that has none. */
export function nameIn(known: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(known).find((name) => known[name] === value) ?? `0x${value.toString(16)}`
}

export function namesOf(attributes: Iterable<number>): string[] {
  return [...attributes].map(attributeName)
}

/**
 * What a client said of an object, or searches for. No arm of a value is "take it away".
 * @throws Refusal `KEYSTORE_SECRET_ATTRIBUTE`, `KEYSTORE_ATTRIBUTES`, `BODY_TOO_LARGE`
 */
export function readAttributes(template: Template): AttributeChanges {
  if (template.size > keystoreLimits.attributes) {
    throw attributesRefused(`An object has ${keystoreLimits.attributes} attributes at most.`)
  }
  const read = new Map<number, Value | undefined>()
  for (const [type, value] of template) {
    if (secret.has(type)) throw new Refusal('KEYSTORE_SECRET_ATTRIBUTE')
    if (!passing.has(type)) read.set(type, value === undefined ? undefined : normalised(type, value))
  }
  requireRoom(read)
  return read
}

/** @throws Refusal `BODY_TOO_LARGE` */
function requireRoom(attributes: AttributeChanges): void {
  let bytes = 0
  for (const value of attributes.values()) bytes += value instanceof Buffer ? value.length : 8
  if (bytes > keystoreLimits.attributeBytes) throw new Refusal('BODY_TOO_LARGE')
}

/** Which of them an object is kept as says its keystore, and not the crypto unit that knows nothing of keystores. */
const placing = numbersOf('CKA_TOKEN', 'CKA_PRIVATE')

/** What an object says of itself, without what is secret or passing; whatever else the unit tells is as it says. */
export function toldAttributes(template: Template): Attributes {
  const told = new Map<number, Value>()
  for (const [type, value] of template) {
    if (value === undefined || secret.has(type) || passing.has(type) || placing.has(type)) continue
    told.set(type, normalised(type, value))
  }
  return told
}

/** By attribute, for clients choose the arm from their language's type (reference grep11, section 4.1). */
function normalised(type: number, value: Exclude<AttributeValue, undefined>): Value {
  if (booleans.has(type)) return booleanOf(value)
  if (integers.has(type)) return integerOf(value)
  if (bigNumbers.has(type)) return bigNumberOf(value)
  return typeof value === 'bigint' ? integerOf(value) : value
}

function booleanOf(value: Exclude<AttributeValue, undefined>): boolean {
  if (typeof value === 'boolean') return value
  const number = typeof value === 'bigint' ? value : value.length === 1 ? BigInt(value[0] as number) : undefined
  if (number === 0n || number === 1n) return number === 1n
  throw attributesRefused('A boolean attribute has a value that is none.')
}

function integerOf(value: Exclude<AttributeValue, undefined>): number {
  const number =
    value instanceof Buffer && value.length >= 1 && value.length <= 8 ? BigInt(`0x${value.toString('hex')}`) : value
  if (typeof number === 'bigint' && number >= 0n && number <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(number)
  throw attributesRefused('An integer attribute has a value that is none.')
}

function bigNumberOf(value: Exclude<AttributeValue, undefined>): Buffer {
  if (value instanceof Buffer) {
    const first = value.findIndex((byte) => byte !== 0)
    return first < 0 ? value.subarray(0, 0) : value.subarray(first)
  }
  const hex = integerOf(value).toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

export function attributesRefused(message: string): Refusal {
  return new Refusal('KEYSTORE_ATTRIBUTES', { message })
}

export function isSameValue(a: Value | undefined, b: Value | undefined): boolean {
  return a instanceof Buffer && b instanceof Buffer ? a.equals(b) : a === b
}

/** As a column holds them: JSON by number, bytes in base64. */
export function attributesText(attributes: Attributes): string {
  const sorted = [...attributes].sort(([a], [b]) => a - b)
  return JSON.stringify(
    Object.fromEntries(
      sorted.map(([type, value]) => [type, value instanceof Buffer ? value.toString('base64') : value]),
    ),
  )
}

export function attributesIn(text: string): Attributes {
  const entries = Object.entries(JSON.parse(text) as Record<string, boolean | number | string>)
  return new Map(
    entries.map(([type, value]) => [Number(type), typeof value === 'string' ? Buffer.from(value, 'base64') : value]),
  )
}
