/** `keystore.listkeysbyattributes`: objects that have all of some attributes, in some keystores or all, page by page. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Keystores } from '../iam/roles.ts'
import { existingKeystore, noteRequested, visibleIn } from './admit.ts'
import { type Attributes, attributesText, isSameValue, namesOf } from './attributes.ts'
import { pageToken, type Position, positionIn } from './cursor.ts'
import { bestAttribute, searchKey } from './found-by.ts'
import { allAttributes } from './key-content.ts'
import type { KeystoreRow, StoredObject } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import { type ObjectPage, type ObjectPageWish, openedObject, Room } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

export interface KeysByAttributesWish extends ObjectPageWish {
  /** UUIDs; empty: all that the caller may see. */
  readonly keystoreIds: readonly string[]
  /** All must be as said. */
  readonly attributes: Attributes
}

interface Searched {
  readonly keystore: KeystoreRow
  /** Which of its objects the caller may see. */
  readonly visible: 'all' | ReadonlySet<string>
}

export function listKeysByAttributes(
  call: KeystoreCall,
  wish: () => KeysByAttributesWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.listkeysbyattributes', ObjectPage> {
  return (seen) => {
    noteRequested(call, undefined, undefined, seen)
    const allowed = parts.access.keystores(call.caller, call.instance, 'keystore-keys.list')
    const { keystoreIds, attributes, ...page } = wish()
    if (keystoreIds.length > 0) seen.request.keystoreIds = keystoreIds
    if (attributes.size > 0) seen.request.attributeNames = namesOf(attributes.keys())
    const searched = searchedKeystores(call, keystoreIds, allowed, parts)
    const question = ['attributes', call.instance.guid, keystoreIds, attributesText(attributes)]
    const { objects, reached } = search(searched, attributes, page, positionIn(question, page.token), parts)
    seen.response.totalResources = objects.length
    return { result: { objects, next: reached && pageToken(question, reached) }, code: 200 }
  }
}

/**
 * In the order of their numbers.
 * @throws Refusal `UNAUTHORIZED_ERR`, `NOT_FOUND` for a keystore that is named
 */
function searchedKeystores(
  { instance }: KeystoreCall,
  ids: readonly string[],
  allowed: Keystores,
  { keystores }: KeystoreParts,
): Searched[] {
  if (ids.length === 0) {
    const all = keystores.list(
      instance.guid,
      { type: undefined, name: undefined },
      0,
      keystoreLimits.keystoresPerInstance,
    )
    return all.flatMap((keystore) => {
      const visible = visibleIn(allowed, keystore)
      return visible === undefined ? [] : [{ keystore, visible }]
    })
  }
  const named = [...new Set(ids)].map((id): Searched => {
    const row = keystores.keystore(instance.guid, id)
    if (row === undefined && allowed !== 'all' && !allowed.keystores.has(id)) throw new Refusal('UNAUTHORIZED_ERR')
    const keystore = existingKeystore(row)
    const visible = visibleIn(allowed, keystore)
    if (visible === undefined) throw new Refusal('UNAUTHORIZED_ERR')
    return { keystore, visible }
  })
  return named.sort((a, b) => a.keystore.number - b.keystore.number)
}

/** Looks at a bounded number of objects. `reached`: up to where, when there may be more. */
function search(
  searched: readonly Searched[],
  attributes: Attributes,
  page: ObjectPageWish,
  from: Position,
  parts: KeystoreParts,
): { objects: StoredObject[]; reached: Position | undefined } {
  const room = new Room(page)
  const objects: StoredObject[] = []
  const best = bestAttribute(attributes)
  let left: number = keystoreLimits.searched
  let reached = from
  for (const { keystore, visible } of searched) {
    if (keystore.number < from.keystore) continue
    const after = keystore.number === from.keystore ? from.object : 0
    const key = best === undefined ? undefined : searchKey(keystore.number, ...best)
    const { keystores } = parts
    const numbers =
      key === undefined ? keystores.numbers(keystore.number, after, left) : keystores.found(key, after, left)
    for (const number of numbers) {
      const head = keystores.head(number)
      if (
        head !== undefined &&
        (visible === 'all' || visible.has(head.id)) &&
        hasAll(allAttributes(head), attributes)
      ) {
        const object = openedObject(keystore, head, page.withObjects, parts)
        const objectBytes = object.object?.length ?? 0
        const attributeBytes = attributesText(head.given).length + attributesText(head.told).length
        if (!room.takes({ objectBytes, attributeBytes })) return { objects, reached }
        objects.push(object)
      }
      reached = { keystore: keystore.number, object: number }
      left -= 1
    }
    if (left <= 0) return { objects, reached }
  }
  return { objects, reached: undefined }
}

function hasAll(attributes: Attributes, wanted: Attributes): boolean {
  return [...wanted].every(([type, value]) => isSameValue(attributes.get(type), value))
}
