/** Payloads of requests for tests, and what answers and events say in words that tests compare. */
import type { ActivityEvent } from '@keywitness/cadf'
import { enumerations } from '../ttlv/enumerations.ts'
import { bytes, dateTime, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { Client } from './kmip-house.ts'
import { aesKey, attribute, childrenOf, type SendOptions, uid, uidOf } from './messages.ts'

const { KeyFormatType, ObjectType, CryptographicAlgorithm, RevocationReasonCode } = enumerations

/** The ordinary key of tests: AES-256 to encrypt and decrypt. Its identifier. */
export async function createKey(client: Client, more: readonly Item[] = [], mask = 12, bits = 256): Promise<string> {
  return uidOf(await client.ask('Create', aesKey(more, mask, bits)))
}

export async function activeKey(client: Client, more: readonly Item[] = [], mask = 12, bits = 256): Promise<string> {
  const id = await createKey(client, more, mask, bits)
  await client.ask('Activate', [uid(id)])
  return id
}

export function template(...attributes: readonly Item[]): Item {
  return structure(tags.TemplateAttribute, attributes)
}

export function algorithmAttribute(name: keyof typeof CryptographicAlgorithm): Item {
  return attribute('Cryptographic Algorithm', enumeration(0, CryptographicAlgorithm[name]))
}

export function lengthAttribute(bits: number): Item {
  return attribute('Cryptographic Length', integer(0, bits))
}

export function maskAttribute(mask: number): Item {
  return attribute('Cryptographic Usage Mask', integer(0, mask))
}

/** @param seconds since the epoch */
export function dateAttribute(name: string, seconds: number | bigint): Item {
  return attribute(name, dateTime(0, seconds))
}

export function textAttribute(name: string, value: string): Item {
  return attribute(name, text(0, value))
}

export interface BlockWish {
  readonly format?: keyof typeof KeyFormatType
  readonly algorithm?: number
  readonly length?: number
  /** Key Wrapping Data: the material is what the key was wrapped to. */
  readonly wrapping?: Item
}

/** A Key Block; without material that of an object of which only what is known is registered. */
export function keyBlock(material: Uint8Array | undefined, wish: BlockWish = {}): Item {
  const { format = 'Raw', algorithm, length, wrapping } = wish
  const inner =
    format === 'TransparentSymmetricKey'
      ? structure(tags.KeyMaterial, [bytes(tags.Key, material ?? Buffer.alloc(0))])
      : bytes(tags.KeyMaterial, material ?? Buffer.alloc(0))
  const value =
    wrapping === undefined ? structure(tags.KeyValue, [inner]) : bytes(tags.KeyValue, material ?? Buffer.alloc(0))
  return structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, KeyFormatType[format]),
    ...(material === undefined ? [] : [value]),
    ...(algorithm === undefined ? [] : [enumeration(tags.CryptographicAlgorithm, algorithm)]),
    ...(length === undefined ? [] : [integer(tags.CryptographicLength, length)]),
    ...(wrapping === undefined ? [] : [wrapping]),
  ])
}

/** Payload of Register for a symmetric key; AES with the length of the material unless the wish says otherwise. */
export function symmetricKey(
  material: Uint8Array | undefined,
  wish: BlockWish = {},
  attributes: readonly Item[] = [maskAttribute(12)],
): Item[] {
  const block = { algorithm: CryptographicAlgorithm.AES, length: (material?.length ?? 32) * 8, ...wish }
  return [
    enumeration(tags.ObjectType, ObjectType.SymmetricKey),
    template(...attributes),
    structure(tags.SymmetricKey, [keyBlock(material, block)]),
  ]
}

/** Payload of Register for a password. */
export function secretData(
  material: Uint8Array | undefined,
  wish: BlockWish = {},
  attributes: readonly Item[] = [],
): Item[] {
  return [
    enumeration(tags.ObjectType, ObjectType.SecretData),
    template(...attributes),
    structure(tags.SecretData, [
      enumeration(tags.SecretDataType, enumerations.SecretDataType.Password),
      keyBlock(material, wish),
    ]),
  ]
}

/** Payload of Register for an opaque object. */
export function opaqueObject(material: Uint8Array, attributes: readonly Item[] = []): Item[] {
  return [
    enumeration(tags.ObjectType, ObjectType.OpaqueObject),
    template(...attributes),
    structure(tags.OpaqueObject, [
      enumeration(tags.OpaqueDataType, 0x8000_0001),
      bytes(tags.OpaqueDataValue, material),
    ]),
  ]
}

/** Payload of Revoke. */
export function revocation(
  id: string,
  code: keyof typeof RevocationReasonCode | number,
  more: { message?: string; occurrence?: number | bigint } = {},
): Item[] {
  const { message, occurrence } = more
  const number = typeof code === 'number' ? code : RevocationReasonCode[code]
  return [
    uid(id),
    structure(tags.RevocationReason, [
      enumeration(tags.RevocationReasonCode, number),
      ...(message === undefined ? [] : [text(tags.RevocationMessage, message)]),
    ]),
    ...(occurrence === undefined ? [] : [dateTime(tags.CompromiseOccurrenceDate, occurrence)]),
  ]
}

/** Payload of an operation on an object by the names of attributes. */
export function named(id: string, ...names: readonly string[]): Item[] {
  return [uid(id), ...names.map((name) => text(tags.AttributeName, name))]
}

/** Attributes in a payload, by name: the values of their instances in order. */
export function valuesOf(fields: readonly Item[]): Record<string, Item['value'][]> {
  const values: Record<string, Item['value'][]> = {}
  for (const field of fields.filter(({ tag }) => tag === tags.Attribute)) {
    const [name = ''] = textsOf(childrenOf(field))
    const value = fieldAt(field, tags.AttributeValue)
    if (value !== undefined) (values[name] ??= []).push(value.value)
  }
  return values
}

/** The texts among fields, in their order. */
export function textsOf(fields: readonly Item[]): string[] {
  return fields.flatMap((field) => (field.type === 'TextString' ? [field.value] : []))
}

/** What Get Attributes tells. */
export async function attributesOf(
  client: Client,
  id: string,
  names: readonly string[] = [],
  options?: SendOptions,
): Promise<Record<string, Item['value'][]>> {
  return valuesOf(await client.ask('GetAttributes', named(id, ...names), options))
}

/** The one value of an attribute. */
export async function attributeOf(client: Client, id: string, name: string): Promise<Item['value'] | undefined> {
  return (await attributesOf(client, id, [name]))[name]?.[0]
}

/** The state that a client reads. */
export async function stateOf(client: Client, id: string): Promise<Item['value'] | undefined> {
  return await attributeOf(client, id, 'State')
}

/** The first field with a tag, however deep. */
export function fieldAt(item: Item, tag: number): Item | undefined {
  for (const child of childrenOf(item)) {
    const found = child.tag === tag ? child : fieldAt(child, tag)
    if (found !== undefined) return found
  }
  return undefined
}

/** The bytes of a field, wherever in a payload; empty when it is not there. */
export function bytesAt(fields: readonly Item[], tag: number): Buffer {
  const found = fieldAt(structure(0, fields), tag)
  return found?.type === 'ByteString' ? Buffer.from(found.value) : Buffer.alloc(0)
}

/** What an event says of what was done, without what every event of a message says. */
export function toldOf({ action, outcome, severity, reason, requestData, responseData, target }: ActivityEvent) {
  const common = new Set(['adapterId', 'certificateId', 'protocolVersion', 'batchIndex', 'batchCount', 'instanceID'])
  const request = Object.fromEntries(Object.entries(requestData).filter(([name]) => !common.has(name)))
  return {
    action: action.replace('hs-crypto.', ''),
    outcome,
    severity,
    code: reason.reasonCode,
    target: target.name,
    request,
    response: responseData,
  }
}
