/** Locate: the objects of the adapter that have what is asked for, newest first (KMIP 1.4, section 4.9). */
import { attributeSpec } from '../attributes/attribute-spec.ts'
import { checkWanted, invalid, readAttribute } from '../attributes/attribute-values.ts'
import { Fields } from '../message/fields.ts'
import { atLeast } from '../message/version.ts'
import { isToldByKey, keyFor } from '../objects/found-by.ts'
import { isDestroyed, type KmipObject } from '../objects/kmip-object.ts'
import { type Filter, type Glimpse, glimpseOf, matches } from '../objects/matching.ts'
import type { Place, Source, StoredGlimpse } from '../objects/object-store.ts'
import { enumerations, storageStatusMask } from '../ttlv/enumerations.ts'
import { integer, type StructureItem } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation, KmipOperationParts } from './item.ts'
import { identifier, instanceTarget } from './object-of-item.ts'
import { namesOf } from './new-object.ts'
import { nameText } from './names.ts'

/** Identifiers in one answer; the client pages with Offset Items (reference section 18, 23). */
const identifiersMax = 1_000
/** Filters of one Locate. */
const filtersMax = 64
/** Objects looked at in one turn of the serving loop, and objects passed over. */
const objectsAtOnce = 500
const passedAtOnce = 5_000
/** Among attributes that so many objects have or more, any will do. */
const fewObjects = 2_000

/** All types; all states that are not destroyed, as bits. */
const everyType = 0xffff
const livingStates = 0b11110

/** A number above those of all objects. */
const newest = Number.MAX_SAFE_INTEGER

const { GroupMemberFresh, GroupMemberDefault } = enumerations.ObjectGroupMember

interface Wish {
  readonly filters: readonly Filter[]
  readonly limit: number
  readonly offset: number
  readonly member: number | undefined
  readonly isStored: boolean
}

export const locate: KmipOperation = async (payload, item, parts) => {
  const { call, seen, batch } = item
  seen.target = instanceTarget(call)
  const wish = readWish(payload, item)
  const found = wish.isStored ? await search(wish, item, parts) : { ids: [], total: 0 }
  seen.response.totalResources = found.total
  // Of none or of several, no one is meant.
  batch.placeholder = found.ids.length === 1 ? found.ids[0] : undefined
  const total = atLeast(call.version, 3) ? [integer(tags.LocatedItems, found.total)] : []
  return [...total, ...found.ids.map((id) => identifier(id))]
}

function readWish(payload: Fields, item: KmipItem): Wish {
  const { version } = item.call
  const maximum = payload.optional(tags.MaximumItems, 'Integer')
  const offset = payload.optional(tags.OffsetItems, 'Integer') ?? 0
  const storage = payload.optional(tags.StorageStatusMask, 'Integer')
  const member = payload.optional(tags.ObjectGroupMember, 'Enumeration')
  const attributes = payload.many(tags.Attribute, 'Structure')
  // Clients of 1.0 that put their filters into a Template-Attribute (reference section 10).
  const template = payload.optional(tags.TemplateAttribute, 'Structure')
  payload.end()
  const wrapped = template === undefined ? [] : attributesOf(new Fields(template, version))
  const sent = [...attributes, ...wrapped].map((attribute) => readAttribute(attribute, version))
  if (sent.length > 0) item.seen.request.attributeNames = namesOf(sent)
  if ((maximum ?? 0) < 0 || offset < 0) throw invalid('Maximum Items and Offset Items are not negative.')
  if (sent.length > filtersMax) throw invalid('There are too many attributes to look for.')
  if (member !== undefined && member !== GroupMemberFresh && member !== GroupMemberDefault) {
    throw invalid('The object group member is not defined.')
  }
  let mask = storage
  const filters: Filter[] = []
  for (const { name, value } of sent) {
    if (name === 'Storage Status Mask' && value.type === 'Integer') {
      mask = value.value
      continue
    }
    const spec = attributeSpec(name, version.minor, value.type)
    if (spec === undefined) throw invalid('There is no such attribute to look for.')
    filters.push({ name, value: checkWanted(spec, value, version) })
  }
  const limit = Math.min(maximum ?? identifiersMax, identifiersMax)
  // Nothing is ever archived here.
  const isStored = mask === undefined || (mask & storageStatusMask.OnLineStorage) !== 0
  return { filters, limit, offset, member, isStored }
}

function attributesOf(template: Fields): StructureItem[] {
  const attributes = template.many(tags.Attribute, 'Structure')
  template.end()
  return attributes
}

interface Found {
  readonly ids: readonly string[]
  readonly total: number
}

async function search(wish: Wish, item: KmipItem, parts: KmipOperationParts): Promise<Found> {
  const isPlain = wish.member === undefined && item.workspace.changed().length === 0
  const source = isPlain ? wholeSource(wish, item) : undefined
  return source === undefined ? await everyMatch(wish, item, parts) : await pageOf(source, wish, parts)
}

/** A source of which every object is wanted: nothing of it needs to be read but what is answered. */
function wholeSource({ filters }: Wish, item: KmipItem): Source | undefined {
  const place = placeOf(item)
  const types = typesOnly(filters)
  if (types !== undefined) return { place, types }
  const [only, ...more] = filters
  if (only === undefined || more.length > 0 || !isToldByKey(only.name)) return undefined
  const key = keyOf(place, only)
  return key === undefined ? undefined : { place, key }
}

function placeOf({ call }: KmipItem): Place {
  return { instance: call.instance.guid, adapter: call.adapter.id }
}

/**
 * The key that a value leads by. Dates are compared otherwise, for two of them are a range, and so are structures that are
 * hashed as a whole, for of them only some fields may be looked for.
 */
function keyOf(place: Place, { name, value }: Filter): Buffer | undefined {
  const isWhole = value.type !== 'DateTime' && (value.type !== 'Structure' || !isToldByKey(name))
  return isWhole ? keyFor(place, name, value) : undefined
}

/** Types as bits, when nothing else is asked for. */
function typesOnly(filters: readonly Filter[]): number | undefined {
  let types = everyType
  for (const { name, value } of filters) {
    if (name !== 'Object Type' || value.type !== 'Enumeration' || value.value > 15) return undefined
    types &= 1 << value.value
  }
  return types
}

async function pageOf(source: Source, { limit, offset }: Wish, parts: KmipOperationParts): Promise<Found> {
  const { objects, turns } = parts
  const total =
    'types' in source
      ? objects.count(source.place, source.types, livingStates)
      : (await passed(source, Number.MAX_SAFE_INTEGER, parts)).count
  const ids: string[] = []
  let before = newest
  if (offset > 0 && offset < total) before = (await passed(source, offset, parts)).last
  const wanted = offset < total ? limit : 0
  while (ids.length < wanted) {
    const slice = { before, limit: Math.min(objectsAtOnce, wanted - ids.length) }
    const some = await turns.take(() => objects.ids(source, slice))
    for (const { id } of some) ids.push(id)
    if (some.length < slice.limit) break
    before = some.at(-1)?.number ?? 0
  }
  return { ids, total }
}

/** Passes over so many objects, or all there are, a few at a time. */
async function passed(source: Source, most: number, { objects, turns }: KmipOperationParts) {
  let count = 0
  let last = newest
  while (count < most) {
    const slice = { before: last, limit: Math.min(passedAtOnce, most - count) }
    const some = await turns.take(() => objects.pass(source, slice))
    count += some.count
    last = some.last
    if (some.count < slice.limit) break
  }
  return { count, last }
}

/** Takes down what is found: how much there is, and of it what is answered. */
class Finds {
  readonly #wish: Wish
  readonly #ids: string[] = []
  #total = 0
  #oldest: string | undefined
  #oldestFresh: string | undefined

  constructor(wish: Wish) {
    this.#wish = wish
  }

  /** Newest first. */
  add(object: Glimpse): void {
    const { id } = object
    const { offset, limit } = this.#wish
    if (this.#total >= offset && this.#ids.length < limit) this.#ids.push(id)
    this.#total += 1
    this.#oldest = id
    if (isFresh(object)) this.#oldestFresh = id
  }

  get found(): Found {
    const { member, limit } = this.#wish
    if (member !== GroupMemberDefault) return { ids: this.#ids, total: this.#total }
    // The one that is next in turn: the oldest that nobody got yet, and the oldest of all once all were got (section 3.38).
    const next = this.#oldestFresh ?? this.#oldest
    return { ids: next === undefined || limit === 0 ? [] : [next], total: this.#total }
  }
}

/** Walks through the objects that the rarest attribute leads to, or through all, a few at a time. */
async function everyMatch(wish: Wish, item: KmipItem, parts: KmipOperationParts): Promise<Found> {
  const { filters } = wish
  const { workspace } = item
  const { objects, turns } = parts
  const place = placeOf(item)
  const finds = new Finds(wish)
  const look = (object: Glimpse): void => {
    if (isWanted(object, wish)) finds.add(object)
  }
  const named = namedObjects(filters, item)
  if (named !== undefined) {
    for (const object of named) look(glimpseOf(object))
    return finds.found
  }
  // What this message made or changed has its place among the others, and is not what the store tells of it.
  const changed = workspace
    .changed()
    .toReversed()
    .toSorted((one, other) => numberOf(other) - numberOf(one))
  const isChanged = new Set(changed.map(({ id }) => id))
  const lookAtChanged = (above: number): void => {
    for (let next = changed[0]; next !== undefined && numberOf(next) > above; next = changed[0]) {
      look(glimpseOf(next))
      changed.shift()
    }
  }
  const key = rarest(filters, place, parts)
  const source = key === undefined ? { place, types: everyType } : { place, key }
  let before = newest
  for (;;) {
    const slice = { before, limit: objectsAtOnce }
    const count = await turns.take(() => {
      const some = objects.glimpses(source, slice)
      for (const seen of some) {
        lookAtChanged(seen.number)
        if (!isChanged.has(seen.id)) look(asOfNow(seen, item, parts))
      }
      before = some.at(-1)?.number ?? 0
      return some.length
    })
    if (count < objectsAtOnce) break
  }
  lookAtChanged(0)
  return finds.found
}

/** What is not stored yet is newer than all that is. */
function numberOf({ number = newest }: KmipObject): number {
  return number
}

function isWanted(object: Glimpse, { filters, member }: Wish): boolean {
  if (isDestroyed(object) || !matches(object, filters)) return false
  return member !== GroupMemberFresh || isFresh(object)
}

function isFresh(object: Glimpse): boolean {
  return object.valuesOf('Fresh')[0]?.value === true
}

/** Its dates may have changed its state since it was written. */
function asOfNow(seen: StoredGlimpse, item: KmipItem, { objects }: KmipOperationParts): Glimpse {
  if (seen.dueAt === null || seen.dueAt > item.call.now) return seen
  const stored = objects.find(placeOf(item), seen.id)
  return stored === undefined ? seen : glimpseOf(item.workspace.glance(stored))
}

/** Names and identifiers lead to one object at most; undefined where none is among the filters. */
function namedObjects(filters: readonly Filter[], { workspace }: KmipItem): KmipObject[] | undefined {
  for (const { name, value } of filters) {
    const id = name === 'Unique Identifier' && value.type === 'TextString' ? value.value : undefined
    const text = name === 'Name' ? nameText(value) : undefined
    if (id === undefined && text === undefined) continue
    const holder = id ?? (text === undefined ? undefined : workspace.named(text))
    const object = holder === undefined ? undefined : workspace.find(holder)
    return object === undefined ? [] : [object]
  }
  return undefined
}

/** The value that leads to the fewest objects; undefined when none leads to any. */
function rarest(filters: readonly Filter[], place: Place, { objects }: KmipOperationParts): Buffer | undefined {
  let best: { key: Buffer; count: number } | undefined
  for (const filter of filters) {
    const key = keyOf(place, filter)
    if (key === undefined) continue
    const { count } = objects.pass({ place, key }, { before: newest, limit: fewObjects })
    if (best === undefined || count < best.count) best = { key, count }
  }
  return best?.key
}
