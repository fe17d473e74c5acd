/** Templates as clients send and get them: values by the arm that a client chose, or bytes (reference grep11, section 4.1). */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { AttributeValue as Given, Template } from '@keywitness/crypto-unit/ep11/calls'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import type { AttributeValue, AttributeValueSchema } from '../schema/grep11_pb.ts'
import { bytesOf } from './keys.ts'

type ByteMap = Readonly<Record<string, Uint8Array>>
type AttrMap = Readonly<Record<string, AttributeValue>>
type AttributeValueInit = MessageInitShape<typeof AttributeValueSchema>

/** More than there are attributes. */
const attributesMax = 256

/** The values, and without any the bytes of older clients. */
export function templateOf(values: AttrMap, older: ByteMap): Template {
  const given = Object.entries(values)
  return given.length > 0
    ? new Map(typed(given.map(([type, value]) => [type, valueOf(value)])))
    : new Map(typed(Object.entries(older).map(([type, bytes]) => [type, bytesOf(bytes)])))
}

/** Types of attributes that are asked for, in both forms together. */
export function typesOf(...maps: readonly (AttrMap | ByteMap)[]): number[] {
  const types = new Set(maps.flatMap((map) => Object.keys(map)))
  return typed([...types].map((type) => [type, undefined])).map(([type]) => type)
}

/** Those of the attributes that were asked for in this form, as values. */
export function valuesFor(asked: AttrMap, attributes: Template): Record<string, AttributeValueInit> {
  return answered(asked, attributes, (value): AttributeValueInit => {
    if (typeof value === 'boolean') return { oneAttr: { case: 'attributeTf', value } }
    if (typeof value === 'bigint') return { oneAttr: { case: 'attributeI', value } }
    return value === undefined ? {} : { oneAttr: { case: 'attributeB', value } }
  })
}

/** As bytes: one for a boolean, eight of a big-endian number for an integer. */
export function bytesFor(asked: ByteMap, attributes: Template): Record<string, Uint8Array> {
  return answered(asked, attributes, (value): Uint8Array => {
    if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0])
    if (value === undefined || typeof value !== 'bigint') return value ?? Buffer.alloc(0)
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(value)
    return bytes
  })
}

function answered<Value>(
  asked: Readonly<Record<string, unknown>>,
  attributes: Template,
  form: (value: Given) => Value,
): Record<string, Value> {
  const answers = [...attributes].map(([type, value]) => [String(type), value] as const)
  return Object.fromEntries(
    answers.flatMap(([type, value]) => (Object.hasOwn(asked, type) ? [[type, form(value)]] : [])),
  )
}

function valueOf({ oneAttr }: AttributeValue): Given {
  switch (oneAttr.case) {
    case 'attributeB':
      return bytesOf(oneAttr.value)
    case undefined:
      return undefined
    default:
      return oneAttr.value
  }
}

/** @throws Ep11Error `CKR_ATTRIBUTE_TYPE_INVALID` for a type that no attribute has, `CKR_TEMPLATE_INCONSISTENT` for too many */
function typed<Value>(entries: readonly (readonly [string, Value])[]): [number, Value][] {
  if (entries.length > attributesMax) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', `A template has at most ${attributesMax} attributes.`)
  }
  return entries.map(([text, value]) => {
    const type = Number(text)
    if (type > 0xffff_ffff) throw new Ep11Error('CKR_ATTRIBUTE_TYPE_INVALID', 'There is no such attribute.')
    return [type, value]
  })
}
