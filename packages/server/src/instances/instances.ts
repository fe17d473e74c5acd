/** Service instances in the server store. */
import type { Change, Reader } from '../store/store.ts'
import type { Instance } from './instance.ts'

/** Instances of one account. */
export const instancesMax = 100

const columns = 'guid, name, account, location, resource_group AS resourceGroup, crn, created_at AS createdAt'

export interface Instances {
  /** Whoever asks for it: listeners compare the account. */
  find(guid: string): Instance | undefined
  /** In the order of their GUIDs, those after `after`. */
  list(account: string, after: string, limit: number): Instance[]
  /** Those of all accounts. */
  all(): Instance[]
  /** The account's first instance. */
  oldest(account: string): Instance | undefined
  count(account: string): number
}

export function readInstances(reader: Reader): Instances {
  return {
    find: (guid) => reader.remembered<Instance>(`SELECT ${columns} FROM instances WHERE guid = ?`, guid),
    list: (account, after, limit) =>
      reader.all<Instance>(
        `SELECT ${columns} FROM instances WHERE account = ? AND guid > ? ORDER BY guid LIMIT ?`,
        account,
        after,
        limit,
      ),
    all: () => reader.all<Instance>(`SELECT ${columns} FROM instances ORDER BY created_at, guid`),
    oldest: (account) =>
      reader.remembered<Instance>(
        `SELECT ${columns} FROM instances WHERE account = ? ORDER BY created_at, guid LIMIT 1`,
        account,
      ),
    count: (account) =>
      reader.get<{ count: number }>('SELECT count(*) AS count FROM instances WHERE account = ?', account)?.count ?? 0,
  }
}

export function insertInstance(instance: Instance, createdBy: string): Change {
  const { guid, account, name, location, resourceGroup, crn, createdAt } = instance
  return {
    sql: `INSERT INTO instances (guid, account, name, location, resource_group, crn, created_at, created_by)
      SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM instances WHERE account = ?) < ${instancesMax}
      ON CONFLICT DO NOTHING`,
    params: [guid, account, name, location, resourceGroup, crn, createdAt, createdBy, account],
    rows: 1,
  }
}
