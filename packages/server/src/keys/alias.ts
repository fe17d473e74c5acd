/** Aliases: other names of a key, unique in its instance (reference: kms-rest-api.md, section 7.4). */
import type { Change } from '../store/store.ts'
import type { KeyLimits } from './limits.ts'

export interface Alias {
  readonly instance: string
  readonly alias: string
  /** Id of the key it names. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly createdBy: string
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a text can be a key's id. */
export function isKeyId(text: string): boolean {
  return uuid.test(text)
}

const aliasName = /^[A-Za-z0-9_-]{2,90}$/

/** Words that paths of the API use where an alias could stand. */
const reserved = new Set(
  `allowed_ip key keys metadata policy policies registration registrations ring rings rotate wrap unwrap rewrap version
  versions`.split(/\s+/),
)

/** Whether a text can name a key besides its id. */
export function isAliasName(text: string): boolean {
  return aliasName.test(text) && !isKeyId(text) && !reserved.has(text)
}

const insert = `INSERT INTO key_aliases (instance, alias, key, created_at, created_by)
  SELECT ?1, ?2, ?3, ?4, ?5
  WHERE (SELECT count(*) FROM key_aliases WHERE instance = ?1 AND key = ?3) < ?6
    AND (SELECT coalesce(sum(total), 0) FROM alias_totals WHERE instance = ?1) < ?7`

const remove = 'DELETE FROM key_aliases WHERE instance = ? AND alias = ? AND key = ?'

const removeAll = 'DELETE FROM key_aliases WHERE instance = ? AND key = ?'

/** Holds while the key and the instance have fewer aliases than they may, and nobody has taken this one. */
export function addAlias(alias: Alias, limits: Pick<KeyLimits, 'aliasesPerKey' | 'aliasesPerInstance'>): Change {
  const { instance, alias: name, key, createdAt, createdBy } = alias
  return {
    sql: insert,
    params: [instance, name, key, createdAt, createdBy, limits.aliasesPerKey, limits.aliasesPerInstance],
    rows: 1,
  }
}

export function removeAlias(instance: string, alias: string, key: string): Change {
  return { sql: remove, params: [instance, alias, key], rows: 1 }
}

/** All `count` aliases of a key. */
export function removeAliases(instance: string, key: string, count: number): Change[] {
  return count === 0 ? [] : [{ sql: removeAll, params: [instance, key], rows: count }]
}
