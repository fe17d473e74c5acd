/** What an object comes to be by a write: what its client says held against what it says itself and where it is kept. */
import { attributeTypes, objectClasses } from '@keywitness/crypto-unit/ep11/attributes'
import { Refusal } from '../errors.ts'
import type { Sealer } from '../seal.ts'
import {
  type AttributeChanges,
  type Attributes,
  attributesRefused,
  fixedAttributes,
  isSameValue,
  type Value,
} from './attributes.ts'
import type { WrittenContent } from './changes.ts'
import type { DescribedObject } from './describe-object.ts'
import type { KeystoreRow, ObjectHead } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'

const { CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_DESTROYABLE } = attributeTypes

/** All attributes of an object. */
export function allAttributes({ given, told }: Pick<ObjectHead, 'given' | 'told'>): Attributes {
  return new Map([...given, ...told])
}

/**
 * What is said of a new object.
 * @throws Refusal `KEYSTORE_ATTRIBUTES`, `KEYSTORE_PRIVATE_OBJECT`, `KEYSTORE_SESSION`
 */
export function newAttributes(keystore: KeystoreRow, said: AttributeChanges, described: DescribedObject): Attributes {
  requireSession(keystore, described)
  const given = new Map<number, Value>([
    [CKA_TOKEN, true],
    [CKA_PRIVATE, keystore.type === 'private'],
  ])
  for (const [type, value] of said) if (value !== undefined) given.set(type, value)
  requirePlace(keystore, given)
  return withoutTold(given, said, described.told)
}

/**
 * What is said of an object after an update. `described`: of the object that replaces it, where one does.
 * @throws Refusal `KEYSTORE_NOT_MODIFIABLE`, `KEYSTORE_ATTRIBUTES`, `KEYSTORE_SESSION`
 */
export function changedAttributes(
  keystore: KeystoreRow,
  before: ObjectHead,
  said: AttributeChanges,
  described: DescribedObject | undefined,
): Attributes {
  const had = allAttributes(before)
  if (had.get(CKA_MODIFIABLE) === false) throw new Refusal('KEYSTORE_NOT_MODIFIABLE')
  for (const [type, value] of said) {
    if (fixedAttributes.has(type) && !isSameValue(value, had.get(type))) {
      throw attributesRefused('Class, key type, CKA_TOKEN, CKA_PRIVATE and the type of a certificate do not change.')
    }
  }
  if (described !== undefined) {
    requireSession(keystore, described)
    if (described.class !== before.class || described.keyType !== before.keyType) {
      throw attributesRefused('An update replaces an object by one of the same class and key type.')
    }
  }
  const given = new Map(before.given)
  for (const [type, value] of said) {
    if (value === undefined) given.delete(type)
    else given.set(type, value)
  }
  if (given.size > keystoreLimits.attributes + 2) {
    throw attributesRefused(`An object has ${keystoreLimits.attributes} attributes at most.`)
  }
  return withoutTold(given, said, described?.told ?? before.told)
}

/** @throws Refusal `KEYSTORE_NOT_DESTROYABLE` */
export function requireDestroyable(object: ObjectHead): void {
  if (allAttributes(object).get(CKA_DESTROYABLE) === false) throw new Refusal('KEYSTORE_NOT_DESTROYABLE')
}

/** The object as it is kept: a key as the unit has it, anything else under the seal. */
export function contentOf(
  keystore: KeystoreRow,
  id: string,
  { isKey, object, wkid }: DescribedObject,
  sealer: Sealer,
): WrittenContent {
  if (isKey) return { protected: { blob: object }, bytes: object.length, wkid }
  return { protected: { sealed: sealer.seal(sealName(keystore, id), object) }, bytes: object.length, wkid: null }
}

/** Under which what is no key is sealed: it opens in its own place only. */
export function sealName({ instance, number }: KeystoreRow, id: string): string {
  return `keystore-object/${instance}/${number}/${id}`
}

/** What an object says of itself nobody says otherwise. */
function withoutTold(given: Map<number, Value>, said: AttributeChanges, told: Attributes): Attributes {
  for (const [type, value] of told) {
    if (said.has(type) && !isSameValue(said.get(type), value)) {
      throw attributesRefused('An attribute is said to be other than the object itself says.')
    }
    given.delete(type)
  }
  return given
}

function requirePlace(keystore: KeystoreRow, given: Attributes): void {
  if (given.get(CKA_TOKEN) !== true) throw attributesRefused('What is in a keystore is a token object.')
  if (keystore.type === 'public' && given.get(CKA_PRIVATE) === true) throw new Refusal('KEYSTORE_PRIVATE_OBJECT')
}

/**
 * Secret and private keys of an authenticated keystore work in a login session only, and no key of another one does. Public
 * keys come from elsewhere, too.
 */
function requireSession(
  { authenticated }: KeystoreRow,
  { class: objectClass, isKey, isOfSession }: DescribedObject,
): void {
  const isFree = isKey && !isOfSession && objectClass !== objectClasses.CKO_PUBLIC_KEY
  if (authenticated === 1 ? isFree : isOfSession) throw new Refusal('KEYSTORE_SESSION')
}
