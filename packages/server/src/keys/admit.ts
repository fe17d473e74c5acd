/** What every operation on one key does first: note which key is meant, ask who may, and only then say whether it exists. */
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import { isAliasName, isKeyId } from './alias.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts, Permission } from './parts.ts'
import { isRingName } from './ring.ts'

/** The part of an event's facts that all operations on one key fill. */
export interface SeenKey {
  target: { id: string; name: string }
  request: { keyType?: 'root' | 'standard' | undefined; keyRingId?: string | undefined }
  response: { keyRingId?: string | undefined }
}

/** What a row must tell to be admitted. */
export type Admissible = Pick<KeyRow, 'id' | 'name' | 'ring' | 'extractable'>

/** How a path names a key: by its id, as it is stored, or by an alias; any other text finds nothing. */
export function keyIdOf(text: string): string {
  if (isKeyId(text)) return text.toLowerCase()
  return isAliasName(text) ? text : ''
}

/** What a call on a key is about, before it was looked up. */
export function requestedTarget(call: Pick<KeyCall, 'instance'>, id: string): { id: string; name: string } {
  const known = isKeyId(id) ? id.toLowerCase() : ''
  if (known === '') return { id: call.instance.crn, name: call.instance.name }
  return { id: resourceCrn(call.instance, 'key', known), name: known }
}

/**
 * Notes the key in the event's facts and asks for the permission: on the key's ring, or anywhere when there is no such
 * key. Before anything else, for a missing permission outranks every other fault of a request (design 6).
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authorise(
  call: KeyCall,
  id: string,
  row: Admissible | undefined,
  permission: Permission,
  seen: SeenKey,
  parts: Pick<KeyParts, 'access'>,
): void {
  seen.target = requestedTarget(call, id)
  noteSentRing(call, seen)
  if (row === undefined) {
    parts.access.rings(call.caller, call.instance, permission)
    return
  }
  seen.target = { id: resourceCrn(call.instance, 'key', row.id), name: row.name }
  seen.request.keyType = keyType(row)
  seen.response.keyRingId = row.ring
  parts.access.requireInstance(call.caller, call.instance, permission, row.ring)
}

/** The ring a caller named, when it can be one. */
export function noteSentRing(call: KeyCall, seen: Pick<SeenKey, 'request'>): void {
  if (call.keyRing !== undefined && isRingName(call.keyRing)) seen.request.keyRingId = call.keyRing
}

/** The same of a call about all keys of a ring: its answer is about that ring too (reference section 10.1). */
export function noteListedRing(call: KeyCall, seen: Pick<SeenKey, 'request' | 'response'>): void {
  noteSentRing(call, seen)
  seen.response.keyRingId = seen.request.keyRingId
}

/** @throws Refusal `KEY_NOT_FOUND_ERR`: unknown, purged, another instance's, or not in the ring the caller named */
export function existing<Row extends Admissible>(call: KeyCall, row: Row | undefined): Row {
  if (row === undefined) throw new Refusal('KEY_NOT_FOUND_ERR')
  if (call.keyRing !== undefined && call.keyRing !== row.ring) throw new Refusal('KEY_NOT_FOUND_ERR')
  return row
}

/** @throws Refusal `KEY_ROOT_REQ_ERR` */
export function requireRoot(row: Pick<KeyRow, 'extractable'>): void {
  if (row.extractable === 1) throw new Refusal('KEY_ROOT_REQ_ERR')
}

/** As events say it. */
export function keyType(row: Pick<KeyRow, 'extractable'>): 'root' | 'standard' {
  return row.extractable === 1 ? 'standard' : 'root'
}
