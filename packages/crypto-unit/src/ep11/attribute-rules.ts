/** What a template makes of a new key: the attributes it may ask for, and those that come by themselves (section 4.3). */
import { attributeBits, attributeTypes, keyTypes, objectClasses } from './attributes.ts'
import type { Template } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import { attributeName, booleanOf, countOf, type AttributeName } from './template.ts'

type BitName = keyof typeof attributeBits

/** Attributes of keys that are bits, with their bit. */
export const bitAttributes = {
  CKA_EXTRACTABLE: 'EXTRACTABLE',
  CKA_NEVER_EXTRACTABLE: 'NEVER_EXTRACTABLE',
  CKA_MODIFIABLE: 'MODIFIABLE',
  CKA_LOCAL: 'LOCAL',
  CKA_SIGN: 'SIGN',
  CKA_DECRYPT: 'DECRYPT',
  CKA_ENCRYPT: 'ENCRYPT',
  CKA_DERIVE: 'DERIVE',
  CKA_UNWRAP: 'UNWRAP',
  CKA_WRAP: 'WRAP',
  CKA_VERIFY: 'VERIFY',
  CKA_TRUSTED: 'TRUSTED',
  CKA_WRAP_WITH_TRUSTED: 'WRAP_WITH_TRUSTED',
  CKA_IBM_RESTRICTABLE: 'RESTRICTABLE',
  CKA_IBM_NEVER_MODIFIABLE: 'NEVER_MODIFIABLE',
  CKA_IBM_ATTRBOUND: 'ATTRBOUND',
  CKA_IBM_USE_AS_DATA: 'USE_AS_DATA',
} as const satisfies Partial<Record<AttributeName, BitName>>

export type BitAttribute = keyof typeof bitAttributes

/** What a template may not set: the unit knows it better. */
const readOnly = [
  'CKA_LOCAL',
  'CKA_NEVER_EXTRACTABLE',
  'CKA_ALWAYS_SENSITIVE',
  'CKA_KEY_GEN_MECHANISM',
  'CKA_CHECK_VALUE',
] as const satisfies readonly AttributeName[]

/** Uses of each class of key, by type. A secret key may do whatever a secret key can. */
const publicUses: Readonly<Record<number, readonly BitName[]>> = {
  [keyTypes.CKK_RSA]: ['ENCRYPT', 'VERIFY', 'WRAP'],
  [keyTypes.CKK_DSA]: ['VERIFY'],
  [keyTypes.CKK_DH]: ['DERIVE'],
  [keyTypes.CKK_EC]: ['VERIFY', 'DERIVE'],
  [keyTypes.CKK_ML_KEM]: ['DERIVE'],
  [keyTypes.CKK_ML_DSA]: ['VERIFY'],
}
const privateUses: Readonly<Record<number, readonly BitName[]>> = {
  [keyTypes.CKK_RSA]: ['DECRYPT', 'SIGN', 'UNWRAP'],
  [keyTypes.CKK_DSA]: ['SIGN'],
  [keyTypes.CKK_DH]: ['DERIVE'],
  [keyTypes.CKK_EC]: ['SIGN', 'DERIVE'],
  [keyTypes.CKK_ML_KEM]: ['DERIVE'],
  [keyTypes.CKK_ML_DSA]: ['SIGN'],
}
const secretUses: readonly BitName[] = ['ENCRYPT', 'DECRYPT', 'SIGN', 'VERIFY', 'WRAP', 'UNWRAP', 'DERIVE']
/** Uses that a template must ask for by name. */
const neverImplied = new Set<BitName>(['WRAP', 'UNWRAP', 'DERIVE'])

export type KeyClass = 'secret' | 'private' | 'public'
/** How a key came to be: only what was asked for comes in with an unwrapped one, or with a public key from elsewhere. */
export type Origin = 'generated' | 'derived' | 'unwrapped'

const classValues = {
  secret: objectClasses.CKO_SECRET_KEY,
  private: objectClasses.CKO_PRIVATE_KEY,
  public: objectClasses.CKO_PUBLIC_KEY,
} as const

export function classValue(keyClass: KeyClass): number {
  return classValues[keyClass]
}

function usesOf(keyClass: KeyClass, keyType: number): readonly BitName[] {
  if (keyClass === 'secret') return secretUses
  return (keyClass === 'private' ? privateUses : publicUses)[keyType] ?? []
}

const knownBits = Object.values(bitAttributes).reduce((bits, name) => bits | attributeBits[name], 0)

/** Whether a key of this kind can have these bits, some of which exclude each other. */
export function isPossible(bits: number, keyClass: KeyClass, keyType: number): boolean {
  const has = (name: BitName): boolean => (bits & attributeBits[name]) !== 0
  const uses = usesOf(keyClass, keyType)
  return (
    (bits & ~knownBits) === 0 &&
    secretUses.every((name) => !has(name) || uses.includes(name)) &&
    !(has('MODIFIABLE') && has('NEVER_MODIFIABLE')) &&
    !(has('EXTRACTABLE') && has('NEVER_EXTRACTABLE'))
  )
}

/**
 * @throws Ep11Error `CKR_ATTRIBUTE_READ_ONLY` for what a template may not set, `CKR_ATTRIBUTE_VALUE_INVALID` for what this
 *   unit gives nobody
 */
export function demandSettable(template: Template): void {
  for (const name of readOnly) {
    if (template.get(attributeTypes[name]) !== undefined)
      throw new Ep11Error('CKR_ATTRIBUTE_READ_ONLY', `${name} is not set by a template.`)
  }
  if (booleanOf(template, 'CKA_TRUSTED') === true) {
    throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', 'CKA_TRUSTED is not set by a template.')
  }
  if (booleanOf(template, 'CKA_IBM_RETAINKEY') === true) {
    throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', 'No key is retained in the crypto unit.')
  }
}

/** @throws Ep11Error `CKR_TEMPLATE_INCONSISTENT` when a template says that the key is another than it is */
export function demandConsistent(template: Template, keyClass: KeyClass, keyType: number | undefined): void {
  const askedClass = countOf(template, 'CKA_CLASS')
  if (askedClass !== undefined && askedClass !== classValue(keyClass)) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'CKA_CLASS is not that of the key.')
  }
  const askedType = countOf(template, 'CKA_KEY_TYPE')
  if (askedType !== undefined && keyType !== undefined && askedType !== keyType) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'CKA_KEY_TYPE is not that of the key.')
  }
}

/** The attribute bits of a new key. @throws Ep11Error as `demandSettable` and `demandConsistent` */
export function bitsOf(template: Template, keyClass: KeyClass, keyType: number, origin: Origin): number {
  demandSettable(template)
  demandConsistent(template, keyClass, keyType)
  const uses = usesOf(keyClass, keyType)
  let bits = 0
  for (const name of Object.keys(bitAttributes) as BitAttribute[]) {
    const bit = bitAttributes[name]
    if (isUse(bit) && !uses.includes(bit)) continue
    const isImplied = origin !== 'unwrapped' && impliedOf(bit)
    if (booleanOf(template, name) ?? isImplied) bits |= attributeBits[bit]
  }
  if (origin === 'generated' && keyClass !== 'public') {
    bits |= attributeBits.LOCAL
    if ((bits & attributeBits.EXTRACTABLE) === 0) bits |= attributeBits.NEVER_EXTRACTABLE
  }
  if ((bits & attributeBits.NEVER_MODIFIABLE) !== 0) bits &= ~attributeBits.MODIFIABLE
  return bits
}

function isUse(bit: BitName): boolean {
  return secretUses.includes(bit)
}

function impliedOf(bit: BitName): boolean {
  return bit === 'MODIFIABLE' || (isUse(bit) && !neverImplied.has(bit))
}

/**
 * The bits after a change. A modifiable key takes any use; one that is restrictable only loses them; whether it may leave is
 * only ever taken away.
 * @throws Ep11Error `CKR_ATTRIBUTE_READ_ONLY`, `CKR_ATTRIBUTE_TYPE_INVALID`, `CKR_ATTRIBUTE_VALUE_INVALID`
 */
export function changedBits(bits: number, keyClass: KeyClass, keyType: number, changes: Template): number {
  let next = bits
  for (const type of changes.keys()) {
    const name = attributeName(type)
    if (name === undefined) throw new Ep11Error('CKR_ATTRIBUTE_TYPE_INVALID', 'An attribute is not known.')
    next = withChange(next, bits, keyClass, keyType, name, changes)
  }
  return next
}

function withChange(
  next: number,
  before: number,
  keyClass: KeyClass,
  keyType: number,
  name: AttributeName,
  changes: Template,
): number {
  const refused = new Ep11Error('CKR_ATTRIBUTE_READ_ONLY', `${name} of this key cannot be changed so.`)
  const bit = name in bitAttributes ? bitAttributes[name as BitAttribute] : undefined
  if (bit === undefined) throw refused
  const value = booleanOf(changes, name)
  if (value === undefined) throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', `${name} needs a value.`)
  const mask = attributeBits[bit]
  if (value === ((next & mask) !== 0)) return next
  const may = (allowed: keyof typeof attributeBits): boolean => (before & attributeBits[allowed]) !== 0
  const isKnownUse = isUse(bit) && usesOf(keyClass, keyType).includes(bit)
  const isTaken = !value && (isKnownUse || bit === 'EXTRACTABLE' || bit === 'MODIFIABLE' || bit === 'RESTRICTABLE')
  const isGiven = value && (isKnownUse || bit === 'WRAP_WITH_TRUSTED' || bit === 'NEVER_MODIFIABLE')
  if (isTaken && (may('MODIFIABLE') || may('RESTRICTABLE'))) return next & ~mask
  if (isGiven && may('MODIFIABLE')) return (next | mask) & (bit === 'NEVER_MODIFIABLE' ? ~attributeBits.MODIFIABLE : ~0)
  throw refused
}
