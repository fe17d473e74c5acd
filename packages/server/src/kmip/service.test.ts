/** Who is let in, what the others are told, and where that is recorded: once, and never with a byte that they sent. */
import { randomBytes, X509Certificate } from 'node:crypto'
import type { ActivityEvent } from '@keywitness/cadf'
import { beforeEach, expect, test } from 'vitest'
import { openListeners, policy } from '../policies/testing/listeners.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { fingerprintOf } from '../tls/certificate-pem.ts'
import { deleteAdapter } from './management/delete-adapter.ts'
import { deleteCertificate } from './management/delete-certificate.ts'
import { kmipParts } from './management/testing/adapters.ts'
import { KmipError } from './message/kmip-error.ts'
import type { KmipAnswer, KmipPeer } from './peer.ts'
import { type KmipHouse, openKmipHouse, peerOf } from './testing/kmip-house.ts'
import { aesKey, type OperationName, uid, uidOf } from './testing/messages.ts'
import { read, write } from './testing/written-messages.ts'
import { encode } from './ttlv/encode.ts'
import { enumeration, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

const remove = 'hs-crypto.kmip-management.delete'
const yearMs = 365 * 24 * 3_600_000

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const query = (minor = 4, major = 1): Buffer => write({ version: { major, minor }, items: [{ operation: 'Query' }] })

/** The answer, and the events that came with it. */
async function witnessed(ask: () => Promise<KmipAnswer>): Promise<{ answer: KmipAnswer; events: ActivityEvent[] }> {
  const before = house.events().length
  const answer = await ask()
  return { answer, events: house.events().slice(before) }
}

const asking = (peer: KmipPeer, message: Buffer) => witnessed(() => house.kmip.service.answer(peer, message))
const adapterName = (): string => house.client.adapter.name

const removeCertificate = () =>
  house.run(remove, deleteCertificate(house.call(), adapterName(), 'host', kmipParts(house)))

/** Nobody who may come in, and what is recorded of each. */
const strangers: readonly [string, string, () => Promise<KmipPeer> | KmipPeer][] = [
  [
    'who shows no certificate',
    'KMIP_NO_CERTIFICATE',
    () => ({ fingerprint: undefined, certificate: undefined, address: '127.0.0.1' }),
  ],
  ['whose certificate nobody registered', 'KMIP_UNKNOWN_CERTIFICATE', () => peerOf(selfSigned('nobody').cert)],
  [
    'whose certificate was removed',
    'KMIP_UNKNOWN_CERTIFICATE',
    async () => {
      await removeCertificate()
      return house.client.peer
    },
  ],
  [
    'whose adapter was deleted',
    'KMIP_UNKNOWN_CERTIFICATE',
    async () => {
      await house.run(remove, deleteAdapter(house.call(), adapterName(), kmipParts(house)))
      return house.client.peer
    },
  ],
  [
    'whose certificate has expired',
    'KMIP_CERTIFICATE_EXPIRED',
    () => {
      house.time += 24 * yearMs
      return house.client.peer
    },
  ],
  [
    'whose certificate has a weak key, and was registered by an earlier version',
    'KMIP_CERTIFICATE_WEAK',
    () => {
      const certificate = new X509Certificate(selfSigned('weak', 'rsa', { bits: 1_024 }).cert).raw
      const fingerprint = fingerprintOf(certificate)
      house.store.run('UPDATE kmip_certificates SET certificate = ?, fingerprint = ?', [certificate, fingerprint])
      return { ...house.client.peer, certificate, fingerprint }
    },
  ],
  [
    'whose certificate is not valid yet',
    'KMIP_CERTIFICATE_EXPIRED',
    () => {
      house.time -= 7 * yearMs
      return house.client.peer
    },
  ],
]

test.each(strangers)('%s is refused in its own version, and heard no further', async (_, code, make) => {
  const peer = await make()
  for (const minor of [0, 1, 2, 3, 4]) {
    const { answer, events } = await asking(peer, query(minor))
    const { version, items } = read(answer.bytes)
    expect(answer.close).toBe(true)
    expect(version).toBe(`1.${minor}`)
    expect(items).toMatchObject([{ operation: undefined, reason: 'AuthenticationNotSuccessful', payload: undefined }])
    expect(events).toMatchObject([
      {
        action: 'hs-crypto.kmip-key.default',
        outcome: 'failure',
        severity: 'critical',
        reason: { reasonCode: 401, reasonForFailure: expect.stringMatching(new RegExp(`\\(${code}\\)$`)) },
        initiator: { host: {} },
        requestData: { protocolVersion: `1.${minor}` },
        responseData: { resultReason: 'AuthenticationNotSuccessful' },
      },
    ])
  }
})

test.each(strangers)('%s is refused for that alone, whatever else is wrong', async (_, code, make) => {
  const peer = await make()
  const { service } = house.kmip
  const faults: (() => Promise<KmipAnswer>)[] = [
    () => service.answer(peer, randomBytes(64)),
    () => service.answer(peer, query(0, 3)),
    () =>
      service.answer(peer, write({ version: { major: 1, minor: 0 }, items: [{ operation: 'Query' }], batchCount: 5 })),
    () => service.broken(peer, new KmipError('InvalidMessage', 'The message is too long.')),
    () => service.overloaded(peer),
  ]
  for (const ask of faults) {
    const { answer, events } = await witnessed(ask)
    expect(answer.close).toBe(true)
    expect(read(answer.bytes)).toMatchObject({ version: '1.0', items: [{ reason: 'AuthenticationNotSuccessful' }] })
    expect(events.map(({ reason }) => reason.reasonForFailure)).toEqual([expect.stringContaining(`(${code})`)])
  }
  const { answer, events } = await witnessed(() =>
    service.broken(peer, new KmipError('InvalidMessage', '', { notKmip: true })),
  )
  expect([answer.bytes, answer.close, events.length]).toEqual([undefined, true, 1])
})

test('strangers are the operator’s concern, a client whose certificate has expired its instance’s', async () => {
  const foreign = foreignClient()
  const operator = /:a\/a{32}:::$/
  const told = async (peer: KmipPeer) => (await asking(peer, query())).events.map((event) => event.logSourceCRN)
  house.time += 24 * yearMs
  expect(await told(foreign)).toEqual([house.foreign.crn])
  house.store.run('DELETE FROM kmip_certificates', [])
  expect(await told(foreign)).toEqual([expect.stringMatching(operator)])
  expect(house.lastEvent().initiator).toMatchObject({ id: `CertificateID-${foreign.fingerprint}`, name: 'unknown' })
  expect(house.lastEvent().requestData).toEqual({ protocolVersion: '1.4' })
})

/** The same adapter once more, of another account's instance. */
function copyAdapter(): void {
  house.store.run(
    `INSERT INTO kmip_adapters SELECT ?, id, name, description, profile, crk, created_at, created_by, updated_at, updated_by
      FROM kmip_adapters WHERE id = ?`,
    [house.foreign.guid, house.client.adapter.id],
  )
}

/** A client of an adapter of another account's instance. */
function foreignClient(): KmipPeer {
  const peer = peerOf(selfSigned('foreign').cert)
  copyAdapter()
  house.store.run(
    `INSERT INTO kmip_certificates (instance, adapter, id, name, location, fingerprint, certificate, created_at, created_by)
      VALUES (?, ?, 'foreign', 'host', 'us-south', ?, ?, 0, 'nobody')`,
    [house.foreign.guid, house.client.adapter.id, peer.fingerprint ?? '', peer.certificate ?? Buffer.alloc(0)],
  )
  return peer
}

test('of a certificate that two locations know, the adapter of this one is meant', async () => {
  const id = uidOf(await house.client.ask('Create', aesKey()))
  copyAdapter()
  house.store.run(
    `INSERT INTO kmip_certificates (instance, adapter, id, name, location, fingerprint, certificate, created_at, created_by)
      SELECT ?, adapter, 'elsewhere', name, 'eu-de', fingerprint, certificate, -1, created_by FROM kmip_certificates`,
    [house.foreign.guid],
  )
  expect(await house.client.ask('Get', [uid(id)])).toHaveLength(3)
})

test('failed authentications beyond a few are answered and counted, not recorded', async () => {
  const unknown = peerOf(selfSigned('nobody').cert)
  for (const from of ['192.0.2.1', '192.0.2.2']) {
    const before = house.events().length
    for (let at = 0; at < 25; at++) {
      const { bytes } = await house.kmip.service.answer({ ...unknown, address: from }, query())
      expect(read(bytes).items[0]?.reason).toBe('AuthenticationNotSuccessful')
    }
    expect(house.events().length - before).toBe(20)
  }
  house.time += 24 * yearMs
  const before = house.events().length
  for (let at = 0; at < 25; at++)
    await house.kmip.service.answer({ ...house.client.peer, address: '192.0.2.3' }, query())
  expect(house.events().length - before).toBe(20)
})

test('an instance that takes requests from some addresses only takes none of KMIP from others', async () => {
  const { setInstance } = openListeners(house)
  await setInstance(policy('allowedIP', true, { allowed_ip: ['192.0.2.0/24', '2001:db8::/32'] }))
  const { peer } = house.client
  for (const address of ['192.0.2.7', '2001:db8::1']) {
    expect(read((await asking({ ...peer, address }, query())).answer.bytes).items[0]?.status).toBe('Success')
  }
  const { answer, events } = await asking(peer, query(1))
  expect(answer.close).toBe(true)
  expect(read(answer.bytes)).toMatchObject({ version: '1.1', items: [{ reason: 'PermissionDenied' }] })
  expect(events).toMatchObject([
    { severity: 'critical', reason: { reasonCode: 401 }, logSourceCRN: house.instance.crn, initiator: { host: {} } },
  ])
  expect(JSON.stringify(events)).not.toContain('127.0.0.1')
})

test('until a certificate is registered its messages are short', async () => {
  const { service } = house.kmip
  expect(service.maxBytes(house.client.peer)).toBe(1024 * 1024)
  expect(service.maxBytes(peerOf(selfSigned('nobody').cert))).toBe(16 * 1024)
  expect(service.maxBytes({ fingerprint: undefined, certificate: undefined, address: '::1' })).toBe(16 * 1024)
  await removeCertificate()
  expect(service.maxBytes(house.client.peer)).toBe(16 * 1024)
})

const nothing = '11111111-2222-4333-8444-555555555555'
const reason = structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 1)])
const aimed: readonly (readonly [OperationName, ...ReturnType<typeof uid>[]])[] = [
  ['Get'],
  ['GetAttributes'],
  ['GetAttributeList'],
  ['Check'],
  ['Activate'],
  ['Revoke', reason],
  ['Destroy'],
  ['ReKey'],
  ['AddAttribute', structure(tags.Attribute, [text(tags.AttributeName, 'x-a'), text(tags.AttributeValue, 'b')])],
  ['DeleteAttribute', text(tags.AttributeName, 'x-a')],
]

test('of an object of another adapter is told what is told of none, byte for byte', async () => {
  const stranger = await house.stranger()
  const theirs = uidOf(await stranger.ask('Create', aesKey()))
  for (const [operation, ...payload] of aimed) {
    const answers = [theirs, nothing].map(async (id) => {
      const { answer, events } = await asking(
        house.client.peer,
        write({ version: { major: 1, minor: 2 }, items: [{ operation, payload: [uid(id), ...payload] }] }),
      )
      const [event] = events
      const facts = JSON.stringify([event?.reason, event?.severity, event?.requestData, event?.responseData])
      return [answer.bytes?.toString('hex'), answer.close, facts.replaceAll(id, '…')]
    })
    const [one, other] = await Promise.all(answers)
    expect(one).toEqual(other)
    expect(one?.[2]).toContain('KMIP_ITEM_NOT_FOUND')
  }
  expect(await stranger.ask('GetAttributeList', [uid(theirs)])).not.toHaveLength(0)
})

test('versions that are not spoken are answered in one that is', async () => {
  const { peer } = house.client
  const discover = { operation: 'DiscoverVersions' } as const
  const answers: [number, number, 'DiscoverVersions' | 'Create', string, string][] = [
    [1, 9, 'DiscoverVersions', '1.4', 'Success'],
    [1, 9, 'Create', '1.4', 'InvalidMessage'],
    [2, 0, 'DiscoverVersions', '1.0', 'InvalidMessage'],
    [3, 0, 'DiscoverVersions', '1.0', 'InvalidMessage'],
    [0, 9, 'DiscoverVersions', '1.0', 'InvalidMessage'],
    [1, -1, 'DiscoverVersions', '1.0', 'InvalidMessage'],
    [1, 0, 'DiscoverVersions', '1.0', 'OperationNotSupported'],
    [1, 0, 'Create', '1.0', 'Success'],
  ]
  for (const [major, minor, operation, version, status] of answers) {
    const item = operation === 'Create' ? { operation, payload: aesKey() } : discover
    const { answer } = await asking(peer, write({ version: { major, minor }, items: [item] }))
    const told = read(answer.bytes)
    expect([major, minor, told.version, told.items[0]?.reason ?? told.items[0]?.status]).toEqual([
      major,
      minor,
      version,
      status,
    ])
    expect(answer.close).toBe(false)
  }
})

test('every refused message is one event, without a byte of the client’s', async () => {
  const canary = 'canaryCANARY'
  const spoilt = write({ items: [{ operation: 'Get', payload: [text(tags.UniqueIdentifier, canary)] }] })
  const ofTag = (tag: number) => encode(structure(tag, [text(tags.AttributeName, canary)]))
  const messages: [Buffer, boolean][] = [
    [Buffer.concat([Buffer.from('42007801', 'hex'), Buffer.from(canary)]), true],
    [spoilt.subarray(0, -8), true],
    [Buffer.concat([spoilt, Buffer.from(canary)]), true],
    [ofTag(tags.RequestMessage), false],
    [ofTag(tags.ResponseMessage), false],
    [write({ items: [{ operation: 'Get', id: Buffer.from(canary) }], batchCount: 2 }), false],
    [
      write({ header: [text(tags.ClientCorrelationValue, canary.repeat(100))], items: [{ operation: 'Query' }] }),
      false,
    ],
    [write({ header: [text(tags.AttributeName, canary)], items: [{ operation: 'Query' }] }), false],
  ]
  for (const [message, close] of messages) {
    const { answer, events } = await asking(house.client.peer, message)
    expect(answer.close).toBe(close)
    expect(answer.bytes?.includes(canary)).toBe(false)
    expect(read(answer.bytes).items).toMatchObject([{ operation: undefined, status: 'OperationFailed' }])
    expect(events).toMatchObject([
      {
        action: 'hs-crypto.kmip-key.default',
        reason: { reasonCode: 400 },
        severity: 'warning',
        target: { id: house.instance.crn },
        requestData: { adapterId: house.client.adapter.id, certificateId: expect.any(String) },
        responseData: { resultReason: read(answer.bytes).items[0]?.reason },
      },
    ])
    expect(JSON.stringify(events)).not.toContain(canary)
  }
  expect(house.logged).toEqual([])
})

test('who asks too much is told so and cut off, once', async () => {
  const { answer, events } = await witnessed(() => house.kmip.service.overloaded(house.client.peer))
  expect(answer.close).toBe(true)
  expect(read(answer.bytes).items).toMatchObject([{ reason: 'GeneralFailure', message: 'Too many requests.' }])
  expect(events).toMatchObject([{ reason: { reasonCode: 429 }, severity: 'warning', logSourceCRN: house.instance.crn }])
})
