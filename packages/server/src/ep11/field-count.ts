/** How many fields a message may have, counted before it is decoded: each becomes an object, whatever its length. */
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Of a whole message, with those within others; an element of a packed list counts as one. */
export const FIELDS_MAX = 2_000
/** Messages within messages. */
export const DEPTH_MAX = 16

/** What stands behind the tag of a field. */
interface Form {
  readonly wire: WireType
  /** Of each element, where a list may be packed. */
  readonly element?: WireType
  readonly inner?: FormOf
}

/** Undefined for a field that is not known. */
type FormOf = (number: number) => Form | undefined

/**
 * Walks over the wire format and makes nothing of it. It is stricter than the decoder, so that both find the same fields:
 * the decoder goes by the schema where a tag says another wire type. Groups, which GREP11 has none of, are refused.
 * @throws Error when there are too many fields, or the message is none of the schema
 */
export function demandFewFields(schema: DescMessage, message: Uint8Array): void {
  const reader = new BinaryReader(message)
  let count = 0
  const take = (): void => {
    if (++count > FIELDS_MAX) throw new Error('The message has too many fields.')
  }
  const walk = (end: number, formOf: FormOf, depth: number): void => {
    if (depth > DEPTH_MAX) throw new Error('Messages are nested too deeply.')
    while (reader.pos < end) {
      const [number, wire] = reader.tag()
      take()
      const form = formOf(number)
      if (wire === WireType.StartGroup) throw new Error('There are no groups.')
      if (wire === WireType.LengthDelimited && form !== undefined && form.wire !== wire) {
        if (form.element === undefined) throw new Error('A field has another type.')
        const last = contentEnd(reader, end)
        while (reader.pos < last) {
          take()
          reader.skip(form.element)
        }
        demandEnd(reader, last)
      } else if (form !== undefined && form.wire !== wire) throw new Error('A field has another type.')
      else if (form?.inner === undefined) reader.skip(wire)
      else walk(contentEnd(reader, end), form.inner, depth + 1)
    }
    demandEnd(reader, end)
  }
  walk(message.length, formsOf(schema), 1)
}

/** Where the content ends whose length is next. */
function contentEnd(reader: BinaryReader, end: number): number {
  const length = reader.uint32()
  if (length > end - reader.pos) throw new Error('A field is longer than what it is in.')
  return reader.pos + length
}

function demandEnd({ pos }: BinaryReader, end: number): void {
  if (pos !== end) throw new Error('A field is longer than what it is in.')
}

const known = new WeakMap<DescMessage, FormOf>()

function formsOf(schema: DescMessage): FormOf {
  const before = known.get(schema)
  if (before !== undefined) return before
  const forms = new Map<number, Form>()
  const formOf: FormOf = (number) => forms.get(number)
  // Before its fields are looked at: a message may have one of its own kind in it.
  known.set(schema, formOf)
  for (const field of schema.fields) forms.set(field.number, formOfField(field))
  return formOf
}

function formOfField(field: DescField): Form {
  const kind = field.fieldKind === 'list' ? field.listKind : field.fieldKind === 'map' ? field.mapKind : field.fieldKind
  const value: Form =
    kind === 'message'
      ? { wire: WireType.LengthDelimited, ...(field.message === undefined ? {} : { inner: formsOf(field.message) }) }
      : { wire: field.scalar === undefined ? WireType.Varint : wireOf(field.scalar) }
  if (field.fieldKind === 'list') return { ...value, element: value.wire }
  if (field.fieldKind !== 'map') return value
  const key = { wire: wireOf(field.mapKey) }
  return { wire: WireType.LengthDelimited, inner: (number) => (number === 1 ? key : number === 2 ? value : undefined) }
}

function wireOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32
    default:
      return WireType.Varint
  }
}
