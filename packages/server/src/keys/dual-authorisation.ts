/** Deletion by two people: who has authorised it, and whether that still holds (reference: kms-rest-api.md, section 8.4). */
import { Refusal } from '../errors.ts'
import type { Condition } from '../store/store.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyCall, KeyParts } from './parts.ts'

/** As events have it: before and after. */
interface SeenAuthorisation {
  'initialValue.authID'?: string | undefined
  'initialValue.authExpiration'?: string | undefined
  'newValue.authID'?: string | undefined
  'newValue.authExpiration'?: string | undefined
}

type Authorised = Pick<KeyRow, 'authorisedBy' | 'authorisedUntil'>

/** The authorisation that holds at a time. */
export function authorisationAt(key: Authorised, now: number): { by: string; until: number } | undefined {
  const { authorisedBy, authorisedUntil } = key
  if (authorisedBy === null || authorisedUntil === null || authorisedUntil <= now) return undefined
  return { by: authorisedBy, until: authorisedUntil }
}

/** Notes what the key had and has; what is missing was or is not there. */
export function noteAuthorisation(before: Authorised, after: Authorised, response: SeenAuthorisation): void {
  if (before.authorisedBy !== null && before.authorisedUntil !== null) {
    response['initialValue.authID'] = before.authorisedBy
    response['initialValue.authExpiration'] = formatDate(before.authorisedUntil)
  }
  if (after.authorisedBy !== null && after.authorisedUntil !== null) {
    response['newValue.authID'] = after.authorisedBy
    response['newValue.authExpiration'] = formatDate(after.authorisedUntil)
  }
}

/** @throws Refusal `NOT_DUAL_AUTH_ERR` */
export function requireDualAuthorisation(key: KeyRow, parts: Pick<KeyParts, 'policies'>): void {
  const { dualAuthDelete } = parts.policies.keyPolicies(key.instance, key.id)
  if (dualAuthDelete?.enabled !== true) throw new Refusal('NOT_DUAL_AUTH_ERR')
}

const withoutPolicy = `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM key_policies
  WHERE instance = ? AND key = ? AND kind = 'dualAuthDelete' AND enabled = 1)`

/**
 * Whether a caller may delete the key as far as a second person's agreement goes. The policy of a key cannot be switched
 * off, so only its absence must still hold at commit.
 * @throws Refusal `AUTHORIZATIONS_NOT_MET`
 */
export function requireAuthorisation(call: KeyCall, key: KeyRow, now: number, parts: KeyParts): Condition[] {
  const { dualAuthDelete } = parts.policies.keyPolicies(key.instance, key.id)
  if (dualAuthDelete?.enabled !== true) return [{ sql: withoutPolicy, params: [key.instance, key.id] }]
  const authorisation = authorisationAt(key, now)
  if (authorisation === undefined) {
    throw new Refusal('AUTHORIZATIONS_NOT_MET', {
      message:
        key.authorisedUntil === null
          ? 'Nobody has authorised the deletion of this key: number of prior authorizations missing: 1.'
          : 'The authorisation to delete this key has expired: number of prior authorizations missing: 1.',
    })
  }
  if (authorisation.by === call.caller.id) {
    throw new Refusal('AUTHORIZATIONS_NOT_MET', {
      message: 'The deletion was authorised by this same identity: another one must delete the key.',
    })
  }
  return []
}
