/** Derive Key: a key or secret data from another object, inside of the crypto unit (KMIP 1.4, section 4.6). */
import { Refusal } from '../../errors.ts'
import { attributeValue, type Attributes, numberOf, put } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { Fields } from '../message/fields.ts'
import { newestVersion } from '../message/version.ts'
import { converted } from '../objects/asymmetric-formats.ts'
import { isDestroyed, type KmipObject, type ObjectForm, objectTypes } from '../objects/kmip-object.ts'
import { deriveMaterial, openMaterial, requireRoot, sealedKey } from '../objects/material.ts'
import { requireProtecting } from '../objects/states.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { symmetricDefaults } from './create.ts'
import { derivationOf, readDerivationWish } from './derivations.ts'
import { type KmipItem, type KmipOperation, type KmipOperationParts, secondsOf } from './item.ts'
import { fromKeyUse } from './key-use.ts'
import { materialBytes, materialForm } from './key-sizes.ts'
import { countLinks, linkedTo } from './links.ts'
import { requireFreeNames } from './names.ts'
import { completed, newIdentifier, noteWishes } from './new-object.ts'
import { changed, identifier, objectOfId, stampOf } from './object-of-item.ts'
import { requireRoom } from './room.ts'
import { readTemplateAttribute } from './template-attribute.ts'
import { countUse } from './usage-limits.ts'

const { SymmetricKey, SecretData, PrivateKey, PublicKey } = objectTypes
const { DerivationBaseObjectLink, DerivedKeyLink } = enumerations.LinkType
const { AsymmetricKey } = enumerations.DerivationMethod

/** Derived keys that their base tells of; each of them tells of its base. */
const derivedLinksMax = 64
/** Base objects that a request names: a private key and a public one. */
const basesMax = 2

export const deriveKey: KmipOperation = async (payload, item, parts) => {
  const { call, seen, workspace, batch } = item
  const type = payload.required(tags.ObjectType, 'Enumeration', 'InvalidField')
  noteWishes(type, [], item)
  if (type !== SymmetricKey && type !== SecretData) throw invalid('Symmetric keys and secret data are derived.')
  const ids = readBases(payload, item)
  const wish = readDerivationWish(payload)
  seen.request.derivationMethod = wish.name
  const template = payload.required(tags.TemplateAttribute, 'Structure', 'InvalidField')
  payload.end()
  const given = readTemplateAttribute(template, type, item)
  noteWishes(type, given, item)
  const isAgreement = wish.method === AsymmetricKey
  const { base, other } = basesOf(ids, isAgreement, item)
  // The standard asks for length and algorithm only; clients of all versions send no more.
  const attributes = type === SymmetricKey ? symmetricDefaults(given, newestVersion) : secretDefaults(given)
  noteWishes(type, attributes, item)
  requireFreeNames(attributes, item)
  requireRoom(item, parts)
  requireBase(base, isAgreement ? usageMask.DeriveKey | usageMask.KeyAgreement : usageMask.DeriveKey, item)
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('seal', call.adapter, call.now, parts)
  const peer = other === undefined ? undefined : await publicKeyOf(other, item, parts)
  const derivation = derivationOf(wish, base, peer, call.version)
  const bits = numberOf(attributes, 'Cryptographic Length') ?? 0
  const algorithm = type === SymmetricKey ? (numberOf(attributes, 'Cryptographic Algorithm') ?? 0) : undefined
  const bytes = algorithm === undefined ? bits / 8 : materialBytes(algorithm, bits)
  const form = algorithm === undefined ? 'any' : materialForm(algorithm)
  const name = {
    instance: call.instance.guid,
    adapter: call.adapter.id,
    id: newIdentifier(call.now),
    type,
    created: stampOf(call),
  }
  const from = { base: sealedKey(root, base, parts), derivation }
  const made = await fromKeyUse(deriveMaterial(root, from, name, bytes, form, parts))
  workspace.require(root.condition)
  workspace.relyOn(base)
  countUse(base, bytes, item)
  linkBase(base.id, name.id, item)
  const object = completed(
    {
      isMadeHere: true,
      id: name.id,
      type,
      form: formOf(type),
      material: made.material,
      sha256: type === SymmetricKey ? made.sha256 : undefined,
      attributes: linkedTo(attributes, DerivationBaseObjectLink, base.id),
    },
    item,
  )
  workspace.add(object)
  batch.placeholder = object.id
  return [identifier(object.id)]
}

function readBases(payload: Fields, { batch }: KmipItem): readonly (string | undefined)[] {
  const ids = payload.many(tags.UniqueIdentifier, 'TextString')
  if (ids.length > basesMax) throw invalid('A key is derived from two objects at most.')
  return ids.length === 0 ? [batch.placeholder] : ids
}

/** @throws Refusal `KMIP_ITEM_NOT_FOUND`, `KMIP_ILLEGAL_OPERATION`, `KMIP_FEATURE_NOT_SUPPORTED` */
function basesOf(
  ids: readonly (string | undefined)[],
  isAgreement: boolean,
  item: KmipItem,
): { readonly base: KmipObject; readonly other: KmipObject | undefined } {
  const objects = ids.map((id) => {
    const object = objectOfId(id, item)
    if (isDestroyed(object)) throw new Refusal('KMIP_ITEM_NOT_FOUND')
    return object
  })
  item.seen.request.baseKeyIds = objects.map(({ id }) => id)
  if (isAgreement) {
    const base = objects.find(({ type }) => type === PrivateKey)
    const other = objects.find(({ type }) => type === PublicKey)
    if (base === undefined || other === undefined || isWrapped(base) || isWrapped(other)) {
      throw illegal('A secret is agreed on between a private key and a public one.')
    }
    return { base, other }
  }
  const [base, more] = objects
  if (base === undefined || (base.type !== SymmetricKey && base.type !== SecretData) || isWrapped(base)) {
    throw illegal('Keys are derived from plain symmetric keys and secret data.')
  }
  if (more !== undefined) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Derivation data are not taken from another object.' })
  }
  return { base, other: undefined }
}

function isWrapped({ form }: KmipObject): boolean {
  return form.wrapping !== undefined
}

/** @throws Refusal `KMIP_NOT_PERMITTED`, `KMIP_WRONG_STATE` */
function requireBase(base: KmipObject, mask: number, { call }: KmipItem): void {
  if (((numberOf(base.attributes, 'Cryptographic Usage Mask') ?? 0) & mask) === 0) {
    throw new Refusal('KMIP_NOT_PERMITTED', { message: 'The usage mask of the base does not allow this.' })
  }
  requireProtecting(base, secondsOf(call))
}

/** The peer's half is no secret. */
async function publicKeyOf(other: KmipObject, item: KmipItem, parts: KmipOperationParts): Promise<Uint8Array> {
  item.workspace.relyOn(other)
  const root = requireRoot('open', item.call.adapter, item.call.now, parts)
  const material = await openMaterial(root, other, parts)
  return converted(PublicKey, other.form.format ?? 0, enumerations.KeyFormatType.X_509, material)
}

/** Of secret data a client says how long they are, and need not say more. */
function secretDefaults(given: Attributes): Attributes {
  const length = numberOf(given, 'Cryptographic Length')
  if (length === undefined || length < 8 || length % 8 !== 0) {
    throw invalid('Derived secret data need a Cryptographic Length of whole bytes.')
  }
  if (numberOf(given, 'Cryptographic Usage Mask') !== undefined) return given
  return put(given, 'Cryptographic Usage Mask', attributeValue.integer(0))
}

function formOf(type: typeof SymmetricKey | typeof SecretData): ObjectForm {
  const format = enumerations.KeyFormatType.Raw
  return type === SymmetricKey ? { format } : { format, secretDataType: enumerations.SecretDataType.Seed }
}

/** As it is by now: it may just have been counted. */
function linkBase(base: string, derived: string, item: KmipItem): void {
  const object = item.workspace.find(base)
  if (object === undefined || countLinks(object.attributes, DerivedKeyLink) >= derivedLinksMax) return
  item.workspace.replace(changed(object, item, { attributes: linkedTo(object.attributes, DerivedKeyLink, derived) }))
}

function illegal(message: string): Refusal {
  return new Refusal('KMIP_ILLEGAL_OPERATION', { message })
}
