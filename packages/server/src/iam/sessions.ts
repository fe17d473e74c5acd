/** Console sessions and one-time sign-in links in the server store, both kept only as SHA-256. */
import type { Change, Reader } from '../store/store.ts'
import type { Identity, State } from './identities.ts'
import { looksLikeSessionToken, sameHash, secretHash } from './secret.ts'

export const sessionLifetimeMs = 12 * 3_600_000
export const signInLinkLifetimeMs = 15 * 60_000
/** Open sessions of one identity; a further sign-in ends the oldest. */
export const sessionsMax = 20
/** Ended sessions are remembered this long, so that their cookie is told from one that never was. */
const endedSessionKeepMs = 7 * 24 * 3_600_000

/** A session somebody presented, and whose it is. */
export interface Session extends Identity {
  readonly hash: Uint8Array
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Null when it was opened by a sign-in link. */
  readonly apiKey: string | null
  /** Of the API key that opened it. */
  readonly apiKeyState: State | null
}

/** A sign-in link somebody presented. */
export interface SignInLink extends Identity {
  readonly hash: Uint8Array
  readonly expiresAt: number
}

const identityColumns = `i.id, i.account, i.kind, i.name, i.email, i.description, i.state,
  i.created_at AS createdAt, i.created_by AS createdBy`

export interface Sessions {
  /** Also answers for expired ones: the caller decides. */
  present(token: string): Session | undefined
  presentLink(token: string): SignInLink | undefined
  /** Makes room for one more session of this identity: forgets what ended long ago and, over the bound, the oldest. */
  makeRoom(identity: string, now: number): Change[]
}

export function readSessions(reader: Reader): Sessions {
  return {
    present: (token) =>
      presented(token, (hash) =>
        reader.get<Session>(
          `SELECT ${identityColumns}, s.hash, s.expires_at AS expiresAt, s.api_key AS apiKey, k.state AS apiKeyState
           FROM sessions s JOIN identities i ON i.id = s.identity LEFT JOIN api_keys k ON k.id = s.api_key
           WHERE s.hash = ?`,
          hash,
        ),
      ),
    presentLink: (token) =>
      presented(token, (hash) =>
        reader.get<SignInLink>(
          `SELECT ${identityColumns}, l.hash, l.expires_at AS expiresAt
           FROM sign_in_links l JOIN identities i ON i.id = l.identity WHERE l.hash = ?`,
          hash,
        ),
      ),
    makeRoom: (identity, now) => makeRoom(reader, identity, now),
  }
}

function presented<T extends { readonly hash: Uint8Array }>(
  token: string,
  read: (hash: Uint8Array) => T | undefined,
): T | undefined {
  if (!looksLikeSessionToken(token)) return undefined
  const hash = secretHash(token)
  const row = read(hash)
  return row !== undefined && sameHash(row.hash, hash) ? row : undefined
}

function makeRoom(reader: Reader, identity: string, now: number): Change[] {
  const gone = reader.all<{ hash: Uint8Array }>(
    'SELECT hash FROM sessions WHERE expires_at < ? LIMIT 100',
    now - endedSessionKeepMs,
  )
  const links = reader.all<{ hash: Uint8Array }>('SELECT hash FROM sign_in_links WHERE expires_at < ? LIMIT 100', now)
  const oldest = reader.all<{ hash: Uint8Array }>(
    `SELECT hash FROM sessions WHERE identity = ? AND expires_at >= ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?`,
    identity,
    now - endedSessionKeepMs,
    sessionsMax - 1,
  )
  return [...[...gone, ...oldest].map(({ hash }) => deleteSession(hash)), ...links.map(deleteSignInLink)]
}

export function insertSession(token: string, identity: string, apiKey: string | null, now: number): Change {
  return {
    sql: 'INSERT INTO sessions (hash, identity, api_key, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
    params: [secretHash(token), identity, apiKey, now, now + sessionLifetimeMs],
    rows: 1,
  }
}

export function deleteSession(hash: Uint8Array): Change {
  return { sql: 'DELETE FROM sessions WHERE hash = ?', params: [hash], rows: 1 }
}

export function insertSignInLink(token: string, identity: string, now: number): Change {
  return {
    sql: 'INSERT INTO sign_in_links (hash, identity, created_at, expires_at) VALUES (?, ?, ?, ?)',
    params: [secretHash(token), identity, now, now + signInLinkLifetimeMs],
    rows: 1,
  }
}

/** A link opens one session: deleting it affects no row when somebody used it before. */
export function deleteSignInLink(link: Pick<SignInLink, 'hash'>): Change {
  return { sql: 'DELETE FROM sign_in_links WHERE hash = ?', params: [link.hash], rows: 1 }
}
