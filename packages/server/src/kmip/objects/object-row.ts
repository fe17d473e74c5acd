/** A managed object as its row holds it, both ways. */
import { decode, HEADER_BYTES, paddedLength } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import { enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { ObjectState } from '../management/rows.ts'
import { dueAt } from './states.ts'
import type { KmipObject, ObjectForm, ObjectType, Stamp, StoredAttribute } from './kmip-object.ts'

/** What lists show of an object. */
export type ObjectHead = Pick<KmipObject, 'id' | 'type' | 'state' | 'created' | 'updated' | 'destroyed'>

/** Columns as `headColumns` names them. */
export interface HeadRow {
  readonly id: string
  readonly type: number
  readonly state: number
  readonly createdAt: number
  readonly createdBy: string
  readonly createdByCertificate: string | null
  readonly updatedAt: number | null
  readonly updatedBy: string | null
  readonly updatedByCertificate: string | null
  readonly destroyedAt: number | null
  readonly destroyedBy: string | null
  readonly destroyedByCertificate: string | null
}

/** Columns as `objectColumns` names them. */
export interface ObjectRow extends HeadRow {
  readonly number: number
  readonly instance: string
  readonly adapter: string
  readonly revision: number
  readonly form: string
  readonly attributes: Uint8Array
  readonly blob: Uint8Array | null
  readonly rootVersion: string | null
}

export const headColumns = `id, type, state, created_at AS createdAt, created_by AS createdBy,
  created_by_certificate AS createdByCertificate, updated_at AS updatedAt, updated_by AS updatedBy,
  updated_by_certificate AS updatedByCertificate, destroyed_at AS destroyedAt, destroyed_by AS destroyedBy,
  destroyed_by_certificate AS destroyedByCertificate`

export const objectColumns = `number, instance, adapter, revision, form, attributes, blob, root_version AS rootVersion,
  ${headColumns}`

export function headOf(row: HeadRow): ObjectHead {
  return {
    id: row.id,
    type: row.type as ObjectType,
    state: row.state as ObjectState,
    created: { at: row.createdAt, by: row.createdBy, certificate: row.createdByCertificate },
    updated: stampOf(row.updatedAt, row.updatedBy, row.updatedByCertificate),
    destroyed: stampOf(row.destroyedAt, row.destroyedBy, row.destroyedByCertificate),
  }
}

export function objectOf(row: ObjectRow): KmipObject {
  const { number, instance, adapter, revision, blob, rootVersion } = row
  return {
    ...headOf(row),
    number,
    instance,
    adapter,
    revision,
    form: JSON.parse(row.form) as ObjectForm,
    material: blob === null || rootVersion === null ? undefined : { blob, rootVersion },
    attributes: attributesOf(row.attributes),
  }
}

function stampOf(at: number | null, by: string | null, certificate: string | null): Stamp | undefined {
  return at === null || by === null ? undefined : { at, by, certificate }
}

/** The values of a row's columns besides `number` and `revision`, in the order in which changes write them. */
export function columnsOf(object: KmipObject): (string | number | Uint8Array | null)[] {
  const { created, updated, destroyed, material } = object
  return [
    object.instance,
    object.adapter,
    object.id,
    object.type,
    object.state,
    JSON.stringify(object.form),
    encodeAttributes(object.attributes),
    dueAt(object) ?? null,
    material?.blob ?? null,
    material?.rootVersion ?? null,
    created.at,
    created.by,
    created.certificate,
    updated?.at ?? null,
    updated?.by ?? null,
    updated?.certificate ?? null,
    destroyed?.at ?? null,
    destroyed?.by ?? null,
    destroyed?.certificate ?? null,
  ]
}

/** The list is kept as Attribute structures of KMIP 1.x, so that values keep their types and their bytes. */
function encodeAttributes(attributes: readonly StoredAttribute[]): Uint8Array {
  const items = attributes.map(({ name, index, value }) =>
    structure(tags.Attribute, [
      text(tags.AttributeName, name),
      integer(tags.AttributeIndex, index),
      { ...value, tag: tags.AttributeValue },
    ]),
  )
  return encode(structure(tags.TemplateAttribute, items))
}

/** Our own bytes: another shape is a broken store. */
function attributesOf(bytes: Uint8Array): StoredAttribute[] {
  const list = decode(bytes)
  if (list.type !== 'Structure') throw new Error('kmip: attributes of an object are no list')
  return list.value.map((item) => {
    const [name, index, value] = item.type === 'Structure' ? item.value : []
    if (name?.type !== 'TextString' || index?.type !== 'Integer' || value === undefined) {
      throw new Error('kmip: an attribute of an object cannot be read')
    }
    return { name: name.value, index: index.value, value }
  })
}

/** The number of an index and what stands around it: an Integer with its padding. */
const INDEX_BYTES = HEADER_BYTES + 8

/** The values of one attribute of an encoded list, in their order; the others are passed over unread. */
export function valuesIn(bytes: Uint8Array, name: string): Item[] {
  const list = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wanted = Buffer.from(name)
  const values: Item[] = []
  for (let at = HEADER_BYTES; at < list.length;) {
    const from = at + HEADER_BYTES
    const end = from + list.readUInt32BE(at + 4)
    const nameBytes = list.readUInt32BE(from + 4)
    const nameFrom = from + HEADER_BYTES
    if (nameBytes === wanted.length && wanted.equals(list.subarray(nameFrom, nameFrom + nameBytes))) {
      values.push(decode(list.subarray(nameFrom + paddedLength(nameBytes) + INDEX_BYTES, end)))
    }
    at = end
  }
  return values
}

/** Attributes that are columns. */
export const columnNames = ['Unique Identifier', 'Object Type', 'State'] as const

/** One of them; undefined for any other attribute. */
export function columnAttribute(
  { id, type, state }: Pick<KmipObject, 'id' | 'type' | 'state'>,
  name: string,
): Item | undefined {
  switch (name) {
    case 'Unique Identifier':
      return text(tags.AttributeValue, id)
    case 'Object Type':
      return enumeration(tags.AttributeValue, type)
    case 'State':
      return enumeration(tags.AttributeValue, state)
    default:
      return undefined
  }
}
