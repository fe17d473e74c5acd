/** Key rings: names of groups of keys, on which roles can be granted (reference: kms-rest-api.md, section 7.5). */
import { ringNamePattern } from '../iam/names.ts'
import type { Change, Condition } from '../store/store.ts'

/** The ring of keys that name none; it cannot be created or deleted. */
export const defaultRing = 'default'

const ringName = new RegExp(ringNamePattern)

/** Whether a text can name a ring at all; anything else never enters an event. */
export function isRingName(text: string): boolean {
  return ringName.test(text)
}

const exists = 'SELECT 1 FROM key_rings WHERE instance = ? AND id = ?'

/** Nobody deletes the ring before what was decided on it is recorded. */
export function ringStands(instance: string, ring: string): Condition[] {
  return ring === defaultRing ? [] : [{ sql: exists, params: [instance, ring] }]
}

const insert = `INSERT INTO key_rings (instance, id, created_at, created_by)
  SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM key_rings WHERE instance = ?1) < ?5`

const remove = `DELETE FROM key_rings WHERE instance = ?1 AND id = ?2
  AND (SELECT coalesce(sum(total), 0) FROM key_totals WHERE instance = ?1 AND ring = ?2) = 0`

/** Holds while the instance has fewer than `most` rings, and none of this name. */
export function addRing(
  instance: string,
  ring: { readonly id: string; readonly createdAt: number; readonly createdBy: string },
  most: number,
): Change {
  return { sql: insert, params: [instance, ring.id, ring.createdAt, ring.createdBy, most], rows: 1 }
}

/** Holds while the ring has no keys. */
export function removeRing(instance: string, ring: string): Change {
  return { sql: remove, params: [instance, ring], rows: 1 }
}
