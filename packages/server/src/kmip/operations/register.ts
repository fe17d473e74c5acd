/** Register: keeps a key, secret data, an opaque object or a template that the client brings (KMIP 1.4, section 4.3). */
import { attributeValue, type Attributes, numberOf, put } from '../attributes/attribute-set.ts'
import { attributeSpec } from '../attributes/attribute-spec.ts'
import { checkValue, invalid } from '../attributes/attribute-values.ts'
import type { Version } from '../message/version.ts'
import { digestOfMaterial, readObject, type SentObject } from '../objects/key-block.ts'
import { isAsymmetric, isKey, type KmipObject, type ObjectType, objectTypes } from '../objects/kmip-object.ts'
import { requireRoot, sealMaterial } from '../objects/material.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation, KmipOperationParts } from './item.ts'
import { reconciledHalf } from './key-halves.ts'
import { bitsOf, materialBytes, requireLength } from './key-sizes.ts'
import { identifier, stampOf } from './object-of-item.ts'
import { requireRoom } from './room.ts'
import { completed, newIdentifier, noteWishes } from './new-object.ts'
import { over, readTemplateAttribute, readTemplateContent } from './template-attribute.ts'
import { requireFreeNames } from './names.ts'

const served: ReadonlySet<number> = new Set(Object.values(objectTypes))

export const register: KmipOperation = async (payload, item, parts) => {
  const wanted = payload.required(tags.ObjectType, 'Enumeration', 'InvalidField')
  noteWishes(wanted, [], item)
  if (!served.has(wanted)) throw invalid('Objects of this type are not served.')
  const type = wanted as ObjectType
  const template = payload.required(tags.TemplateAttribute, 'Structure', 'InvalidField')
  const given = readTemplateAttribute(template, type, item)
  noteWishes(type, given, item)
  const sent = readObject(type, payload, readTemplateContent)
  payload.end()
  const attributes = reconciled(type, given, sent, item.call.version)
  noteWishes(type, attributes, item)
  requireFreeNames(attributes, item)
  requireRoom(item, parts)
  const object = await kept(type, attributes, sent, item, parts)
  item.workspace.add(object)
  item.batch.placeholder = object.id
  return [identifier(object.id)]
}

/** Algorithm and length stand in the key block, among the attributes, or in both: then they must agree. */
function reconciled(type: ObjectType, given: Attributes, sent: SentObject, version: Version): Attributes {
  if (type === objectTypes.OpaqueObject) return given
  if (type === objectTypes.Template) return over(given, sent.names ?? [])
  const algorithm = agreed(numberOf(given, 'Cryptographic Algorithm'), sent.algorithm)
  const length = agreed(numberOf(given, 'Cryptographic Length'), sent.length)
  const attributes = withNumbers(given, algorithm, length, version)
  if (type === objectTypes.SecretData) return attributes
  if (isAsymmetric(type)) {
    const half = reconciledHalf(type, attributes, sent, version)
    return withNumbers(half.attributes, half.algorithm, half.length, version)
  }
  if (algorithm === undefined) throw invalid('A key needs a Cryptographic Algorithm.')
  const isPlain = sent.material !== undefined && sent.form.wrapping === undefined
  const bits = length ?? (isPlain ? bitsOf(algorithm, sent.material?.length ?? 0) : undefined)
  const known = requireLength(algorithm, bits)
  if (isPlain && sent.material?.length !== materialBytes(algorithm, known)) {
    throw invalid('The key is of another length than Cryptographic Length says.')
  }
  return withNumbers(attributes, algorithm, known, version)
}

function agreed(one: number | undefined, other: number | undefined): number | undefined {
  if (one !== undefined && other !== undefined && one !== other) {
    throw invalid('The key block and the attributes say different things of the key.')
  }
  return one ?? other
}

function withNumbers(
  given: Attributes,
  algorithm: number | undefined,
  length: number | undefined,
  version: Version,
): Attributes {
  let attributes = given
  const set = (name: string, value: Item): void => {
    const spec = attributeSpec(name, version.minor)
    if (spec !== undefined) attributes = put(attributes, name, checkValue(spec, value, version))
  }
  // Those of a key block are no less checked than those of a Template-Attribute.
  if (algorithm !== undefined) set('Cryptographic Algorithm', attributeValue.enumeration(algorithm))
  if (length !== undefined) set('Cryptographic Length', attributeValue.integer(length))
  // Clients register secrets that are for no use of the server's without a mask, or with 0 (reference section 10).
  if (numberOf(attributes, 'Cryptographic Usage Mask') !== undefined) return attributes
  return put(attributes, 'Cryptographic Usage Mask', attributeValue.integer(0))
}

async function kept(
  type: ObjectType,
  attributes: Attributes,
  { form, material }: SentObject,
  item: KmipItem,
  parts: KmipOperationParts,
): Promise<KmipObject> {
  const { call, seen, workspace } = item
  const id = newIdentifier(call.now)
  const made = { type, form, attributes, id }
  if (material === undefined) return completed({ ...made, material: undefined, sha256: undefined }, item)
  const { guid: instance } = call.instance
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('seal', call.adapter, call.now, parts)
  // What comes in a message stays in it until it is answered, and is zeroed with it.
  const sha256 = isKey(type) ? digestOfMaterial(form, material) : undefined
  const name = { instance, adapter: call.adapter.id, id, type, created: stampOf(call) }
  const sealed = await sealMaterial(root, name, Uint8Array.from(material), parts)
  workspace.require(root.condition)
  return completed({ ...made, material: sealed, sha256 }, item)
}
