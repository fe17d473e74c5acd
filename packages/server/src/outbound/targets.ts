/** Where messages go: URL and signing secret, the secret sealed. */
import type { Sealer } from '../seal.ts'
import type { Change, Reader } from '../store/store.ts'

export interface Target {
  readonly id: string
  readonly account: string
  readonly url: string
  readonly createdAt: number
  readonly createdBy: string
}

export interface Targets {
  find(id: string): Target | undefined
  /** The signing secret as receivers get it (`whsec_…`), or undefined when the target is gone. */
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
        `SELECT id, account, url, created_at AS createdAt, created_by AS createdBy FROM outbound_targets WHERE id = ?`,
        id,
      ),
    secret: (id) => {
      const name = secretName(id)
      const row = reader.get<{ sealed: Uint8Array }>('SELECT sealed FROM secrets WHERE name = ?', name)
      return row === undefined ? undefined : Buffer.from(sealer.open(name, row.sealed)).toString('utf8')
    },
  }
}

export function insertTarget(target: Target, secret: string, sealer: Sealer): Change[] {
  const { id, account, url, createdAt, createdBy } = target
  return [
    {
      sql: 'INSERT INTO outbound_targets (id, account, url, created_at, created_by) VALUES (?, ?, ?, ?, ?)',
      params: [id, account, url, createdAt, createdBy],
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
