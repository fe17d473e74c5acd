/** What management tells of an object besides who made it: its names, and of a key its algorithm and length. */
import type { Item } from '../ttlv/item.ts'
import { instancesOf } from '../attributes/attribute-set.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { headOf, type ObjectHead, valuesIn } from '../objects/object-row.ts'
import { nameText } from '../operations/names.ts'
import { kmipLimits } from './limits.ts'
import type { ListedRow } from './store.ts'

export interface ListedObject extends ObjectHead {
  readonly names: readonly string[]
  /** Names that are too long for a list. */
  readonly omittedNames: number
  /** KMIP's enumeration. */
  readonly algorithm: number | undefined
  /** Bits. */
  readonly length: number | undefined
}

/** With all of its names. */
export function wholeObject(object: KmipObject): ListedObject {
  const valuesOf = (name: string): Item[] => instancesOf(object.attributes, name).map(({ value }) => value)
  return { ...object, ...factsOf(valuesOf), names: namesOf(valuesOf), omittedNames: 0 }
}

/** With as many of its names, the first ones, as a list has room for. */
export function listedObject(row: ListedRow): ListedObject {
  const valuesOf = (name: string): Item[] => valuesIn(row.attributes, name)
  const all = namesOf(valuesOf)
  let room: number = kmipLimits.listedNameLength
  const names = all.filter((name) => (room -= name.length) >= 0)
  return { ...headOf(row), ...factsOf(valuesOf), names, omittedNames: all.length - names.length }
}

/** All of its names, for a search. */
export function namesOfRow({ attributes }: Pick<ListedRow, 'attributes'>): string[] {
  return namesOf((name) => valuesIn(attributes, name))
}

function namesOf(valuesOf: (name: string) => readonly Item[]): string[] {
  return valuesOf('Name')
    .map(nameText)
    .filter((name) => name !== undefined)
}

function factsOf(valuesOf: (name: string) => readonly Item[]): Pick<ListedObject, 'algorithm' | 'length'> {
  const numberOf = (name: string): number | undefined => {
    const [value] = valuesOf(name)
    return value?.type === 'Enumeration' || value?.type === 'Integer' ? value.value : undefined
  }
  return { algorithm: numberOf('Cryptographic Algorithm'), length: numberOf('Cryptographic Length') }
}
