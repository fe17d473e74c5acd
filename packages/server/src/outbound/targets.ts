/** Where messages go, and how: kind, public settings, and a secret that lies sealed. */
import type { Sealer } from '../seal.ts'
import type { Change, Reader } from '../store/store.ts'

export const targetKinds = ['email', 'slack', 'teams', 'pagerduty', 'webhook', 'syslog'] as const
export type TargetKind = (typeof targetKinds)[number]

export interface Target {
  readonly id: string
  readonly account: string
  readonly kind: TargetKind
  /** Of a webhook; '' for other kinds. */
  readonly url: string
  /** JSON, as the carrier of the kind reads it. Nothing in it is secret. */
  readonly settings: string
  readonly createdAt: number
  readonly createdBy: string
}

/** A webhook without settings when nothing else is said. */
export type NewTarget = Omit<Target, 'kind' | 'settings'> & Partial<Pick<Target, 'kind' | 'settings'>>

export interface Targets {
  find(id: string): Target | undefined
  /** A webhook's signing secret as receivers get it (`whsec_…`), another kind's one secret; undefined when the target is gone. */
  secret(id: string): string | undefined
}

const secretBytes = 32

/** A new signing secret, in the form of Standard Webhooks. */
export function newSigningSecret(random: (bytes: number) => Uint8Array): string {
  return `whsec_${Buffer.from(random(secretBytes)).toString('base64')}`
}

export function readTargets(reader: Reader, sealer: Sealer): Targets {
  return {
    find: (id) =>
      reader.get<Target>(
        `SELECT id, account, kind, url, settings, created_at AS createdAt, created_by AS createdBy
          FROM outbound_targets WHERE id = ?`,
        id,
      ),
    secret: (id) => {
      const name = secretName(id)
      const row = reader.get<{ sealed: Uint8Array }>('SELECT sealed FROM secrets WHERE name = ?', name)
      return row === undefined ? undefined : Buffer.from(sealer.open(name, row.sealed)).toString('utf8')
    },
  }
}

/** @param secret '' for a kind, or settings, without one */
export function insertTarget(target: NewTarget, secret: string, sealer: Sealer): Change[] {
  const { id, account, kind = 'webhook', url, settings = '{}', createdAt, createdBy } = target
  return [
    {
      sql: `INSERT INTO outbound_targets (id, account, kind, url, settings, created_at, created_by)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
      params: [id, account, kind, url, settings, createdAt, createdBy],
      rows: 1,
    },
    {
      sql: 'INSERT INTO secrets (name, sealed) VALUES (?, ?)',
      params: [secretName(id), sealed(id, secret, sealer)],
      rows: 1,
    },
  ]
}

export function updateTargetUrl(id: string, url: string): Change {
  return { sql: 'UPDATE outbound_targets SET url = ? WHERE id = ?', params: [url, id], rows: 1 }
}

/** A target stays of its kind. */
export function updateTargetSettings(id: string, url: string, settings: string): Change {
  return { sql: 'UPDATE outbound_targets SET url = ?, settings = ? WHERE id = ?', params: [url, settings, id], rows: 1 }
}

/** With its sealed secret and its messages. */
export function deleteTarget(id: string): Change[] {
  return [
    { sql: 'DELETE FROM secrets WHERE name = ?', params: [secretName(id)], rows: 1 },
    { sql: 'DELETE FROM outbound_targets WHERE id = ?', params: [id], rows: 1 },
  ]
}

/** The old secret ends with this: what is sent from now on is signed with the new one. */
export function updateTargetSecret(id: string, secret: string, sealer: Sealer): Change {
  return {
    sql: 'UPDATE secrets SET sealed = ? WHERE name = ?',
    params: [sealed(id, secret, sealer), secretName(id)],
    rows: 1,
  }
}

function sealed(id: string, secret: string, sealer: Sealer): Uint8Array {
  return sealer.seal(secretName(id), Buffer.from(secret, 'utf8'))
}

function secretName(id: string): string {
  return `outbound/${id}`
}
