/** Histories of administrators' commands: what is proved by signatures in events alone, and that nothing else is. */
import { sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyProofText } from '../certificate-command.ts'
import type { ActivityEvent } from '../event.ts'
import { formatEventTime } from '../time.ts'
import { textOf } from './command-evidence.ts'
import { type Command, type CommandHistory, historyOf, type Verdict } from './command-history.ts'
import {
  altered,
  ana,
  began,
  crn,
  done,
  eventOf,
  first,
  guid,
  notAfter,
  second,
  stranger,
} from './testing/command-events.ts'

const history = (...events: readonly ActivityEvent[]): Promise<CommandHistory> =>
  historyOf(events.map((event, index) => ({ index, event })))

const commandsIn = async (...events: readonly ActivityEvent[]): Promise<Command[]> =>
  (await history(...events)).administrators.flatMap(({ keys }) => keys.flatMap((key) => key.commands))

const verdicts = async (...events: readonly ActivityEvent[]): Promise<Verdict[]> =>
  (await commandsIn(...events)).toSorted((a, b) => a.index - b.index).map(({ verdict }) => verdict)

const reasons = async (...events: readonly ActivityEvent[]): Promise<string[]> =>
  (await commandsIn(...events)).map(({ why }) => why)

const created = done('admin-key.create', 0, first)
const set = done('cert.set', 10, first)
const updated = done('admin-key.update', 20, first, { next: second })
const removed = done('cert.delete', 30, second)
const given = done('admin-key.delete', 40, second)

test('a whole life is proved, key by key', async () => {
  const told = await history(created, set, done('cert.list', 15, first), updated, removed, given)
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

test('whatever part of an event is altered, its command is proved no more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...parts), fc.nat(200), fc.constantFrom(set, removed), async (part, at, event) => {
      const text = textOf(event.requestData[part]) ?? ''
      // Of a time only what the signed text has of it: milliseconds.
      const place = part === 'timestamp' ? 20 + (at % 3) : at % (text.length - 4)
      const other = text[place] === '1' ? '2' : '1'
      const changed = altered(event, { [part]: text.slice(0, place) + other + text.slice(place + 1) })
      const events = event === set ? [created, changed] : [created, set, updated, changed]
      expect((await verdicts(...events)).at(-1)).toBe('bad')
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['another instance', { ...set, target: { ...set.target, id: crn.replace('us-south', 'eu-de') } }],
  ['another caller', { ...set, initiator: { ...set.initiator, id: 'IBMid-BEN' } }],
  ['another verb', { ...set, action: 'hs-crypto.mtlscert-cert.delete' }],
])('a signature is one of no command with %s', async (_what, event) => {
  const whole = event.target.id === crn && event.initiator.id === ana
  const elsewhere = { ...created, target: event.target, initiator: event.initiator }
  // Where the key is not known at all, nothing is claimed of it; where it is, the signature is seen to be wrong.
  expect((await verdicts(created, event)).at(-1)).toBe(whole ? 'bad' : 'unknown')
  expect(await verdicts(elsewhere, event)).toEqual(whole ? ['good', 'bad'] : ['bad', 'bad'])
})

test('a key that is not in force, or not any more, signs nothing', async () => {
  expect(await reasons(created, updated, done('cert.set', 30, first))).toContain('another key was in force')
  expect(await reasons(created, done('admin-key.delete', 5, first), set)).toContain('no key was in force')
  expect(await reasons(created, done('admin-key.create', 5, stranger))).toContain('another key was in force already')
})

test('a new key that nobody proved to have, or that is not the one named, is told', async () => {
  const unproved = done('admin-key.update', 20, first, { next: second, prover: stranger })
  expect(await reasons(created, unproved)).toContain('nothing proves that whoever named the new key has it')
  const swapped = altered(updated, { publicKey: stranger.spki })
  expect(await reasons(created, swapped)).toContain('its event does not hold the new key')
  expect(await reasons(altered(created, { publicKey: 'AAAA' }))).toEqual(['its event does not hold the new key'])
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
])('an event that tells of %s than was signed proves nothing', async (_what, event) => {
  expect(await verdicts(created, event)).toEqual(['good', 'bad'])
})

test('a server that puts a key of its own in the place of the one that was signed for is told', async () => {
  const { requestData } = updated
  const [timestamp, nonce] = [
    String(Date.parse(textOf(requestData['timestamp']) ?? '')),
    textOf(requestData['commandNonce']) ?? '',
  ]
  const place = { method: 'PUT', path: `/v1/certs/${guid}/adminkey`, instance: crn, caller: ana, timestamp, nonce }
  const proof = sign('sha512', Buffer.from(keyProofText(place, stranger.id)), stranger.key).toString('base64')
  const swapped = altered(updated, { newValue: { keyId: stranger.id }, publicKey: stranger.spki, proof })
  expect(await verdicts(created, swapped)).toEqual(['good', 'bad'])
  expect(await reasons(created, swapped)).toContain('its event tells of something else than was signed')
})

test('what was set cannot be called a recovery', async () => {
  expect(
    await verdicts(created, altered(eventOf('cert.set', began + 9_000, { recovery: true, certificateId: 'x' }), {})),
  ).toEqual(['good', 'bad'])
})

test('a command that is done twice, or long after it was signed, is told', async () => {
  const again = { ...set, eventTime: formatEventTime(began + 60_000) }
  expect(await reasons(created, set, again)).toContain('the same command was done before')
  const late = { ...set, eventTime: formatEventTime(began + 3_600_000) }
  expect(await reasons(created, late)).toContain('it was signed at another time than it was done')
})

test('a command whose event holds no signature is told, but for a recovery, which is told as one', async () => {
  const { signature: _signature, ...rest } = set.requestData
  expect(await reasons(created, { ...set, requestData: rest })).toContain('its event holds no signature')
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
  const told = await history(created, set, recovery, done('admin-key.create', 60, second))
  expect(told.counts).toMatchObject({ good: 3, bad: 0, recovery: 1 })
  expect(told.administrators).toHaveLength(1)
  expect(await reasons(recovery)).toEqual(['by a recovery that IBMid-CLEO proposed and IBMid-DAN approved'])
})

test('what was refused proves and changes nothing', async () => {
  const refused: ActivityEvent = {
    ...done('admin-key.update', 12, stranger, { next: stranger }),
    outcome: 'failure',
    reason: { reasonCode: 403, reasonType: 'Forbidden', reasonForFailure: 'The signature is wrong.' },
  }
  expect(await verdicts(created, refused, set)).toEqual(['good', 'refused', 'good'])
})

test('of a key from before these events nothing is claimed, until a new one has come', async () => {
  expect(await verdicts(set, updated, removed)).toEqual(['unknown', 'unknown', 'good'])
})

test('two administrators are told apart', async () => {
  const ben = 'IBMid-BEN0000001'
  const told = await history(created, done('admin-key.create', 5, second, { caller: ben }), set)
  expect(told.administrators.map(({ id }) => id)).toEqual([ana, ben])
  expect(told.counts.good).toBe(3)
})

test('what is in force at the end is told: keys, certificates, and whether clients need one', async () => {
  const ben = 'IBMid-BEN0000001'
  const certificate = { certId: 'clients', fingerprint: 'ab'.repeat(32), notAfter }
  const late = done('admin-key.create', 35, stranger, { caller: ben })
  const theirs = done('cert.set', 36, stranger, { caller: ben })
  expect((await history(created, set, updated, late, theirs)).inForce).toEqual([
    {
      instance: crn,
      mtlsEnabled: true,
      administrators: [
        { id: ana, name: 'Ana', keyId: second.id, certificates: [certificate] },
        { id: ben, name: 'Ana', keyId: stranger.id, certificates: [certificate] },
      ],
    },
  ])
  const [over] = (await history(created, set, updated, removed, given)).inForce
  expect(over).toMatchObject({ mtlsEnabled: false, administrators: [{ keyId: null, certificates: [] }] })
  // What was refused is not in force, and of what came before nothing is claimed.
  const [refused] = (await history({ ...set, outcome: 'failure' })).inForce
  expect(refused).toMatchObject({ mtlsEnabled: undefined, administrators: [{ keyId: undefined, certificates: [] }] })
})

test('a command that switched mutual TLS says so', async () => {
  const [{ keys } = { keys: [] }] = (await history(created, set, updated, removed)).administrators
  expect(keys.flatMap(({ commands }) => commands.map(({ switched }) => switched))).toEqual([
    undefined,
    'on',
    undefined,
    'off',
  ])
})

test('a key that was never in force is told from the others, and whose it is, if it is that of somebody', async () => {
  const ben = 'IBMid-BEN0000001'
  const foreign: ActivityEvent = { ...done('cert.set', 12, second), outcome: 'failure' }
  const invented: ActivityEvent = { ...done('cert.set', 13, stranger), outcome: 'failure' }
  const [own] = (await history(created, done('admin-key.create', 5, second, { caller: ben }), foreign, invented))
    .administrators
  expect(own?.keys.map(({ keyId, wasInForce, owners }) => [keyId, wasInForce, owners.map(({ id }) => id)])).toEqual([
    [first.id, true, []],
    [second.id, false, [ben]],
    [stranger.id, false, []],
  ])
  // Where the event of that key is not among these, the refused command's own tells whose it is.
  const [alone] = (await history(created, altered(foreign, { keyOwner: ben }))).administrators
  expect(alone?.keys[1]?.owners).toEqual([{ id: ben, name: '' }])
})
