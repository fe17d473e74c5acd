/** A rule as the product ships it, and the conditions that many of them share. */
import type { ActionName } from '@keywitness/cadf'
import type { Rule } from '../rule.ts'

export interface PackRule {
  /** Numbers of the list of what a key management's trail is to be watched for (docs/reference/rules.md). */
  readonly number: readonly number[]
  readonly rule: Rule
  /** Whether it is on after the first start. */
  readonly isOn: boolean
  /** Why it is off, or what to know before trusting it. */
  readonly why?: string
}

/** Any of these actions, by their current or former names. The catalogue knows them all: the compiler sees to it. */
export function actions(...names: readonly [ActionName, ...ActionName[]]): string {
  return names.length === 1 ? `action:==${names[0]}` : `action:==[${names.join(', ')}]`
}

/** The server's own identity has no credentials: nobody can act in its name. What it does by itself, is routine. */
const server = 'iam-ServiceId-keywitness'

/** Not by the server itself: the first ceremony, rotation by policy, the purge after ninety days. */
export const notByItself = `-initiator.id:==${server}`

/** Somebody who is known: neither a caller that proved nothing, nor the server itself. */
export const bySomebody = `-initiator.id:==[unknown, ${server}]`

export const byUser = 'initiator.typeURI:=="service/security/account/user"'
export const byServiceId = 'initiator.typeURI:=="service/security/account/serviceid"'
export const byCertificate = 'initiator.typeURI:=="service/security/client/certificateid"'

/** Done, or begun: an export is pending until it has ended. */
export const done = 'outcome:[success, pending]'
