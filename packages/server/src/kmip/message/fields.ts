/** Reads the fields of a structure one after the other, and says what is wrong with those that are not as they must be. */
import type { ResultReason } from '../ttlv/enumerations.ts'
import type { Item, ItemOf, ItemType, StructureItem } from '../ttlv/item.ts'
import { tagName, tagVersion } from '../ttlv/tags.ts'
import { KmipError } from './kmip-error.ts'
import { compareVersions, newestVersion, type Version } from './version.ts'

/** What a field of a type is read as: a structure as the item, so that it can be read on; anything else as its value. */
export type FieldValue<Type extends ItemType> = Type extends 'Structure' ? StructureItem : ItemOf<Type>['value']

export interface FieldsOptions {
  /**
   * Fields may stand in any order. The standard fixes it everywhere, but clients mix it up within Attribute, Name,
   * Cryptographic Parameters and Credential Value.
   */
  readonly anyOrder?: boolean
}

/**
 * Asked for its fields in the order of the standard, and at last to `end`. A field that came with a later version than
 * the message's is unknown to the message, however often it is asked for.
 *
 * Every method throws KmipError: `InvalidMessage` for a field of another type, twice, or in the wrong place (KMIP 1.4,
 * section 11.1).
 */
export class Fields {
  readonly version: Version
  readonly #items: readonly Item[]
  readonly #isRead: boolean[]
  readonly #anyOrder: boolean
  readonly #asked: number[] = []
  /** Where the next field may stand at the earliest. */
  #from = 0

  constructor(structure: StructureItem, version: Version, options: FieldsOptions = {}) {
    this.version = version
    this.#items = structure.value
    this.#isRead = structure.value.map(() => false)
    this.#anyOrder = options.anyOrder === true
  }

  /** @param missing the reason given when the field is not there */
  required<Type extends ItemType>(tag: number, type: Type, missing: ResultReason = 'InvalidMessage'): FieldValue<Type> {
    const value = this.optional(tag, type)
    if (value === undefined) throw new KmipError(missing, `${nameOf(tag)} is missing.`)
    return value
  }

  optional<Type extends ItemType>(tag: number, type: Type): FieldValue<Type> | undefined {
    const index = this.#find(tag)
    if (index === undefined) return undefined
    const value = valueOf(this.#take(index), type)
    if (this.#next(tag) !== undefined) throw twice(tag)
    return value
  }

  /** A field that may be there any number of times, one after the other. */
  many<Type extends ItemType>(tag: number, type: Type): FieldValue<Type>[] {
    const values: FieldValue<Type>[] = []
    const first = this.#find(tag) ?? this.#items.length
    for (let index = first; index < this.#items.length; index += 1) {
      if (this.#isRead[index] || this.#items[index]?.tag !== tag) continue
      if (index > this.#from && index > first && !this.#anyOrder) throw misplaced(tag)
      values.push(valueOf(this.#take(index), type))
    }
    return values
  }

  /** The one field that has one of these tags: an object, whose tag says what it is. */
  one(...tags: readonly number[]): Item | undefined {
    const index = this.#find(...tags)
    return index === undefined ? undefined : this.#take(index)
  }

  /** The fields of a structure that must be there. */
  structure(tag: number, options: FieldsOptions & { readonly missing?: ResultReason } = {}): Fields {
    return new Fields(this.required(tag, 'Structure', options.missing), this.version, options)
  }

  optionalStructure(tag: number, options: FieldsOptions = {}): Fields | undefined {
    const structure = this.optional(tag, 'Structure')
    return structure === undefined ? undefined : new Fields(structure, this.version, options)
  }

  /** Whatever was not read yet, in the order in which it was sent. */
  rest(): readonly Item[] {
    const unread = this.#items.filter((_, index) => !this.#isRead[index])
    this.#isRead.fill(true)
    return unread
  }

  /**
   * Everything must have been read by now. Of a version newer than ours, what is unknown is skipped.
   *
   * @throws KmipError `InvalidField` for a field that the structure does not have in this version
   */
  end(): void {
    for (const { tag } of this.rest()) {
      if (this.#asked.includes(tag)) throw twice(tag)
      if (compareVersions(this.version, newestVersion) <= 0) {
        throw new KmipError('InvalidField', 'A field is unknown where it stands.')
      }
    }
  }

  #take(index: number): Item {
    this.#isRead[index] = true
    this.#from = index + 1
    return this.#items[index] as Item
  }

  #find(...tags: readonly number[]): number | undefined {
    let first: number | undefined
    for (const tag of tags) {
      if (isNewer(tag, this.version)) continue
      this.#asked.push(tag)
      const index = this.#next(tag)
      if (index !== undefined && (first === undefined || index < first)) first = index
    }
    if (first === undefined || first >= this.#from || this.#anyOrder) return first
    throw misplaced((this.#items[first] as Item).tag)
  }

  /** The first that has this tag and was not read. */
  #next(tag: number): number | undefined {
    for (let index = 0; index < this.#items.length; index += 1) {
      if (this.#items[index]?.tag === tag && this.#isRead[index] !== true) return index
    }
    return undefined
  }
}

function isNewer(tag: number, version: Version): boolean {
  const since = tagVersion(tag)
  return since !== undefined && compareVersions(since, version) > 0
}

function valueOf<Type extends ItemType>(item: Item, type: Type): FieldValue<Type> {
  if (item.type !== type) throw new KmipError('InvalidMessage', `${nameOf(item.tag)} is of another type.`)
  return (item.type === 'Structure' ? item : item.value) as FieldValue<Type>
}

/** A field that was asked for is one of ours, so that its name is no word of the client's. */
function nameOf(tag: number): string {
  return tagName(tag) ?? 'A field'
}

function twice(tag: number): KmipError {
  return new KmipError('InvalidMessage', `${nameOf(tag)} is given twice.`)
}

function misplaced(tag: number): KmipError {
  return new KmipError('InvalidMessage', `${nameOf(tag)} stands in the wrong place.`)
}
