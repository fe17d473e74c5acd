/** Get: the object itself, as it was registered, in another format, or wrapped by another key (KMIP 1.4, section 4.11). */
import { Refusal } from '../../errors.ts'
import { attributeValue, flagOf, numberOf, put } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { type GivenValue, makeObject, plainKeyValue, registeredWrapping } from '../objects/key-block.ts'
import { converted, hasFormat } from '../objects/asymmetric-formats.ts'
import { hasState, isAsymmetric, isDestroyed, type KmipObject, objectTypes } from '../objects/kmip-object.ts'
import { openMaterial, requireRoot } from '../objects/material.ts'
import { isTransparent } from '../objects/transparent-keys.ts'
import { newerThan } from '../message/gating.ts'
import { encode } from '../ttlv/encode.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { enumeration } from '../ttlv/item.ts'
import { overwrite } from '../ttlv/overwrite.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation, KmipOperationParts } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { countUse } from './usage-limits.ts'
import { readWrapping, type Wrapping, wrapFor } from './wrap-for.ts'

const { Raw, Opaque, TransparentSymmetricKey } = enumerations.KeyFormatType
const { NotWrapped, AsRegistered } = enumerations.KeyWrapType

export const get: KmipOperation = async (payload, item, parts) => {
  const object = objectOfItem(payload, item)
  const format = payload.optional(tags.KeyFormatType, 'Enumeration')
  const wrapType = payload.optional(tags.KeyWrapType, 'Enumeration')
  const compression = payload.optional(tags.KeyCompressionType, 'Enumeration')
  const specification = payload.optionalStructure(tags.KeyWrappingSpecification)
  const wrapping = specification === undefined ? undefined : readWrapping(specification, item)
  payload.end()
  // What is destroyed has attributes only: so said in the test cases of OASIS (reference section 18, 3).
  if (isDestroyed(object)) throw new Refusal('KMIP_ITEM_NOT_FOUND')
  if (compression !== undefined) throw new Refusal('KMIP_KEY_COMPRESSION_NOT_SUPPORTED')
  if (hasState(object)) item.seen.response.kmipState = object.state
  requireWrapType(wrapType, object)
  requireLeave(object, wrapping !== undefined || object.form.wrapping !== undefined)
  const shape: GivenValue = {
    format: formatOf(object, format),
    material: undefined,
    wrapping: wrapping?.data ?? registeredWrapping(object.form),
  }
  if (newerThan(makeObject(object, shape), item.call.version).length > 0) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'This version of KMIP cannot tell what the key is.' })
  }
  const material = await materialFor(object, shape, wrapping, item, parts)
  if (hasState(object)) {
    item.seen.response.keyFormatType = enumerationName('KeyFormatType', shape.format) ?? String(shape.format)
  }
  item.workspace.relyOn(object)
  noLongerFresh(object, item)
  const made = makeObject(object, { ...shape, material })
  // The numbers of such a key were taken out of it.
  if (shape.wrapping === undefined && isTransparent(shape.format)) material?.fill(0)
  return [enumeration(tags.ObjectType, object.type), identifier(object.id), made]
}

/** As it is by now: wrapped by itself, it was counted as a use just before. */
function noLongerFresh({ id }: KmipObject, { workspace }: KmipItem): void {
  const object = workspace.find(id)
  if (object === undefined || flagOf(object.attributes, 'Fresh') !== true) return
  workspace.replace({ ...object, attributes: put(object.attributes, 'Fresh', attributeValue.boolean(false)) })
}

/** @throws Refusal `KMIP_FEATURE_NOT_SUPPORTED`: what was registered wrapped is never unwrapped here */
function requireWrapType(wrapType: number | undefined, { form }: KmipObject): void {
  if (wrapType === undefined || wrapType === AsRegistered) return
  if (wrapType !== NotWrapped) throw invalid('The key wrap type is not defined.')
  if (form.wrapping !== undefined) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'The key was registered wrapped, and stays so.' })
  }
}

/** Sensitive keys leave wrapped only, others that are not extractable not at all (section 3.46 to 3.49). */
function requireLeave(object: KmipObject, isWrapped: boolean): void {
  if (flagOf(object.attributes, 'Extractable') === false) throw new Refusal('KMIP_NOT_EXTRACTABLE')
  if (flagOf(object.attributes, 'Sensitive') === true && !isWrapped) throw new Refusal('KMIP_SENSITIVE')
}

/** Raw and Transparent Symmetric Key are the same key, and halves of pairs have several forms; all else comes as it was registered. */
function formatOf({ type, form, attributes }: KmipObject, wanted: number | undefined): number {
  const registered = form.format ?? Opaque
  if (wanted === undefined || wanted === registered) return registered
  const isKey = type === objectTypes.SymmetricKey && form.wrapping === undefined
  if (isKey && (wanted === Raw || wanted === TransparentSymmetricKey)) return wanted
  const isHalf = isAsymmetric(type) && form.wrapping === undefined
  if (isHalf && hasFormat(type, numberOf(attributes, 'Cryptographic Algorithm') ?? 0, wanted)) return wanted
  throw new Refusal('KMIP_KEY_FORMAT_NOT_SUPPORTED')
}

/** The material in the format that it is given out in; it is the one buffer that is left to zero. */
function inFormat({ type, form }: KmipObject, format: number, material: Uint8Array): Uint8Array {
  if (!isAsymmetric(type) || form.wrapping !== undefined || form.format === undefined) return material
  try {
    return converted(type, form.format, format, material)
  } finally {
    material.fill(0)
  }
}

/** Plain, as it was registered, or what a key wraps it to; undefined where only what is known about a key is kept. */
async function materialFor(
  object: KmipObject,
  { format }: GivenValue,
  wrapping: Wrapping | undefined,
  item: KmipItem,
  parts: KmipOperationParts,
): Promise<Uint8Array | undefined> {
  const { call, seen, workspace } = item
  if (object.material === undefined) {
    if (wrapping !== undefined) throw new Refusal('KMIP_KEY_VALUE_NOT_PRESENT')
    return undefined
  }
  if (wrapping !== undefined && (object.form.wrapping !== undefined || object.type === objectTypes.OpaqueObject)) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'Only what is a plain key block is wrapped by a key.' })
  }
  // What is wrapped bare is bytes, and of such a key there would be several.
  if (wrapping?.isBare === true && isTransparent(format)) throw new Refusal('KMIP_KEY_FORMAT_NOT_SUPPORTED')
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('open', call.adapter, call.now, parts)
  workspace.require(root.condition)
  const material = inFormat(object, format, await openMaterial(root, object, parts))
  if (wrapping === undefined) return material
  seen.response.wrappedWith = wrapping.key.id
  const value = plainKeyValue(format, material)
  const plain = wrapping.isBare ? material : encode(value)
  try {
    const wrapped = await wrapFor(wrapping, plain, root, item, parts)
    countUse(wrapping.key, plain.length, item)
    return wrapped
  } finally {
    overwrite(value)
    material.fill(0)
    plain.fill(0)
  }
}
