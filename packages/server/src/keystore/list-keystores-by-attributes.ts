/** `keystore.listkeystoresbyattributes`: keystores of a type or name, page by page. */
import type { Operation } from '../audit.ts'
import { noteRequested } from './admit.ts'
import { pageToken, positionIn } from './cursor.ts'
import type { KeystoreRow } from './keystore-row.ts'
import type { PageWish } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

export interface KeystoreQuery extends PageWish {
  readonly type: KeystoreRow['type'] | undefined
  /** The whole name. */
  readonly name: string | undefined
}

export interface KeystorePage {
  readonly keystores: readonly KeystoreRow[]
  readonly next: Buffer | undefined
}

export function listKeystoresByAttributes(
  call: KeystoreCall,
  wish: () => KeystoreQuery,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.listkeystoresbyattributes', KeystorePage> {
  return (seen) => {
    noteRequested(call, undefined, undefined, seen)
    parts.access.requireKeystore(call.caller, call.instance, 'keystores.list-by-attributes', undefined)
    const { type, name, limit, token } = wish()
    seen.request.attributeNames = [...(type === undefined ? [] : ['type']), ...(name === undefined ? [] : ['name'])]
    const question = ['keystores', call.instance.guid, type, name]
    const after = positionIn(question, token).keystore
    const found = parts.keystores.list(call.instance.guid, { type, name }, after, limit + 1)
    const keystores = found.slice(0, limit)
    const last = found.length > limit ? keystores.at(-1) : undefined
    seen.response.totalResources = keystores.length
    const next = last === undefined ? undefined : pageToken(question, { keystore: last.number, object: 0 })
    return { result: { keystores, next }, code: 200 }
  }
}
