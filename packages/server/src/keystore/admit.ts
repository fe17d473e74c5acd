/** What every operation on keystores does first: note what is meant, ask who may, and only then say whether it exists. */
import { Refusal } from '../errors.ts'
import { isWithin, type Keystores } from '../iam/roles.ts'
import type { KeystorePermission } from '../iam/permissions.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { KeystoreRow, ObjectHead } from './keystore-row.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

/** The part of an event's facts that operations on one keystore fill. */
export interface SeenKeystore {
  target: { id: string; name: string }
  request: { keystoreId?: string | undefined; keyId?: string | undefined }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** As it is kept; undefined for what cannot be the id of anything. */
export function idOf(text: string): string | undefined {
  return uuid.test(text) ? text.toLowerCase() : undefined
}

/** Names hold ids only: labels of keys may hold personal data (reference grep11, section 21, 27). */
export function keystoreTarget({ instance }: KeystoreCall, id: string): { id: string; name: string } {
  return { id: resourceCrn(instance, 'keystore', id), name: id }
}

export function keyTarget({ instance }: KeystoreCall, keystore: string, id: string): { id: string; name: string } {
  return { id: resourceCrn(instance, 'key', id), name: `${keystore}/${id}` }
}

/** What a call is about, before anything was looked up. */
export function noteRequested(
  call: KeystoreCall,
  keystore: string | undefined,
  key: string | undefined,
  seen: { target: { id: string; name: string } },
): void {
  if (keystore === undefined) seen.target = { id: call.instance.crn, name: call.instance.name }
  else seen.target = key === undefined ? keystoreTarget(call, keystore) : keyTarget(call, keystore, key)
}

/**
 * The keystore, for whoever may.
 * @param key the key that the call is about
 * @throws Refusal `UNAUTHORIZED_ERR`, `NOT_FOUND`
 */
export function admitted(
  call: KeystoreCall,
  permission: KeystorePermission,
  named: { readonly keystore: string | undefined; readonly key?: string | undefined },
  seen: SeenKeystore,
  parts: Pick<KeystoreParts, 'keystores' | 'access'>,
): KeystoreRow {
  const { keystore: id, key } = named
  noteRequested(call, id, key, seen)
  if (id !== undefined) seen.request.keystoreId = id
  const row = id === undefined ? undefined : parts.keystores.keystore(call.instance.guid, id)
  const place =
    id === undefined ? undefined : { id, isPublic: row?.type !== 'private', ...(key === undefined ? {} : { key }) }
  parts.access.requireKeystore(call.caller, call.instance, permission, place)
  return existingKeystore(row)
}

/** @throws Refusal `NOT_FOUND` */
export function existingKeystore(row: KeystoreRow | undefined): KeystoreRow {
  if (row === undefined) throw new Refusal('NOT_FOUND', { message: 'The instance has no such keystore.' })
  return row
}

/** @throws Refusal `NOT_FOUND` */
export function existingObject(
  keystore: KeystoreRow,
  id: string | undefined,
  parts: Pick<KeystoreParts, 'keystores'>,
): ObjectHead {
  const object = id === undefined ? undefined : parts.keystores.find(keystore.number, id)
  if (object === undefined) throw new Refusal('NOT_FOUND', { message: 'The keystore has no such object.' })
  return object
}

/** Which objects of a keystore a caller may see: all, or those of these ids; undefined for none. */
export function visibleIn(allowed: Keystores, { id, type }: KeystoreRow): 'all' | ReadonlySet<string> | undefined {
  if (allowed === 'all' || isWithin(allowed, { id, isPublic: type === 'public' })) return 'all'
  return type === 'public' && allowed.keys.size > 0 ? allowed.keys : undefined
}

/** Which version a change is to be made on. */
export interface VersionWish {
  /** Undefined: whichever there is. */
  readonly version: number | undefined
  /** What another version is refused as: by the precondition of HTTP, or as GREP11 does. */
  readonly stale: 'PRECONDITION_FAILED' | 'KEYSTORE_STALE'
}

/** @throws Refusal as `stale` says */
export function requireVersion({ version, stale }: VersionWish, now: number): void {
  if (version !== undefined && version !== now) throw new Refusal(stale)
}
