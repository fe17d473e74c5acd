/** Founding an account: the account, its owner, the owner's roles and first API key, as changes. */
import type { Change } from '../store/store.ts'
import { type Account, insertAccount } from './accounts.ts'
import { type ApiKey, insertApiKey } from './api-keys.ts'
import { type Identity, insertIdentity } from './identities.ts'
import { type Ids, newIdentityId } from './names.ts'
import type { Role } from './permissions.ts'
import { insertRoleGrant } from './role-grants.ts'

/** On the whole account: everything inside its instances, the account itself and its trackers. */
const ownerRoles: readonly Role[] = ['Manager', 'Administrator']

export interface FoundedAccount {
  readonly account: Account
  readonly owner: Identity
  readonly changes: readonly Change[]
}

export interface FoundingWish {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly name: string
  /** Location whose tracker gets the account-level events. */
  readonly home: string
  readonly operator: boolean
  readonly ownerName: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly createdBy: string
}

export function foundAccount(wish: FoundingWish, ids: Ids): FoundedAccount {
  const { id, name, home, operator, now, createdBy } = wish
  const account: Account = { id, name, home, operator, createdAt: now, createdBy }
  const owner: Identity = {
    id: newIdentityId('user', ids),
    account: id,
    kind: 'user',
    name: wish.ownerName,
    email: null,
    description: null,
    state: 'active',
    createdAt: now,
    createdBy,
  }
  const grants = ownerRoles.map((role) =>
    insertRoleGrant({
      id: ids.uuid(),
      account: id,
      identity: owner.id,
      role,
      scope: 'account',
      scopeId: '',
      keyRing: '',
      resourceType: '',
      resource: '',
      createdAt: now,
      createdBy,
    }),
  )
  return { account, owner, changes: [insertAccount(account), insertIdentity(owner), ...grants] }
}

/** The first API key of a new account's owner. */
export function firstApiKey(owner: Identity, secret: string, now: number, ids: Ids): { key: ApiKey; change: Change } {
  const key: ApiKey = {
    id: `ApiKey-${ids.uuid()}`,
    account: owner.account,
    identity: owner.id,
    name: 'first key',
    state: 'active',
    createdAt: now,
    createdBy: owner.createdBy,
  }
  return { key, change: insertApiKey(key, secret) }
}
