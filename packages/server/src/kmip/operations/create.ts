/** Create: a new symmetric key, made by the crypto unit (KMIP 1.4, section 4.1). */
import { attributeValue, type Attributes, numberOf, put } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { atLeast, type Version } from '../message/version.ts'
import { objectTypes } from '../objects/kmip-object.ts'
import { makeMaterial, requireRoot } from '../objects/material.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { enumeration } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation, KmipOperationParts } from './item.ts'
import { materialBytes, materialForm, requireLength } from './key-sizes.ts'
import { identifier, stampOf } from './object-of-item.ts'
import { completed, newIdentifier, noteWishes } from './new-object.ts'
import { readTemplateAttribute } from './template-attribute.ts'
import { requireFreeNames } from './names.ts'
import { requireRoom } from './room.ts'

const RAW = enumerations.KeyFormatType.Raw

export const create: KmipOperation = async (payload, item, parts) => {
  const type = payload.required(tags.ObjectType, 'Enumeration', 'InvalidField')
  item.seen.request.objectType = 'SymmetricKey'
  if (type !== objectTypes.SymmetricKey) throw invalid('Only symmetric keys can be created.')
  const template = payload.required(tags.TemplateAttribute, 'Structure', 'InvalidField')
  payload.end()
  const sent = readTemplateAttribute(template, type, item)
  noteWishes(type, sent, item)
  const attributes = symmetricDefaults(sent, item.call.version)
  noteWishes(type, attributes, item)
  const object = await makeKey(attributes, item, parts)
  item.workspace.add(object)
  item.batch.placeholder = object.id
  return [enumeration(tags.ObjectType, object.type), identifier(object.id)]
}

/** A new key with fresh material, not yet in the workspace; Re-key makes one too. */
export async function makeKey(attributes: Attributes, item: KmipItem, parts: KmipOperationParts, own?: string) {
  const { call, seen, workspace } = item
  requireFreeNames(attributes, item, own)
  requireRoom(item, parts)
  const algorithm = numberOf(attributes, 'Cryptographic Algorithm') ?? 0
  const length = numberOf(attributes, 'Cryptographic Length') ?? 0
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('seal', call.adapter, call.now, parts)
  const name = {
    instance: call.instance.guid,
    adapter: call.adapter.id,
    id: newIdentifier(call.now),
    type: objectTypes.SymmetricKey,
    created: stampOf(call),
  }
  const made = await makeMaterial(root, name, materialBytes(algorithm, length), materialForm(algorithm), parts)
  workspace.require(root.condition)
  return completed({ isMadeHere: true, ...made, attributes, id: name.id, type: name.type, form: { format: RAW } }, item)
}

/** What a client may leave out of a new key (reference section 18, 4 and 5). @throws Refusal `KMIP_INVALID_FIELD` */
export function symmetricDefaults(sent: Attributes, version: Version): Attributes {
  const algorithm = numberOf(sent, 'Cryptographic Algorithm')
  if (algorithm === undefined) throw invalid('A key needs a Cryptographic Algorithm.')
  let attributes = sent
  if (numberOf(attributes, 'Cryptographic Usage Mask') === undefined) {
    if (!atLeast(version, 4)) throw invalid('A key needs a Cryptographic Usage Mask.')
    const mask = attributeValue.integer(usageMask.Encrypt | usageMask.Decrypt)
    attributes = put(attributes, 'Cryptographic Usage Mask', mask)
  }
  const length = requireLength(algorithm, numberOf(attributes, 'Cryptographic Length'))
  return put(attributes, 'Cryptographic Length', attributeValue.integer(length))
}
