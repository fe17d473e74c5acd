/** Names of accounts, identities and API keys: their ids and their cloud resource names. */
import { uuidv7 } from '@keywitness/cadf'
import type { RandomBytes } from './secret.ts'

export type IdentityKind = 'user' | 'serviceId'

/** Regular expression of the names that key rings have, and that roles are granted on. */
export const ringNamePattern = '^[A-Za-z0-9_-]{2,100}$'

/** Makes unique, time-ordered ids. */
export interface Ids {
  uuid(): string
}

export function createIds(now: () => number, random: RandomBytes): Ids {
  return { uuid: () => uuidv7(now(), random(10)) }
}

/** 32 hexadecimal digits. */
export function newAccountId(random: RandomBytes): string {
  return Buffer.from(random(16)).toString('hex')
}

/** `iam_id`: the realm tells a person from a service. */
export function newIdentityId(kind: IdentityKind, ids: Ids): string {
  return kind === 'serviceId' ? `iam-ServiceId-${ids.uuid()}` : `KWid-${ids.uuid()}`
}

/** The id without its realm, as tokens and resource names carry it: `ServiceId-<uuid>` or `<uuid>`. */
export function bareIdentityId(id: string): string {
  return id.startsWith('iam-') ? id.slice(4) : id.slice(id.indexOf('-') + 1)
}

export function realmOf(id: string): string {
  return id.slice(0, id.indexOf('-'))
}

/** The account as identity services name it; what logs account-level events. */
export function accountCrn(cname: string, account: string): string {
  return `crn:v1:${cname}:public:iam-identity::a/${account}:::`
}

/** Something the account owns: `apikey`, `serviceid`, `user`, `session`, `role`. */
export function accountResourceCrn(cname: string, account: string, type: string, id: string): string {
  return `crn:v1:${cname}:public:iam-identity::a/${account}::${type}:${id}`
}

/** What logs calls of an account to the key service when no instance could be told. */
export function serviceCrn(cname: string, location: string, account: string): string {
  return `crn:v1:${cname}:public:hs-crypto:${location}:a/${account}:::`
}

export function identityCrn(cname: string, account: string, kind: IdentityKind, id: string): string {
  return accountResourceCrn(cname, account, kind === 'user' ? 'user' : 'serviceid', bareIdentityId(id))
}
