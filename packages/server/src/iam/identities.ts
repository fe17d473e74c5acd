/** Users and service IDs in the server store. */
import type { Change, Reader } from '../store/store.ts'
import type { IdentityKind } from './names.ts'

export type State = 'active' | 'disabled'

export interface Identity {
  /** `iam_id`: names.ts. */
  readonly id: string
  readonly account: string
  readonly kind: IdentityKind
  readonly name: string
  /** People only. */
  readonly email: string | null
  readonly description: string | null
  readonly state: State
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly createdBy: string
}

/** Users and service IDs of one account together. */
export const identitiesMax = 10_000

const columns = 'id, account, kind, name, email, description, state, created_at AS createdAt, created_by AS createdBy'

export interface Identities {
  /** Only inside the account: another account's identity is as unknown as one that never was. */
  find(account: string, id: string): Identity | undefined
  /** In the order of their ids, those after `after`. */
  list(account: string, kind: IdentityKind, after: string, limit: number): Identity[]
  count(account: string): number
  /** Names of those of these ids that are the account's, by the id. */
  namesOf(account: string, ids: readonly string[]): ReadonlyMap<string, string>
}

export function readIdentities(reader: Reader): Identities {
  return {
    find: (account, id) =>
      reader.get<Identity>(`SELECT ${columns} FROM identities WHERE id = ? AND account = ?`, id, account),
    list: (account, kind, after, limit) =>
      reader.all<Identity>(
        `SELECT ${columns} FROM identities WHERE account = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?`,
        account,
        kind,
        after,
        limit,
      ),
    count: (account) =>
      reader.get<{ count: number }>('SELECT count(*) AS count FROM identities WHERE account = ?', account)?.count ?? 0,
    namesOf: (account, ids) => {
      const found = reader.all<Pick<Identity, 'id' | 'name'>>(
        `SELECT id, name FROM (SELECT DISTINCT value AS wanted FROM json_each(?2))
         CROSS JOIN identities ON id = wanted WHERE account = ?1`,
        account,
        JSON.stringify(ids),
      )
      return new Map(found.map(({ id, name }) => [id, name]))
    },
  }
}

export function insertIdentity(identity: Identity): Change {
  const { id, account, kind, name, email, description, state, createdAt, createdBy } = identity
  return {
    sql: `INSERT INTO identities (id, account, kind, name, email, description, state, created_at, created_by)
      SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM identities WHERE account = ?) < ${identitiesMax}`,
    params: [id, account, kind, name, email, description, state, createdAt, createdBy, account],
    rows: 1,
  }
}

export function updateIdentityState(identity: Identity, state: State): Change {
  return {
    sql: 'UPDATE identities SET state = ? WHERE id = ? AND account = ? AND state = ?',
    params: [state, identity.id, identity.account, identity.state],
    rows: 1,
  }
}

/** Its API keys, roles, sessions and sign-in links go with it. */
export function deleteIdentity(identity: Identity): Change {
  return {
    sql: 'DELETE FROM identities WHERE id = ? AND account = ?',
    params: [identity.id, identity.account],
    rows: 1,
  }
}
