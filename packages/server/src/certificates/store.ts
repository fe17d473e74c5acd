/** Reading administrators' keys and accepted certificates, and changing them: statements as data. */
import type { Change, Condition, Reader } from '../store/store.ts'
import { certificateLimits } from './limits.ts'
import type { AcceptedCertificateRow, AdminKeyRow, HolderRow } from './rows.ts'

export interface CertificateStore {
  key(instance: string, administrator: string): AdminKeyRow | undefined
  /** Administrators with a key. */
  keyCount(instance: string): number
  /** IAM id of an administrator whose key this is. */
  keyOwner(instance: string, keyId: string): string | undefined
  certificate(instance: string, administrator: string, id: string): AcceptedCertificateRow | undefined
  /** Of one administrator, by their ids. */
  certificates(instance: string, administrator: string): AcceptedCertificateRow[]
  /** Of all administrators, by their ids and its own. */
  all(instance: string): AcceptedCertificateRow[]
  count(instance: string): number
  /** Who has a key or certificates, by their ids. */
  holders(instance: string): HolderRow[]
  isSpent(keyId: string, nonce: string): boolean
}

const keyColumns = 'instance, administrator, key_id AS keyId, public_key AS publicKey, created_at AS createdAt'
const certificateColumns = `instance, administrator, id, fingerprint, certificate, not_after AS notAfter, due_at AS dueAt,
  created_at AS createdAt, updated_at AS updatedAt`

const sql = {
  key: `SELECT ${keyColumns} FROM certificate_admin_keys WHERE instance = ? AND administrator = ?`,
  keys: 'SELECT count(*) AS count FROM certificate_admin_keys WHERE instance = ?',
  keyOwner: `SELECT administrator FROM certificate_admin_keys WHERE instance = ? AND key_id = ?
    ORDER BY administrator LIMIT 1`,
  certificate: `SELECT ${certificateColumns} FROM accepted_certificates
    WHERE instance = ? AND administrator = ? AND id = ?`,
  certificates: `SELECT ${certificateColumns} FROM accepted_certificates WHERE instance = ? AND administrator = ?
    ORDER BY id`,
  all: `SELECT ${certificateColumns} FROM accepted_certificates WHERE instance = ? ORDER BY administrator, id`,
  count: 'SELECT count(*) AS count FROM accepted_certificates WHERE instance = ?',
  holders: `SELECT h.administrator, k.key_id AS keyId,
      (SELECT count(*) FROM accepted_certificates c WHERE c.instance = ?1 AND c.administrator = h.administrator)
        AS certificates
    FROM (SELECT administrator FROM certificate_admin_keys WHERE instance = ?1
      UNION SELECT administrator FROM accepted_certificates WHERE instance = ?1) h
    LEFT JOIN certificate_admin_keys k ON k.instance = ?1 AND k.administrator = h.administrator
    ORDER BY h.administrator`,
  nonce: 'SELECT 1 AS found FROM certificate_nonces WHERE key_id = ? AND nonce = ?',
} as const

export function certificateStore(reader: Reader): CertificateStore {
  const countOf = (statement: string, instance: string): number =>
    reader.get<{ count: number }>(statement, instance)?.count ?? 0
  return {
    key: (instance, administrator) => reader.get<AdminKeyRow>(sql.key, instance, administrator),
    keyCount: (instance) => countOf(sql.keys, instance),
    keyOwner: (instance, keyId) => reader.get<{ administrator: string }>(sql.keyOwner, instance, keyId)?.administrator,
    certificate: (instance, administrator, id) =>
      reader.get<AcceptedCertificateRow>(sql.certificate, instance, administrator, id),
    certificates: (instance, administrator) =>
      reader.all<AcceptedCertificateRow>(sql.certificates, instance, administrator),
    all: (instance) => reader.all<AcceptedCertificateRow>(sql.all, instance),
    count: (instance) => countOf(sql.count, instance),
    holders: (instance) => reader.all<HolderRow>(sql.holders, instance),
    isSpent: (keyId, nonce) => reader.get(sql.nonce, keyId, nonce) !== undefined,
  }
}

/** Holds while a command's key is the administrator's. */
export function keyInForce({ instance, administrator, keyId }: AdminKeyRow): Condition {
  return {
    sql: 'SELECT 1 FROM certificate_admin_keys WHERE instance = ? AND administrator = ? AND key_id = ?',
    params: [instance, administrator, keyId],
  }
}

/** Holds while the administrator has none. */
export function noKey(instance: string, administrator: string): Condition {
  return {
    sql: `SELECT 1 WHERE NOT EXISTS
      (SELECT 1 FROM certificate_admin_keys WHERE instance = ? AND administrator = ?)`,
    params: [instance, administrator],
  }
}

/** Holds once for each nonce of a key. */
export function spendNonce(keyId: string, nonce: string, at: number): Change {
  return {
    sql: 'INSERT INTO certificate_nonces (key_id, nonce, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    params: [keyId, nonce, at],
    rows: 1,
  }
}

/** Holds while the administrator has no key, and the instance fewer administrators than it may. */
export function addKey({ instance, administrator, keyId, publicKey, createdAt }: AdminKeyRow): Change {
  return {
    sql: `INSERT INTO certificate_admin_keys (instance, administrator, key_id, public_key, created_at)
      SELECT ?1, ?2, ?3, ?4, ?5
      WHERE (SELECT count(*) FROM certificate_admin_keys WHERE instance = ?1) < ${certificateLimits.administrators}
      ON CONFLICT DO NOTHING`,
    params: [instance, administrator, keyId, publicKey, createdAt],
    rows: 1,
  }
}

/** Holds while the old key is the administrator's. */
export function replaceKey(old: AdminKeyRow, key: Pick<AdminKeyRow, 'keyId' | 'publicKey' | 'createdAt'>): Change {
  return {
    sql: `UPDATE certificate_admin_keys SET key_id = ?, public_key = ?, created_at = ?
      WHERE instance = ? AND administrator = ? AND key_id = ?`,
    params: [key.keyId, key.publicKey, key.createdAt, old.instance, old.administrator, old.keyId],
    rows: 1,
  }
}

export function removeKey({ instance, administrator, keyId }: AdminKeyRow): Change {
  return {
    sql: 'DELETE FROM certificate_admin_keys WHERE instance = ? AND administrator = ? AND key_id = ?',
    params: [instance, administrator, keyId],
    rows: 1,
  }
}

/** Adds a certificate, or puts it in the place of the administrator's one of this id. */
export function putCertificate(row: AcceptedCertificateRow): Change {
  const { instance, administrator, id, fingerprint, certificate, notAfter, dueAt, createdAt, updatedAt } = row
  return {
    sql: `INSERT INTO accepted_certificates (instance, administrator, id, fingerprint, certificate, not_after, due_at,
        created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (instance, administrator, id) DO UPDATE SET fingerprint = excluded.fingerprint,
        certificate = excluded.certificate, not_after = excluded.not_after, due_at = excluded.due_at,
        updated_at = excluded.updated_at`,
    params: [instance, administrator, id, fingerprint, certificate, notAfter, dueAt, createdAt, updatedAt],
    rows: 1,
  }
}

export function removeCertificate({ instance, administrator, id }: AcceptedCertificateRow): Change {
  return {
    sql: 'DELETE FROM accepted_certificates WHERE instance = ? AND administrator = ? AND id = ?',
    params: [instance, administrator, id],
    rows: 1,
  }
}
