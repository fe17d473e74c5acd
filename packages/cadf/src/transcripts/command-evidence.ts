/** What an event of the certificate manager says of the signed command that it witnesses, enough to check the signature again. */
import { type CommandPlace, keyCommandBody } from '../certificate-command.ts'
import type { ActivityEvent, EventValue } from '../event.ts'
import { memberOf } from '../variant.ts'
import { hashOf } from './command-signature.ts'

/** The method of each changing command: of a request events have the path. */
const methods: Readonly<Record<string, string>> = {
  'hs-crypto.mtlscert-admin-key.create': 'POST',
  'hs-crypto.mtlscert-admin-key.update': 'PUT',
  'hs-crypto.mtlscert-admin-key.delete': 'DELETE',
  'hs-crypto.mtlscert-cert.set': 'PUT',
  'hs-crypto.mtlscert-cert.delete': 'DELETE',
}

/** Actions of the certificate manager: what to look for in a trail. */
export const certificateActions: readonly string[] = [
  ...Object.keys(methods),
  'hs-crypto.mtlscert-admin-key.read',
  'hs-crypto.mtlscert-cert.list',
  'hs-crypto.mtlscert-cert.read',
]

/** Whether an event is about administrators' keys or certificates: not those of proposing a recovery and the like. */
export function isOfCertificates({ action }: ActivityEvent): boolean {
  return certificateActions.includes(action)
}

export function isChange({ action }: ActivityEvent): boolean {
  return Object.hasOwn(methods, action)
}

export interface CommandEvidence {
  readonly place: CommandPlace
  /** SHA-256 of the body, hexadecimal. */
  readonly contentHash: string
  /** DER, base64. */
  readonly signature: string
}

/** Undefined when the event does not hold all of it. */
export function evidenceOf({ action, requestData, target, initiator }: ActivityEvent): CommandEvidence | undefined {
  const text = (name: string): string | undefined => textOf(requestData[name])
  const [path, time, nonce] = [text('requestURI'), text('timestamp'), text('commandNonce')]
  const [contentHash, signature] = [text('contentHash'), text('signature')]
  const method = methods[action]
  const timestamp = time === undefined ? Number.NaN : Date.parse(time)
  if (method === undefined || path === undefined || nonce === undefined || Number.isNaN(timestamp)) return undefined
  if (contentHash === undefined || signature === undefined) return undefined
  const place = { method, path, instance: target.id, caller: initiator.id, timestamp: String(timestamp), nonce }
  return { place, contentHash, signature }
}

/**
 * Whether what the event tells is what was signed. Keys and certificates are changed by the same methods, and which
 * certificate it was stands in the path alone; which key was brought, in the hash of the body.
 */
export async function isAsSigned(event: ActivityEvent, evidence: CommandEvidence): Promise<boolean> {
  if (!isAtPath(event, evidence)) return false
  const { publicKey, proof } = event.requestData
  if (keyAfter(event) === undefined) return true
  const body = keyCommandBody(textOf(publicKey) ?? '', textOf(proof))
  return (await hashOf(new TextEncoder().encode(body))) === evidence.contentHash
}

function isAtPath({ action, requestData }: ActivityEvent, { place }: CommandEvidence): boolean {
  const root = `/v1/certs/${place.instance.split(':')[7] ?? ''}/`
  if (place.path.slice(0, root.length).toLowerCase() !== root) return false
  const below = place.path.slice(root.length)
  if (action.includes('-admin-key.')) return below === 'adminkey'
  const [collection, id = '', ...more] = below.split('/')
  return collection === 'certs' && more.length === 0 && decoded(id) === requestData['certificateId']
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** The key that a command names as the one that signs it; undefined when its event names none. */
export function signerOf({ requestData }: ActivityEvent): string | undefined {
  return textOf(requestData['keyId']) ?? textOf(memberOf(requestData, 'initialValue.keyId'))
}

/** The key that is in force after a command about keys; undefined when there is none, as after it was deleted. */
export function keyAfter({ action, requestData }: ActivityEvent): string | undefined {
  if (action.endsWith('.create')) return textOf(requestData['keyId'])
  return action.endsWith('.update') ? textOf(memberOf(requestData, 'newValue.keyId')) : undefined
}

export function textOf(value: EventValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
