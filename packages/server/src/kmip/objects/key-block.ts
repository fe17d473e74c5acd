/** Managed objects as KMIP sends them: keys, secret data, opaque objects and templates, read and made (section 2.2). */
import { hash } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { type Attributes, numberOf } from '../attributes/attribute-set.ts'
import { Fields } from '../message/fields.ts'
import { decode } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, type StructureItem, structure } from '../ttlv/item.ts'
import { overwrite } from '../ttlv/overwrite.ts'
import { tags } from '../ttlv/tags.ts'
import { encodingOf } from './asymmetric-formats.ts'
import { isAsymmetric, isKey, type KmipObject, type ObjectForm, type ObjectType, objectTypes } from './kmip-object.ts'
import { isTransparent, readTransparent, transparentFields } from './transparent-keys.ts'

const { Raw, Opaque, TransparentSymmetricKey } = enumerations.KeyFormatType

/** What a client registers. */
export interface SentObject {
  readonly form: ObjectForm
  /** Undefined where only what is known about a key is registered; of a wrapped key, what it is wrapped to. */
  readonly material: Uint8Array | undefined
  readonly algorithm: number | undefined
  /** Bits. */
  readonly length: number | undefined
  /** Of a template: names that it gives itself. */
  readonly names?: Attributes
}

const objectTags: Readonly<Record<ObjectType, number>> = {
  [objectTypes.SymmetricKey]: tags.SymmetricKey,
  [objectTypes.PublicKey]: tags.PublicKey,
  [objectTypes.PrivateKey]: tags.PrivateKey,
  [objectTypes.Template]: tags.Template,
  [objectTypes.SecretData]: tags.SecretData,
  [objectTypes.OpaqueObject]: tags.OpaqueObject,
}

/** Longest material that is kept, bytes. */
export const materialBytesMax = 16 * 1024

/** @throws Refusal, KmipError: `InvalidField`, `KeyFormatTypeNotSupported`, `KeyCompressionTypeNotSupported` */
export function readObject(type: ObjectType, payload: Fields, namesIn: (template: Fields) => Attributes): SentObject {
  const object = payload.one(...Object.values(objectTags))
  if (object === undefined) throw invalid('The object is missing.')
  if (object.tag !== objectTags[type] || object.type !== 'Structure') {
    throw invalid('The object is of another type than Object Type says.')
  }
  const fields = new Fields(object, payload.version)
  if (type === objectTypes.Template) {
    const names = namesIn(fields)
    fields.end()
    const form = { template: encode(object).toString('hex') }
    return { form, material: undefined, algorithm: undefined, length: undefined, names }
  }
  const sent = contentOf(type, fields)
  fields.end()
  if (sent.material !== undefined && sent.material.length > materialBytesMax) throw invalid('The object is too long.')
  if (sent.material?.length === 0) throw invalid('The object is empty.')
  return sent
}

function contentOf(type: ObjectType, fields: Fields): SentObject {
  if (type === objectTypes.OpaqueObject) {
    const opaqueDataType = fields.required(tags.OpaqueDataType, 'Enumeration', 'InvalidField')
    const material = fields.required(tags.OpaqueDataValue, 'ByteString', 'InvalidField')
    return { form: { opaqueDataType }, material, algorithm: undefined, length: undefined }
  }
  if (isKey(type)) return readKeyBlock(type, fields, {})
  const secretDataType = fields.required(tags.SecretDataType, 'Enumeration', 'InvalidField')
  if (secretDataType < 0x8000_0000 && enumerationName('SecretDataType', secretDataType) === undefined) {
    throw invalid('The secret data are of a type that is not defined.')
  }
  return readKeyBlock(type, fields, { secretDataType })
}

/** Key Block (section 2.1.3). */
function readKeyBlock(type: ObjectType, object: Fields, more: ObjectForm): SentObject {
  const block = object.structure(tags.KeyBlock, { missing: 'InvalidField' })
  const format = block.required(tags.KeyFormatType, 'Enumeration', 'InvalidField')
  // Some clients name one with symmetric keys, where it means nothing (reference section 14).
  block.optional(tags.KeyCompressionType, 'Enumeration')
  const value = block.one(tags.KeyValue)
  const algorithm = block.optional(tags.CryptographicAlgorithm, 'Enumeration')
  const length = block.optional(tags.CryptographicLength, 'Integer')
  const wrappingData = block.optional(tags.KeyWrappingData, 'Structure')
  block.end()
  requireFormat(type, format)
  const wrapping = wrappingData === undefined ? {} : { wrapping: encode(wrappingData).toString('hex') }
  if (wrappingData !== undefined && value === undefined) throw invalid('A wrapped key has no value.')
  return {
    form: { format, ...more, ...wrapping },
    material: materialOf(value, format, wrappingData, object),
    algorithm,
    length,
  }
}

function requireFormat(type: ObjectType, format: number): void {
  if (isAsymmetric(type)) {
    encodingOf(type, format)
    return
  }
  const served = type === objectTypes.SymmetricKey ? [Raw, TransparentSymmetricKey] : [Raw, Opaque]
  if (!(served as number[]).includes(format)) throw new Refusal('KMIP_KEY_FORMAT_NOT_SUPPORTED')
}

/** The bytes of Key Material. Attributes inside of a Key Value are the client's copy, and not kept. */
function materialOf(
  value: Item | undefined,
  format: number,
  wrapping: StructureItem | undefined,
  { version }: Fields,
): Uint8Array | undefined {
  if (value === undefined) return undefined
  if (wrapping !== undefined) {
    if (value.type !== 'ByteString') throw invalid('The value of a wrapped key is a byte string.')
    return value.value
  }
  if (value.type !== 'Structure') throw invalid('The value of a key is a structure.')
  const fields = new Fields(value, version)
  const material = fields.one(tags.KeyMaterial)
  fields.many(tags.Attribute, 'Structure')
  fields.end()
  if (format === TransparentSymmetricKey || isTransparent(format)) {
    if (material?.type !== 'Structure') throw invalid('The material of a transparent key is a structure.')
    const inner = new Fields(material, version)
    const isSymmetric = format === TransparentSymmetricKey
    const key = isSymmetric ? inner.required(tags.Key, 'ByteString', 'InvalidField') : readTransparent(format, inner)
    inner.end()
    return key
  }
  if (material?.type !== 'ByteString') throw invalid('The material of a key is a byte string.')
  return material.value
}

/** How the value of a key is given out. */
export interface GivenValue {
  readonly format: number
  /** Plain material, or what it is wrapped to; undefined where the server has none. */
  readonly material: Uint8Array | undefined
  /** Key Wrapping Data of what is given out wrapped. */
  readonly wrapping: StructureItem | undefined
}

/** The structure of an object for a response. Attributes are left out of Key Value: there are clients they break. */
export function makeObject(object: KmipObject, value: GivenValue): Item {
  const { type, form, attributes } = object
  if (type === objectTypes.Template) return registeredTemplate(form)
  const tag = objectTags[type]
  if (type === objectTypes.OpaqueObject) {
    return structure(tag, [
      enumeration(tags.OpaqueDataType, form.opaqueDataType ?? 0),
      bytes(tags.OpaqueDataValue, value.material ?? new Uint8Array()),
    ])
  }
  const kind = form.secretDataType === undefined ? [] : [enumeration(tags.SecretDataType, form.secretDataType)]
  return structure(tag, [...kind, keyBlock(attributes, value)])
}

function keyBlock(attributes: Attributes, { format, material, wrapping }: GivenValue): Item {
  const algorithm = numberOf(attributes, 'Cryptographic Algorithm')
  const length = numberOf(attributes, 'Cryptographic Length')
  return structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, format),
    ...(material === undefined ? [] : [keyValue(format, material, wrapping !== undefined)]),
    ...(algorithm === undefined ? [] : [enumeration(tags.CryptographicAlgorithm, algorithm)]),
    ...(length === undefined ? [] : [integer(tags.CryptographicLength, length)]),
    ...(wrapping === undefined ? [] : [wrapping]),
  ])
}

function keyValue(format: number, material: Uint8Array, isWrapped: boolean): Item {
  return isWrapped ? bytes(tags.KeyValue, material) : plainKeyValue(format, material)
}

/** Key Value in the clear; its TTLV is also what is wrapped unless the client wants the bare material. */
export function plainKeyValue(format: number, material: Uint8Array): StructureItem {
  return structure(tags.KeyValue, [keyMaterial(format, material)])
}

function keyMaterial(format: number, material: Uint8Array): Item {
  if (isTransparent(format)) return structure(tags.KeyMaterial, transparentFields(format, material))
  if (format !== TransparentSymmetricKey) return bytes(tags.KeyMaterial, material)
  return structure(tags.KeyMaterial, [bytes(tags.Key, material)])
}

/**
 * SHA-256 for the Digest attribute: of the bytes of Key Material, or of its TTLV where it is a structure (KMIP 1.4, section
 * 3.17). Nobody here knows the material of what was registered wrapped.
 */
export function digestOfMaterial({ format, wrapping }: ObjectForm, material: Uint8Array): Uint8Array | undefined {
  if (wrapping !== undefined) return undefined
  const isStructure = format === TransparentSymmetricKey || (format !== undefined && isTransparent(format))
  if (!isStructure) return hash('sha256', material, 'buffer')
  const item = keyMaterial(format, material)
  const encoded = encode(item)
  const sha256 = hash('sha256', encoded, 'buffer')
  encoded.fill(0)
  // Numbers of a key are copies; the bytes of a symmetric one are the caller's.
  if (format !== TransparentSymmetricKey) overwrite(item)
  return sha256
}

/** Key Wrapping Data that was registered with a key. */
export function registeredWrapping({ wrapping }: ObjectForm): StructureItem | undefined {
  return wrapping === undefined ? undefined : registered(wrapping)
}

/** A template as it was registered. */
export function registeredTemplate({ template }: ObjectForm): StructureItem {
  if (template === undefined) throw new Error('kmip: a template without its attributes')
  return registered(template)
}

function registered(hexadecimal: string): StructureItem {
  const item = decode(Buffer.from(hexadecimal, 'hex'))
  if (item.type !== 'Structure') throw new Error('kmip: what was registered is no structure')
  return item
}
