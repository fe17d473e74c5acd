/** Whether an object has what Locate looks for (KMIP 1.4, section 4.9; reference section 10.1). */
import { columnAttribute } from './object-row.ts'
import { hasState, type KmipObject } from './kmip-object.ts'
import { instancesOf, isSameValue } from '../attributes/attribute-set.ts'
import type { Item } from '../ttlv/item.ts'

export interface Filter {
  readonly name: string
  readonly value: Item
}

/** An object as far as it is looked at: its columns, and its attributes one at a time. */
export interface Glimpse extends Pick<KmipObject, 'id' | 'type' | 'state'> {
  /** Of an attribute that is not a column. */
  valuesOf(name: string): readonly Item[]
}

/** A glimpse of an object that was read already. */
export function glimpseOf({ id, type, state, attributes }: KmipObject): Glimpse {
  return { id, type, state, valuesOf: (name) => instancesOf(attributes, name).map(({ value }) => value) }
}

/** Said of a date that it is not set. */
const unset = 0x7fff_ffff_ffff_ffffn

/** All filters hold. Two of the same date are an inclusive range. */
export function matches(object: Glimpse, filters: readonly Filter[]): boolean {
  return filters.every(({ name, value }) => {
    if (value.type === 'DateTime') return hasDate(object, name, datesOf(filters, name))
    const values = valuesOf(object, name)
    if (name === 'Cryptographic Usage Mask' && value.type === 'Integer') {
      return values.some((own) => own.type === 'Integer' && (own.value & value.value) === value.value)
    }
    return values.some((own) => isLike(own, value))
  })
}

function datesOf(filters: readonly Filter[], wanted: string): bigint[] {
  return filters.flatMap(({ name, value }) => (name === wanted && value.type === 'DateTime' ? [value.value] : []))
}

function hasDate(object: Glimpse, name: string, wanted: readonly bigint[]): boolean {
  const [own] = valuesOf(object, name)
  const date = own?.type === 'DateTime' ? own.value : undefined
  if (wanted.length === 1 && wanted[0] === unset) return date === undefined
  if (date === undefined) return false
  if (wanted.length === 1) return date === wanted[0]
  const from = wanted.reduce((least, one) => (one < least ? one : least))
  const to = wanted.reduce((most, one) => (one > most ? one : most))
  return date >= from && date <= to
}

function valuesOf(object: Glimpse, name: string): readonly Item[] {
  const column = columnAttribute(object, name)
  if (column === undefined) return object.valuesOf(name)
  return name === 'State' && !hasState(object) ? [] : [column]
}

/** Of a structure only the fields that are looked for count. */
function isLike(own: Item, wanted: Item): boolean {
  if (own.type !== 'Structure' || wanted.type !== 'Structure') return isSameValue(own, wanted)
  return wanted.value.every((field) => own.value.some((other) => other.tag === field.tag && isSameValue(other, field)))
}
