/** Locate: the objects of the adapter that have what is asked for, newest first (KMIP 1.4, section 4.9). */
import { setImmediate } from 'node:timers/promises'
import { attributeSpec } from '../attributes/attribute-spec.ts'
import { checkWanted, invalid, readAttribute } from '../attributes/attribute-values.ts'
import { flagOf } from '../attributes/attribute-set.ts'
import { Fields } from '../message/fields.ts'
import { atLeast } from '../message/version.ts'
import { keyFor } from '../objects/found-by.ts'
import { isDestroyed, type KmipObject } from '../objects/kmip-object.ts'
import { type Filter, matches } from '../objects/matching.ts'
import { enumerations, storageStatusMask } from '../ttlv/enumerations.ts'
import { integer } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation, KmipOperationParts } from './item.ts'
import { identifier, instanceTarget } from './object-of-item.ts'
import { namesOf, nameText } from './template.ts'

/** Identifiers in one answer; the client pages with Offset Items (reference section 18, 23). */
const identifiersMax = 1_000
/** Filters of one Locate. */
const filtersMax = 64
/** Objects looked at in one turn of the serving loop. */
const objectsAtOnce = 250
/** An attribute that at least so many objects have leads to none of them. */
const fewObjects = 2_000

/** All types; all states that are not destroyed, as bits. */
const everyType = 0xffff
const livingStates = 0b11110

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
  const { wish, maximum } = readWish(payload, item)
  const found = wish.isStored ? await search(wish, item, parts) : { ids: [], total: 0 }
  seen.response.totalResources = found.total
  if (found.ids.length === 1) batch.placeholder = found.ids[0]
  // More than one, and the client could have taken more than one: none of them is meant.
  else if (found.ids.length > 1 || maximum !== 1) batch.placeholder = undefined
  const total = atLeast(call.version, 3) ? [integer(tags.LocatedItems, found.total)] : []
  return [...total, ...found.ids.map((id) => identifier(id))]
}

function readWish(payload: Fields, item: KmipItem): { wish: Wish; maximum: number | undefined } {
  const { version } = item.call
  const maximum = payload.optional(tags.MaximumItems, 'Integer')
  const offset = payload.optional(tags.OffsetItems, 'Integer') ?? 0
  const storage = payload.optional(tags.StorageStatusMask, 'Integer')
  const member = payload.optional(tags.ObjectGroupMember, 'Enumeration')
  const attributes = payload.many(tags.Attribute, 'Structure')
  // Clients of 1.0 that put their filters into a Template-Attribute (reference section 10).
  const template = payload.optional(tags.TemplateAttribute, 'Structure')
  payload.end()
  const wrapped = template === undefined ? [] : new Fields(template, version).many(tags.Attribute, 'Structure')
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
    filters.push({ name, value: checkWanted(spec, value) })
  }
  const limit = Math.min(maximum ?? identifiersMax, identifiersMax)
  // Nothing is ever archived here.
  const isStored = mask === undefined || (mask & storageStatusMask.OnLineStorage) !== 0
  return { wish: { filters, limit, offset, member, isStored }, maximum }
}

interface Found {
  readonly ids: readonly string[]
  readonly total: number
}

async function search(wish: Wish, item: KmipItem, parts: KmipOperationParts): Promise<Found> {
  const { filters, member, offset } = wish
  if (member === GroupMemberDefault) return firstOf(await everyMatch(wish, item, parts), wish)
  // Only columns are asked for: they are counted, and the page is read.
  const plain = columnFilters(filters)
  if (plain !== undefined && member === undefined && item.workspace.changed().length === 0) {
    return await pageOf(plain, wish, item, parts)
  }
  const all = await everyMatch(wish, item, parts)
  const limit = Math.min(wish.limit, Math.max(0, all.length - offset))
  return { ids: all.slice(offset, offset + limit), total: all.length }
}

/** The default member of a group: the oldest that was never got (section 3.38), or the oldest one. */
function firstOf(all: readonly string[], { limit }: Wish): Found {
  const oldest = all.at(-1)
  return { ids: oldest === undefined || limit === 0 ? [] : [oldest], total: all.length }
}

/** Types and states as bits, when nothing else is asked for. */
function columnFilters(filters: readonly Filter[]): { types: number; states: number } | undefined {
  let types = everyType
  for (const { name, value } of filters) {
    if (value.type !== 'Enumeration') return undefined
    // An opaque object has no state that could be asked for: it would have to be looked at.
    if (name !== 'Object Type' || value.value > 15) return undefined
    types &= 1 << value.value
  }
  return { types, states: livingStates }
}

async function pageOf(
  { types, states }: { types: number; states: number },
  { limit, offset }: Wish,
  { call }: KmipItem,
  { objects }: KmipOperationParts,
): Promise<Found> {
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  const total = objects.count(place, types, states)
  const ids: string[] = []
  let before = Number.MAX_SAFE_INTEGER
  let skipped = 0
  while (ids.length < limit) {
    const slice = objects.slice(place, types, states, { before, limit: objectsAtOnce })
    for (const { id } of slice) {
      if (skipped < offset) skipped += 1
      else if (ids.length < limit) ids.push(id)
    }
    before = slice.at(-1)?.number ?? 0
    if (slice.length < objectsAtOnce) break
    await setImmediate()
  }
  return { ids, total }
}

/** Walks through the objects that the rarest attribute leads to, or through all, a few at a time. */
async function everyMatch(wish: Wish, item: KmipItem, parts: KmipOperationParts): Promise<string[]> {
  const { filters, member } = wish
  const { call, workspace } = item
  const { objects } = parts
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  const isWanted = (object: KmipObject): boolean =>
    !isDestroyed(object) &&
    matches(object, filters) &&
    (member !== GroupMemberFresh || flagOf(object.attributes, 'Fresh') === true)
  const changed = new Map(workspace.changed().map((object) => [object.id, object]))
  // What this message made is newest.
  const ids = [...changed.values()]
    .filter((object) => isWanted(object))
    .map(({ id }) => id)
    .toReversed()
  const named = namedObjects(filters, item)
  if (named !== undefined) {
    return [...ids, ...named.filter((object) => !changed.has(object.id) && isWanted(object)).map(({ id }) => id)]
  }
  const key = rarest(filters, item, parts)
  let before = Number.MAX_SAFE_INTEGER
  for (;;) {
    const slice = { before, limit: objectsAtOnce }
    const some =
      key === undefined ? objects.slice(place, everyType, livingStates, slice) : objects.having(place, key, slice)
    for (const stored of some) {
      // Its dates may have changed its state since it was written.
      if (!changed.has(stored.id) && isWanted(workspace.glance(stored))) ids.push(stored.id)
    }
    if (some.length < objectsAtOnce) return ids
    before = some.at(-1)?.number ?? 0
    await setImmediate()
  }
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

/** The value that leads to the fewest objects; undefined when none leads to few. */
function rarest(filters: readonly Filter[], { call }: KmipItem, { objects }: KmipOperationParts): Buffer | undefined {
  const place = { instance: call.instance.guid, adapter: call.adapter.id }
  let best: { key: Buffer; count: number } | undefined
  for (const { name, value } of filters) {
    const key = keyFor(place, name, value)
    if (key === undefined) continue
    const count = objects.countHaving(key, fewObjects)
    if (best === undefined || count < best.count) best = { key, count }
  }
  return best?.key
}
