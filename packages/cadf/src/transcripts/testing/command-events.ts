/** Events of administrators' commands, signed as they should be, for tests of what they prove. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { certificateCommandText, type CommandPlace, keyCommandBody, keyProofText } from '../../certificate-command.ts'
import type { ActivityEvent, EventData } from '../../event.ts'
import { formatEventTime } from '../../time.ts'

export const guid = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
export const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${'a'.repeat(32)}:${guid}::`
export const ana = 'IBMid-ANA0000001'
export const began = Date.UTC(2026, 10, 25, 20)
export const notAfter = '2027-11-25T20:00:00Z'

export interface Signer {
  readonly id: string
  readonly spki: string
  readonly key: KeyObject
}

function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(der).digest('hex'), spki: der.toString('base64'), key: privateKey }
}

export const [first, second, stranger] = [newSigner(), newSigner(), newSigner()]

type What = 'admin-key.create' | 'admin-key.update' | 'admin-key.delete' | 'cert.set' | 'cert.delete' | 'cert.list'
const verbs: Record<What, string> = {
  'admin-key.create': 'POST',
  'admin-key.update': 'PUT',
  'admin-key.delete': 'DELETE',
  'cert.set': 'PUT',
  'cert.delete': 'DELETE',
  'cert.list': 'GET',
}

/** The event of a command that was done as it should be. */
export function done(
  what: What,
  at: number,
  signer: Signer,
  { next, prover = next, caller = ana }: { next?: Signer; prover?: Signer | undefined; caller?: string } = {},
) {
  const isKey = what.startsWith('admin-key')
  const path = `/v1/certs/${guid}/${isKey ? 'adminkey' : 'certs/clients'}`
  const time = began + at * 1_000
  const nonce = randomBytes(16).toString('base64url')
  const place: CommandPlace = { method: verbs[what], path, instance: crn, caller, timestamp: String(time - 40), nonce }
  const signed = (text: string, by: Signer): string => sign('sha512', Buffer.from(text), by.key).toString('base64')
  const proof = next && prover && signed(keyProofText(place, next.id), prover)
  const publicKey = what === 'admin-key.create' ? signer.spki : next?.spki
  const body = publicKey === undefined ? String(at) : keyCommandBody(publicKey, proof)
  const contentHash = createHash('sha256').update(body).digest('hex')
  const evidence = {
    requestURI: path,
    instanceID: guid,
    timestamp: new Date(time - 40).toISOString(),
    commandNonce: nonce,
    contentHash,
    signature: signed(certificateCommandText(place, contentHash), signer),
  }
  const keys: EventData =
    next !== undefined && proof !== undefined
      ? { initialValue: { keyId: signer.id }, newValue: { keyId: next.id }, publicKey: next.spki, proof }
      : { keyId: signer.id, ...(publicKey === undefined ? {} : { publicKey }) }
  const certificate = isKey ? {} : { certificateId: 'clients', fingerprint: 'ab'.repeat(32), notAfter }
  const turned = what === 'cert.set' || what === 'cert.delete'
  const mtls = { initialValue: { mtlsEnabled: what !== 'cert.set' }, newValue: { mtlsEnabled: what === 'cert.set' } }
  const event = eventOf(what, time, { ...evidence, ...keys, ...certificate }, caller)
  return turned ? { ...event, responseData: mtls } : event
}

/** The event of a command with this request data, done with success. */
export function eventOf(what: string, time: number, requestData: EventData, caller = ana): ActivityEvent {
  return {
    id: `event-${time}`,
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    eventType: 'activity',
    eventTime: formatEventTime(time),
    action: `hs-crypto.mtlscert-${what}`,
    outcome: 'success',
    message: '',
    severity: 'critical',
    dataEvent: false,
    initiator: {
      id: caller,
      name: 'Ana',
      typeURI: 'service/security/account/user',
      credential: { type: 'token' },
      host: {},
    },
    target: { id: crn, name: 'mtlscert-cert', typeURI: 'hs-crypto/mtlscert-cert' },
    observer: { name: 'ActivityTracker' },
    reason: { reasonCode: 200, reasonType: 'OK' },
    requestData,
    responseData: {},
    logSourceCRN: crn,
    saveServiceCopy: true,
  }
}

/** The same event with other request data. */
export const altered = (event: ActivityEvent, data: EventData): ActivityEvent => ({
  ...event,
  requestData: { ...event.requestData, ...data },
})
