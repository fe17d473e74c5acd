/** API keys in the server store: kept as SHA-256 of what was shown once. */
import type { Change, Reader } from '../store/store.ts'
import type { State } from './identities.ts'
import type { IdentityKind } from './names.ts'
import { looksLikeApiKey, sameHash, secretHash } from './secret.ts'

export interface ApiKey {
  /** `ApiKey-<uuid>`; not secret. */
  readonly id: string
  readonly account: string
  readonly identity: string
  readonly name: string
  readonly state: State
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly createdBy: string
}

/** An API key somebody presented, with whom it belongs to. */
export interface PresentedApiKey extends ApiKey {
  readonly identityName: string
  readonly identityKind: IdentityKind
  readonly identityState: State
  readonly email: string | null
}

/** API keys of one identity. */
export const apiKeysMax = 100

const columns = 'id, account, identity, name, state, created_at AS createdAt, created_by AS createdBy'

export interface ApiKeys {
  find(account: string, id: string): ApiKey | undefined
  /** Of one identity, or of all of the account. */
  list(account: string, identity: string | undefined, after: string, limit: number): ApiKey[]
  count(identity: string): number
  /** Who presented this? Also answers for disabled ones: the caller decides, and the event names them. */
  present(secret: string): PresentedApiKey | undefined
}

export function readApiKeys(reader: Reader): ApiKeys {
  return {
    find: (account, id) =>
      reader.get<ApiKey>(`SELECT ${columns} FROM api_keys WHERE id = ? AND account = ?`, id, account),
    list: (account, identity, after, limit) =>
      identity === undefined
        ? reader.all<ApiKey>(
            `SELECT ${columns} FROM api_keys WHERE account = ? AND id > ? ORDER BY id LIMIT ?`,
            account,
            after,
            limit,
          )
        : reader.all<ApiKey>(
            `SELECT ${columns} FROM api_keys WHERE identity = ? AND account = ? AND id > ? ORDER BY id LIMIT ?`,
            identity,
            account,
            after,
            limit,
          ),
    count: (identity) =>
      reader.get<{ count: number }>('SELECT count(*) AS count FROM api_keys WHERE identity = ?', identity)?.count ?? 0,
    present: (secret) => present(reader, secret),
  }
}

function present(reader: Reader, secret: string): PresentedApiKey | undefined {
  if (!looksLikeApiKey(secret)) return undefined
  const hash = secretHash(secret)
  const row = reader.get<PresentedApiKey & { hash: Uint8Array }>(
    `SELECT k.id, k.account, k.identity, k.name, k.state, k.hash, k.created_at AS createdAt, k.created_by AS createdBy,
       i.name AS identityName, i.kind AS identityKind, i.state AS identityState, i.email
     FROM api_keys k JOIN identities i ON i.id = k.identity WHERE k.hash = ?`,
    hash,
  )
  return row !== undefined && sameHash(row.hash, hash) ? row : undefined
}

export function insertApiKey(key: ApiKey, secret: string): Change {
  return {
    sql: `INSERT INTO api_keys (id, account, identity, name, hash, state, created_at, created_by)
      SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM api_keys WHERE identity = ?) < ${apiKeysMax}`,
    params: [
      key.id,
      key.account,
      key.identity,
      key.name,
      secretHash(secret),
      key.state,
      key.createdAt,
      key.createdBy,
      key.identity,
    ],
    rows: 1,
  }
}

export function updateApiKeyState(key: ApiKey, state: State): Change {
  return {
    sql: 'UPDATE api_keys SET state = ? WHERE id = ? AND account = ? AND state = ?',
    params: [state, key.id, key.account, key.state],
    rows: 1,
  }
}

/** Sessions that signed in with it end with it. */
export function deleteApiKey(key: ApiKey): Change {
  return { sql: 'DELETE FROM api_keys WHERE id = ? AND account = ?', params: [key.id, key.account], rows: 1 }
}
