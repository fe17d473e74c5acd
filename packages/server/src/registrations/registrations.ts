/** Which cloud resources a key protects: what deleting and purging a key asks of the registrations. */
import type { Change, Reader } from '../store/store.ts'

export interface Registrations {
  /** Resources registered with a key. */
  count(instance: string, key: string): number
  /** Those of them that have a retention policy: while there is one, the key cannot be deleted, by force neither. */
  preventing(instance: string, key: string): number
  /** Drops the registrations of a purged key. */
  purged(instance: string, key: string): Change[]
}

const count = 'SELECT count(*) AS count FROM registrations WHERE instance = ? AND key = ?'

const preventing = `SELECT count(*) AS count FROM registrations
  WHERE instance = ? AND key = ? AND prevents_deletion = 1`

const drop = 'DELETE FROM registrations WHERE instance = ? AND key = ?'

/**
 * Every change of a key's registrations also moves the key's revision, so that a deletion decided on these numbers does
 * not commit when they have changed.
 */
export function readRegistrations(reader: Reader): Registrations {
  const countOf = (sql: string, instance: string, key: string): number =>
    reader.get<{ count: number }>(sql, instance, key)?.count ?? 0
  return {
    count: (instance, key) => countOf(count, instance, key),
    preventing: (instance, key) => countOf(preventing, instance, key),
    purged: (instance, key) => {
      const rows = countOf(count, instance, key)
      return rows === 0 ? [] : [{ sql: drop, params: [instance, key], rows }]
    },
  }
}
