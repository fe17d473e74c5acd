/** Histories of administrators' commands: what is proved by signatures in events alone, and that nothing else is. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  type ActivityEvent,
  certificateCommandText,
  type CommandPlace,
  type EventData,
  formatEventTime,
  keyCommandBody,
  keyProofText,
} from '@keywitness/cadf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textOf } from '../../src/cert/command-evidence.ts'
import { type CommandHistory, historyOf, type Verdict } from '../../src/cert/command-history.ts'
import { historyText } from '../../src/cert/history-text.ts'

const guid = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${'a'.repeat(32)}:${guid}::`
const ana = 'IBMid-ANA0000001'
const began = Date.UTC(2026, 10, 25, 20)
const notAfter = '2027-11-25T20:00:00Z'

interface Signer {
  readonly id: string
  readonly spki: string
  readonly key: KeyObject
}

function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(der).digest('hex'), spki: der.toString('base64'), key: privateKey }
}

const [first, second, stranger] = [newSigner(), newSigner(), newSigner()]

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
function done(
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

function eventOf(what: string, time: number, requestData: EventData, caller = ana): ActivityEvent {
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

const history = (...events: readonly ActivityEvent[]): CommandHistory =>
  historyOf(events.map((event, index) => ({ index, event })))

const verdicts = (...events: readonly ActivityEvent[]): Verdict[] =>
  history(...events)
    .administrators.flatMap(({ keys }) => keys.flatMap(({ commands }) => commands))
    .toSorted((a, b) => a.index - b.index)
    .map(({ verdict }) => verdict)

const reasons = (...events: readonly ActivityEvent[]): string[] =>
  history(...events).administrators.flatMap(({ keys }) =>
    keys.flatMap(({ commands }) => commands.map(({ why }) => why)),
  )

/** The same event with other request data. */
const altered = (event: ActivityEvent, data: EventData): ActivityEvent => ({
  ...event,
  requestData: { ...event.requestData, ...data },
})

const created = done('admin-key.create', 0, first)
const set = done('cert.set', 10, first)
const updated = done('admin-key.update', 20, first, { next: second })
const removed = done('cert.delete', 30, second)
const given = done('admin-key.delete', 40, second)

test('a whole life is proved, key by key', () => {
  const told = history(created, set, done('cert.list', 15, first), updated, removed, given)
  expect(told.counts).toEqual({ good: 5, bad: 0, unknown: 0, recovery: 0, refused: 0 })
  expect(told.readings).toBe(1)
  expect(told.administrators).toHaveLength(1)
  const [{ id, instance, keys } = { id: '', instance: '', keys: [] }] = told.administrators
  expect([id, instance]).toEqual([ana, crn])
  expect(keys.map(({ keyId, commands }) => [keyId, commands.map(({ index }) => index)])).toEqual([
    [first.id, [0, 1, 3]],
    [second.id, [4, 5]],
  ])
  expect(keys[0]?.commands.map(({ what, detail }) => [what, detail])).toEqual([
    ['made the signature key', ''],
    ['set certificate clients', `SHA-256 ${'ab'.repeat(32)}`],
    ['replaced the signature key', `new key ${second.id}`],
  ])
})

const parts = ['requestURI', 'timestamp', 'commandNonce', 'contentHash', 'signature'] as const

test('whatever part of an event is altered, its command is proved no more', () => {
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.nat(200), fc.constantFrom(set, removed), (part, at, event) => {
      const text = textOf(event.requestData[part]) ?? ''
      // Of a time only what the signed text has of it: milliseconds.
      const place = part === 'timestamp' ? 20 + (at % 3) : at % (text.length - 4)
      const other = text[place] === '1' ? '2' : '1'
      const changed = altered(event, { [part]: text.slice(0, place) + other + text.slice(place + 1) })
      const events = event === set ? [created, changed] : [created, set, updated, changed]
      expect(verdicts(...events).at(-1)).toBe('bad')
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['another instance', { ...set, target: { ...set.target, id: crn.replace('us-south', 'eu-de') } }],
  ['another caller', { ...set, initiator: { ...set.initiator, id: 'IBMid-BEN' } }],
  ['another verb', { ...set, action: 'hs-crypto.mtlscert-cert.delete' }],
])('a signature is one of no command with %s', (_what, event) => {
  const whole = event.target.id === crn && event.initiator.id === ana
  const elsewhere = { ...created, target: event.target, initiator: event.initiator }
  // Where the key is not known at all, nothing is claimed of it; where it is, the signature is seen to be wrong.
  expect(verdicts(created, event).at(-1)).toBe(whole ? 'bad' : 'unknown')
  expect(verdicts(elsewhere, event)).toEqual(whole ? ['good', 'bad'] : ['bad', 'bad'])
})

test('a key that is not in force, or not any more, signs nothing', () => {
  expect(reasons(created, updated, done('cert.set', 30, first))).toContain('another key was in force')
  expect(reasons(created, done('admin-key.delete', 5, first), set)).toContain('no key was in force')
  expect(reasons(created, done('admin-key.create', 5, stranger))).toContain('another key was in force already')
})

test('a new key that nobody proved to have, or that is not the one named, is told', () => {
  const unproved = done('admin-key.update', 20, first, { next: second, prover: stranger })
  expect(reasons(created, unproved)).toContain('nothing proves that whoever named the new key has it')
  const swapped = altered(updated, { publicKey: stranger.spki })
  expect(reasons(created, swapped)).toContain('its event does not hold the new key')
  expect(reasons(altered(created, { publicKey: 'AAAA' }))).toEqual(['its event does not hold the new key'])
})

test.each([
  ['another certificate', altered(set, { certificateId: 'theirs' })],
  [
    'a certificate, which was a key',
    { ...updated, action: set.action, requestData: { ...updated.requestData, keyId: first.id } },
  ],
  [
    'a key, which was a certificate',
    altered({ ...done('cert.delete', 30, first), action: given.action }, { certificateId: 'x' }),
  ],
  ['another instance by its path', altered(set, { requestURI: `/v1/certs/${guid.replace('1', '2')}/certs/clients` })],
])('an event that tells of %s than was signed proves nothing', (_what, event) => {
  expect(verdicts(created, event)).toEqual(['good', 'bad'])
})

test('a server that puts a key of its own in the place of the one that was signed for is told', () => {
  const { requestData } = updated
  const [timestamp, nonce] = [
    String(Date.parse(textOf(requestData['timestamp']) ?? '')),
    textOf(requestData['commandNonce']) ?? '',
  ]
  const place = { method: 'PUT', path: `/v1/certs/${guid}/adminkey`, instance: crn, caller: ana, timestamp, nonce }
  const proof = sign('sha512', Buffer.from(keyProofText(place, stranger.id)), stranger.key).toString('base64')
  const swapped = altered(updated, { newValue: { keyId: stranger.id }, publicKey: stranger.spki, proof })
  expect(verdicts(created, swapped)).toEqual(['good', 'bad'])
  expect(reasons(created, swapped)).toContain('its event tells of something else than was signed')
})

test('what was set cannot be called a recovery', () => {
  expect(
    verdicts(created, altered(eventOf('cert.set', began + 9_000, { recovery: true, certificateId: 'x' }), {})),
  ).toEqual(['good', 'bad'])
})

test('a command that is done twice, or long after it was signed, is told', () => {
  const again = { ...set, eventTime: formatEventTime(began + 60_000) }
  expect(reasons(created, set, again)).toContain('the same command was done before')
  const late = { ...set, eventTime: formatEventTime(began + 3_600_000) }
  expect(reasons(created, late)).toContain('it was signed at another time than it was done')
})

test('a command whose event holds no signature is told, but for a recovery, which is told as one', () => {
  const { signature: _signature, ...rest } = set.requestData
  expect(reasons(created, { ...set, requestData: rest })).toContain('its event holds no signature')
  const recovery = eventOf(
    'admin-key.delete',
    began + 50_000,
    {
      recovery: true,
      administrator: ana,
      proposedBy: 'IBMid-CLEO',
      approvedBy: 'IBMid-DAN',
      keyId: first.id,
    },
    'keywitness',
  )
  const told = history(created, set, recovery, done('admin-key.create', 60, second))
  expect(told.counts).toMatchObject({ good: 3, bad: 0, recovery: 1 })
  expect(told.administrators).toHaveLength(1)
  expect(reasons(recovery)).toEqual(['by a recovery that IBMid-CLEO proposed and IBMid-DAN approved'])
})

test('what was refused proves and changes nothing', () => {
  const refused: ActivityEvent = {
    ...done('admin-key.update', 12, stranger, { next: stranger }),
    outcome: 'failure',
    reason: { reasonCode: 403, reasonType: 'Forbidden', reasonForFailure: 'The signature is wrong.' },
  }
  expect(verdicts(created, refused, set)).toEqual(['good', 'refused', 'good'])
})

test('of a key from before these events nothing is claimed, until a new one has come', () => {
  expect(verdicts(set, updated, removed)).toEqual(['unknown', 'unknown', 'good'])
})

test('two administrators are told apart', () => {
  const ben = 'IBMid-BEN0000001'
  const told = history(created, done('admin-key.create', 5, second, { caller: ben }), set)
  expect(told.administrators.map(({ id }) => id)).toEqual([ana, ben])
  expect(told.counts.good).toBe(3)
})

test('what is in force at the end is told: keys, certificates, and whether clients need one', () => {
  const ben = 'IBMid-BEN0000001'
  const certificate = { certId: 'clients', fingerprint: 'ab'.repeat(32), notAfter }
  const late = done('admin-key.create', 35, stranger, { caller: ben })
  const theirs = done('cert.set', 36, stranger, { caller: ben })
  expect(history(created, set, updated, late, theirs).inForce).toEqual([
    {
      instance: crn,
      mtlsEnabled: true,
      administrators: [
        { id: ana, name: 'Ana', keyId: second.id, certificates: [certificate] },
        { id: ben, name: 'Ana', keyId: stranger.id, certificates: [certificate] },
      ],
    },
  ])
  const [over] = history(created, set, updated, removed, given).inForce
  expect(over).toMatchObject({ mtlsEnabled: false, administrators: [{ keyId: null, certificates: [] }] })
  // What was refused is not in force, and of what came before nothing is claimed.
  const [refused] = history({ ...set, outcome: 'failure' }).inForce
  expect(refused).toMatchObject({ mtlsEnabled: undefined, administrators: [{ keyId: undefined, certificates: [] }] })
})

test('a command that switched mutual TLS says so', () => {
  const [{ keys } = { keys: [] }] = history(created, set, updated, removed).administrators
  expect(keys.flatMap(({ commands }) => commands.map(({ switched }) => switched))).toEqual([
    undefined,
    'on',
    undefined,
    'off',
  ])
})

test('a key that was never in force is told from the others, and whose it is, if it is that of somebody', () => {
  const ben = 'IBMid-BEN0000001'
  const foreign: ActivityEvent = { ...done('cert.set', 12, second), outcome: 'failure' }
  const invented: ActivityEvent = { ...done('cert.set', 13, stranger), outcome: 'failure' }
  const [own] = history(created, done('admin-key.create', 5, second, { caller: ben }), foreign, invented).administrators
  expect(own?.keys.map(({ keyId, wasInForce, owners }) => [keyId, wasInForce, owners.map(({ id }) => id)])).toEqual([
    [first.id, true, []],
    [second.id, false, [ben]],
    [stranger.id, false, []],
  ])
  // Where the event of that key is not among these, the refused command's own tells whose it is.
  const [alone] = history(created, altered(foreign, { keyOwner: ben })).administrators
  expect(alone?.keys[1]?.owners).toEqual([{ id: ben, name: '' }])
})

test('the text says how much is proved, and puts no key that was never in force among those that were', () => {
  const io = { out: { isTerminal: true, columns: 80 }, environment: { NO_COLOR: '1' }, now: () => began } as never
  const other: ActivityEvent = { ...done('cert.set', 12, stranger), outcome: 'failure' }
  const text = historyText(io, history(created, set, other, updated))
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(text).toContain('4 commands: 3 proved, 0 not proved, 1 refused\n')
  expect(text).toContain('      mutual TLS went ON\n')
  expect(text.match(/^ {2}key [0-9a-f]{64}$/gm)).toEqual([`  key ${first.id}`])
  expect(text).toContain(
    `\n  with no key of theirs that was in force\n    – 2026-11-25 20:00:12  set certificate clients`,
  )
  expect(text).toContain(`\nIn force at the end\n  mutual TLS: on\n  Ana (${ana})\n    key ${second.id}\n`)
  expect(text).toContain('    certificate clients, ends 2027-11-25 20:00:00\n')
})
