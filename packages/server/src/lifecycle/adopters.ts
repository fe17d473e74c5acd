/** Adopting services that are told: which target each service ID of an account has. */
import type { Change, Reader } from '../store/store.ts'
import { lifecycleLimits } from './limits.ts'

export interface Adopter {
  /** iam_id of the service. */
  readonly service: string
  /** Name of the service ID. */
  readonly name: string
  readonly account: string
  readonly target: string
  readonly url: string
  readonly createdAt: number
  readonly createdBy: string
}

const columns = `a.service, i.name, a.account, a.target, t.url, t.created_at AS createdAt, t.created_by AS createdBy`

const joined = 'FROM adopters a JOIN identities i ON i.id = a.service JOIN outbound_targets t ON t.id = a.target'

export interface Adopters {
  /** Only inside the account. */
  find(account: string, service: string): Adopter | undefined
  ofTarget(target: string): Adopter | undefined
  /** In the order of their service IDs, those after `after`. */
  list(account: string, after: string, limit: number): Adopter[]
  count(account: string): number
}

export function readAdopters(reader: Reader): Adopters {
  return {
    find: (account, service) =>
      reader.get<Adopter>(`SELECT ${columns} ${joined} WHERE a.service = ? AND a.account = ?`, service, account),
    ofTarget: (target) => reader.get<Adopter>(`SELECT ${columns} ${joined} WHERE a.target = ?`, target),
    list: (account, after, limit) =>
      reader.all<Adopter>(
        `SELECT ${columns} ${joined} WHERE a.account = ? AND a.service > ? ORDER BY a.service LIMIT ?`,
        account,
        after,
        limit,
      ),
    count: (account) =>
      reader.get<{ count: number }>('SELECT count(*) AS count FROM adopters WHERE account = ?', account)?.count ?? 0,
  }
}

/** Holds while the service has no target yet and the account not too many. Its target must be there already. */
export function insertAdopter(adopter: Pick<Adopter, 'service' | 'account' | 'target'>): Change {
  return {
    sql: `INSERT INTO adopters (service, account, target) SELECT ?1, ?2, ?3
      WHERE (SELECT count(*) FROM adopters WHERE account = ?2) < ${lifecycleLimits.adoptersPerAccount}`,
    params: [adopter.service, adopter.account, adopter.target],
    rows: 1,
  }
}

/** With its target, the signing secret and all messages (schema 007). */
export function deleteAdopter(adopter: Pick<Adopter, 'service' | 'target'>): Change {
  return {
    sql: 'DELETE FROM adopters WHERE service = ? AND target = ?',
    params: [adopter.service, adopter.target],
    rows: 1,
  }
}
