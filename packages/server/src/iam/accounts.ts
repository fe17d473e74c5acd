/** Accounts in the server store: who owns what, and where account-level events go. */
import type { Change, Reader } from '../store/store.ts'

export interface Account {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** Location whose tracker gets the account-level events. */
  readonly home: string
  /** The operator's own account; exactly one. */
  readonly operator: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly createdBy: string
}

export const accountsMax = 1_000

interface AccountRow {
  id: string
  name: string
  home: string
  operator: number
  created_at: number
  created_by: string
}

const columns = 'id, name, home, operator, created_at, created_by'

export interface Accounts {
  find(id: string): Account | undefined
  /** The operator's account; undefined only before the first start has made it. */
  operator(): Account | undefined
  count(): number
}

export function readAccounts(reader: Reader): Accounts {
  return {
    find: (id) => asAccount(reader.get<AccountRow>(`SELECT ${columns} FROM accounts WHERE id = ?`, id)),
    operator: () => asAccount(reader.get<AccountRow>(`SELECT ${columns} FROM accounts WHERE operator = 1`)),
    count: () => reader.get<{ count: number }>('SELECT count(*) AS count FROM accounts')?.count ?? 0,
  }
}

export function insertAccount(account: Account): Change {
  return {
    sql: `INSERT INTO accounts (${columns}) SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM accounts) < ${accountsMax}`,
    params: [account.id, account.name, account.home, account.operator ? 1 : 0, account.createdAt, account.createdBy],
    rows: 1,
  }
}

function asAccount(row: AccountRow | undefined): Account | undefined {
  if (row === undefined) return undefined
  const { id, name, home, created_at: createdAt, created_by: createdBy } = row
  return { id, name, home, operator: row.operator === 1, createdAt, createdBy }
}
