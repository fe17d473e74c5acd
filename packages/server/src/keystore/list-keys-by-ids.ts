/** `keystore.listkeysbyids`: objects of a keystore, those of some ids or all that the caller may see, page by page. */
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { existingKeystore, noteRequested, visibleIn } from './admit.ts'
import { pageToken, positionIn } from './cursor.ts'
import type { KeystoreRow } from './keystore-row.ts'
import { type ObjectPage, type ObjectPageWish, openedObject, Room } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'
import type { Sized } from './store.ts'

export interface KeysByIdsWish extends ObjectPageWish {
  /** UUIDs; empty: all. */
  readonly ids: readonly string[]
}

/** @param id UUID of the keystore; undefined for what is none */
export function listKeysByIds(
  call: KeystoreCall,
  id: string | undefined,
  wish: () => KeysByIdsWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.listkeysbyids', ObjectPage> {
  return (seen) => {
    noteRequested(call, id, undefined, seen)
    if (id !== undefined) seen.request.keystoreId = id
    const allowed = parts.access.keystores(call.caller, call.instance, 'keystore-keys.list')
    const row = id === undefined ? undefined : parts.keystores.keystore(call.instance.guid, id)
    if (row === undefined && allowed !== 'all' && !allowed.keystores.has(id ?? ''))
      throw new Refusal('UNAUTHORIZED_ERR')
    const keystore = existingKeystore(row)
    const visible = visibleIn(allowed, keystore)
    if (visible === undefined) throw new Refusal('UNAUTHORIZED_ERR')
    const { ids, ...page } = wish()
    if (ids.length > 0) seen.request.ids = ids
    const question = ['ids', keystore.number, ids]
    const after = positionIn(question, page.token).object
    const wanted = visible === 'all' ? ids : [...visible].filter((key) => ids.length === 0 || ids.includes(key))
    const isAll = visible === 'all' && ids.length === 0
    const found = isAll
      ? parts.keystores.sizes(keystore.number, after, page.limit + 1)
      : parts.keystores.sizesOf(keystore.number, wanted, after, page.limit + 1)
    const { objects, last } = pageOf(keystore, found, page, parts)
    seen.response.totalResources = objects.length
    const next = last === undefined ? undefined : pageToken(question, { keystore: keystore.number, object: last })
    return { result: { objects, next }, code: 200 }
  }
}

/** `last`: number of the last object of a page that others come after. */
function pageOf(
  keystore: KeystoreRow,
  found: readonly Sized[],
  wish: ObjectPageWish,
  parts: KeystoreParts,
): { objects: ObjectPage['objects']; last: number | undefined } {
  const room = new Room(wish)
  const end = found.findIndex((sized) => !room.takes(sized))
  const taken = end < 0 ? found : found.slice(0, end)
  const objects = taken
    .map(({ number }) => parts.keystores.head(number))
    .filter((head) => head !== undefined)
    .map((head) => openedObject(keystore, head, wish.withObjects, parts))
  return { objects, last: end < 0 ? undefined : taken.at(-1)?.number }
}
