/** Reading the inventory of keys: what a page holds, and what its keys have beside their own rows. Constant statements, whatever is asked. */
import type { SQLInputValue } from 'node:sqlite'
import type { Reader } from '../../store/store.ts'
import type { PickedKey } from '../selection.ts'
import type { KeySelection } from '../selection.ts'

/** Selected keys, narrowed further. */
export interface InventorySelection extends Omit<KeySelection, 'dates'> {
  /** Only active keys whose rotation is due until then; milliseconds since the epoch. */
  readonly dueUntil: number | undefined
  /** Only keys whose deletion waits for a second person. */
  readonly isWaiting: boolean
}

export const inventorySorts = ['name', 'id'] as const
export type InventorySort = (typeof inventorySorts)[number]

/** The last key of the page before. */
export type Cursor = PickedKey

/** ?1 instance, ?2 now, ?3 mask of states, ?4 mask of extractable, ?5 JSON array of rings or null, ?6 due until, ?7 waiting. */
const stateNow = 'CASE WHEN state = 1 AND expires_at <= ?2 THEN 3 ELSE state END'
const matches = `instance = ?1 AND (1 << ${stateNow}) & ?3 <> 0 AND (1 << extractable) & ?4 <> 0
  AND (?5 IS NULL OR ring IN (SELECT value FROM json_each(?5)))
  AND (?6 IS NULL OR (${stateNow} = 1 AND id IN (
    SELECT key FROM key_policies WHERE instance = ?1 AND kind = 'rotation' AND due_at <= ?6)))
  AND (?7 IS NULL OR (authorised_until > ?2 AND state <> 5))`

/** Names are compared as the index has them; of equal ones the id decides. */
const byName = `SELECT id, name FROM keys INDEXED BY keys_named WHERE ${matches}
  AND name COLLATE NOCASE >= ?8 AND (name COLLATE NOCASE > ?8 OR id > ?9)
  ORDER BY name COLLATE NOCASE, id LIMIT ?10`

const byId = `SELECT id, name FROM keys WHERE ${matches} AND ?8 IS NOT NULL AND id > ?9 ORDER BY id LIMIT ?10`

const waiting = `SELECT count(*) AS total FROM keys INDEXED BY keys_authorisation_due
  WHERE authorised_until > ?2 AND instance = ?1 AND state <> 5
    AND (?3 IS NULL OR ring IN (SELECT value FROM json_each(?3)))`

const overdue = `SELECT count(*) AS total FROM key_policies p INDEXED BY key_policies_due
  CROSS JOIN keys k ON k.instance = p.instance AND k.id = p.key
  WHERE p.due_at <= ?2 AND p.instance = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)
    AND (?3 IS NULL OR k.ring IN (SELECT value FROM json_each(?3)))`

const picked = '(SELECT value AS picked FROM json_each(?2))'

const policies = `SELECT key, kind, months, due_at AS dueAt FROM ${picked}
  CROSS JOIN key_policies ON instance = ?1 AND key = picked WHERE enabled = 1`

const registrations = `SELECT key, count(*) AS total, max(prevents_deletion) AS prevents FROM ${picked}
  CROSS JOIN registrations ON instance = ?1 AND key = picked GROUP BY key`

/** A policy in force of a key. */
export interface PolicyOfKey {
  readonly key: string
  readonly kind: 'rotation' | 'dualAuthDelete'
  readonly months: number | null
  /** Milliseconds since the epoch; null while the key is not active. */
  readonly dueAt: number | null
}

export interface RegistrationsOfKey {
  readonly key: string
  readonly total: number
  /** 1: of one of them at least. */
  readonly prevents: 0 | 1
}

/** The next keys in order behind a cursor, at most `limit`. */
export function pickNext(
  reader: Reader,
  selection: InventorySelection,
  sort: InventorySort,
  after: Cursor | undefined,
  limit: number,
): PickedKey[] {
  const { id, name } = after ?? { id: '', name: '' }
  return reader.all<PickedKey>(sort === 'name' ? byName : byId, ...paramsOf(selection), name, id, limit)
}

/** Keys in these rings whose deletion waits for a second person. */
export function countWaiting(reader: Reader, { instance, now, rings }: KeySelection): number {
  return reader.get<{ total: number }>(waiting, instance, now, ringsOf(rings))?.total ?? 0
}

/** Active keys in these rings that a policy should have rotated by now. */
export function countOverdue(reader: Reader, { instance, now, rings }: KeySelection): number {
  return reader.get<{ total: number }>(overdue, instance, now, ringsOf(rings))?.total ?? 0
}

export function policiesOf(reader: Reader, instance: string, keys: readonly string[]): PolicyOfKey[] {
  return reader.all<PolicyOfKey>(policies, instance, JSON.stringify(keys))
}

export function registrationsOf(reader: Reader, instance: string, keys: readonly string[]): RegistrationsOfKey[] {
  return reader.all<RegistrationsOfKey>(registrations, instance, JSON.stringify(keys))
}

function paramsOf(selection: InventorySelection): SQLInputValue[] {
  let states = 0
  for (const state of selection.states) states |= 1 << state
  return [
    selection.instance,
    selection.now,
    states,
    selection.extractable === undefined ? 3 : 1 << Number(selection.extractable),
    ringsOf(selection.rings),
    selection.dueUntil ?? null,
    selection.isWaiting ? 1 : null,
  ]
}

function ringsOf(rings: KeySelection['rings']): string | null {
  return rings === 'all' ? null : JSON.stringify([...rings])
}
