/** Events of KMIP: every field that the catalogue has is told, nothing else, and each weighs what it should. */
import { type ActivityEvent, catalogue } from '@keywitness/cadf'
import { beforeEach, expect, test } from 'vitest'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { activePair, parametersOf } from './testing/key-pairs.ts'
import { aesKey, aesTemplate, type Asked, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { bytesAt } from './testing/payloads.ts'
import { read, write, type WrittenItem } from './testing/written-messages.ts'
import {
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  interval,
  type Item,
  longInteger,
  structure,
  text,
} from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const activation = attribute('Activation Date', dateTime(0, 0n))
const nothing = '11111111-2222-4333-8444-555555555555'
const ecb = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 2)])
const block = bytes(tags.Data, Buffer.alloc(16))
const revocation = (code: number, ...more: Item[]): Item[] => [
  structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, code)]),
  ...more,
]
const created = async (more: readonly Item[] = [], mask?: number): Promise<string> =>
  uidOf(await house.client.ask('Create', aesKey(more, mask)))

/** The events of one message. */
async function told(items: readonly WrittenItem[], header: readonly Item[] = []): Promise<ActivityEvent[]> {
  const before = house.events().length
  await house.client.raw(write({ items, header }))
  return house.events().slice(before)
}

async function one(asked: Asked): Promise<ActivityEvent> {
  const [event, ...more] = await told([asked])
  if (event === undefined || more.length > 0) throw new Error('there is not one event')
  return event
}

const weighed = ({ action, outcome, severity, reason }: ActivityEvent): unknown[] => [
  action.replace('hs-crypto.', ''),
  outcome,
  reason.reasonCode,
  severity,
]

test('each operation weighs what it does, and each refusal what it is refused for', async () => {
  const id = await created([activation])
  const idle = await created()
  const wrong: Item = structure(tags.TemplateAttribute, [])
  const steps: readonly (readonly [Asked, string, string, number, string])[] = [
    [{ operation: 'Create', payload: aesKey() }, 'kmip-key.create', 'success', 201, 'normal'],
    [
      { operation: 'Create', payload: [enumeration(tags.ObjectType, 2), wrong] },
      'kmip-key.create',
      'failure',
      400,
      'warning',
    ],
    [{ operation: 'ReKey', payload: [uid(id)] }, 'kmip-key.create', 'success', 201, 'normal'],
    [{ operation: 'ReKey', payload: [uid(id)] }, 'kmip-key.create', 'failure', 409, 'warning'],
    [{ operation: 'Get', payload: [uid(id)] }, 'kmip-key.read', 'success', 200, 'normal'],
    [{ operation: 'Get', payload: [uid(nothing)] }, 'kmip-key.read', 'failure', 404, 'warning'],
    [{ operation: 'Check', payload: [uid(id)] }, 'kmip-key.read', 'success', 200, 'normal'],
    [{ operation: 'Locate' }, 'kmip-key.list', 'success', 200, 'normal'],
    [{ operation: 'GetAttributes', payload: [uid(id)] }, 'kmip-key-attributes.retrieve', 'success', 200, 'normal'],
    [
      { operation: 'AddAttribute', payload: [uid(id), attribute('x-a', text(0, 'b'))] },
      'kmip-key-attributes.update',
      'success',
      200,
      'normal',
    ],
    [
      { operation: 'AddAttribute', payload: [uid(id), attribute('Deactivation Date', dateTime(0, 2n ** 40n))] },
      'kmip-key-attributes.update',
      'success',
      200,
      'warning',
    ],
    [
      { operation: 'ModifyAttribute', payload: [uid(id), attribute('State', enumeration(0, 1))] },
      'kmip-key-attributes.update',
      'failure',
      409,
      'warning',
    ],
    [{ operation: 'Encrypt', payload: [uid(id), ecb, block] }, 'kmip-key.use', 'success', 200, 'normal'],
    [
      { operation: 'Decrypt', payload: [uid(id), ecb, bytes(tags.Data, Buffer.alloc(3))] },
      'kmip-key.use',
      'failure',
      422,
      'warning',
    ],
    [{ operation: 'Activate', payload: [uid(idle)] }, 'kmip-key.activate', 'success', 200, 'normal'],
    [{ operation: 'Activate', payload: [uid(idle)] }, 'kmip-key.activate', 'failure', 409, 'warning'],
    [{ operation: 'Destroy', payload: [uid(idle)] }, 'kmip-key.destroy', 'failure', 409, 'critical'],
    [{ operation: 'Revoke', payload: [uid(idle), ...revocation(4)] }, 'kmip-key.revoke', 'success', 200, 'warning'],
    [{ operation: 'Revoke', payload: [uid(idle), ...revocation(2)] }, 'kmip-key.revoke', 'success', 200, 'critical'],
    [{ operation: 'Revoke', payload: [uid(id), ...revocation(3)] }, 'kmip-key.revoke', 'success', 200, 'critical'],
    [{ operation: 'Destroy', payload: [uid(id)] }, 'kmip-key.destroy', 'success', 200, 'critical'],
    [{ operation: 'Certify' }, 'kmip-key.default', 'failure', 400, 'warning'],
    [{ operation: 'Query', payload: [uid(id)] }, 'kmip-key.default', 'failure', 400, 'warning'],
  ]
  for (const [asked, ...expected] of steps) expect(weighed(await one(asked))).toEqual(expected)
  expect(await told([{ operation: 'Query' }, { operation: 'DiscoverVersions' }])).toEqual([])
})

/** Messages in which every field of every action occurs. */
async function everyField(): Promise<void> {
  const password = structure(tags.Credential, [
    enumeration(tags.CredentialType, 1),
    structure(tags.CredentialValue, [text(tags.Username, 'user'), text(tags.Password, 'word')]),
  ])
  const header = [
    text(tags.ClientCorrelationValue, 'night\u202ely \n job'),
    structure(tags.Authentication, [password]),
    enumeration(tags.BatchErrorContinuationOption, 3),
    dateTime(tags.TimeStamp, 1_000_000n),
  ]
  const id = await created([activation, nameAttribute('named')], 12 | 16)
  const idle = await created([nameAttribute('idle')])
  const wrapping = structure(tags.KeyWrappingSpecification, [
    enumeration(tags.WrappingMethod, 1),
    structure(tags.EncryptionKeyInformation, [uid(id)]),
    enumeration(tags.EncodingOption, 1),
  ])
  const every: readonly Asked[] = [
    { operation: 'Get', payload: [uid(idle), wrapping] },
    { operation: 'Locate', payload: [nameAttribute('idle')] },
    { operation: 'GetAttributes', payload: [uid(id), text(tags.AttributeName, 'State')] },
    { operation: 'Encrypt', payload: [uid(id), ecb, block] },
    { operation: 'AddAttribute', payload: [uid(idle), attribute('Activation Date', dateTime(0, 0n))] },
    { operation: 'ModifyAttribute', payload: [uid(idle), attribute('Sensitive', boolean(0, false))] },
    { operation: 'ModifyAttribute', payload: [uid(idle), attribute('Extractable', boolean(0, true))] },
    { operation: 'ReKey', payload: [uid(id), interval(tags.Offset, 0)] },
    { operation: 'Revoke', payload: [uid(id), ...revocation(4)] },
    { operation: 'Revoke', payload: [uid(id), ...revocation(2, dateTime(tags.CompromiseOccurrenceDate, 1_000n))] },
    { operation: 'Destroy', payload: [uid(id)] },
  ]
  await deriveAndVerify()
  const spare = await created()
  for (let at = 0; at < 2; at++) await told([{ operation: 'Activate', payload: [uid(spare)] }])
  for (const asked of every) {
    await told([asked])
    await told([{ operation: asked.operation, payload: [uid(nothing)] }])
    await told([asked, { operation: 'Get', payload: [uid(nothing)] }], header)
  }
  await told([{ operation: 'Certify' }], header.slice(0, 2))
  await house.client.raw(write({ items: [{ operation: 'Query' }], batchCount: 2 }))
}

/** What only pairs, derived keys and what they verify tell. */
async function deriveAndVerify(): Promise<void> {
  const { privateKey, publicKey } = await activePair(house.client)
  const parameters = parametersOf({ hash: 'SHA_256' })
  const data = bytes(tags.Data, Buffer.from('text'))
  const [signed] = await house.client.send([{ operation: 'Sign', payload: [uid(privateKey), parameters, data] }])
  const signature = bytes(tags.SignatureData, bytesAt(signed?.fields ?? [], tags.SignatureData))
  await told([{ operation: 'SignatureVerify', payload: [uid(publicKey), parameters, data, signature] }])
  const base = await created([activation], 0x200)
  const derivation = structure(tags.DerivationParameters, [parameters])
  const payload = [enumeration(tags.ObjectType, 2), uid(base), enumeration(tags.DerivationMethod, 2), derivation]
  await told([{ operation: 'DeriveKey', payload: [...payload, aesTemplate()] }])
}

function membersOf(data: object): string[] {
  return Object.entries(data).flatMap(([name, value]) =>
    name === 'initialValue' || name === 'newValue'
      ? Object.keys(value as object).map((inner) => `${name}.${inner}`)
      : [name],
  )
}

test('every field that the catalogue has of an action is told somewhere', async () => {
  await everyField()
  const entries = catalogue.all().filter(({ family, retired }) => family === 'kmip' && retired !== true)
  expect(entries.length).toBe(10)
  const common = new Set(catalogue.entry('hs-crypto.kmip-key.default')?.request.map(({ name }) => name))
  const anywhere = new Set<string>()
  for (const { action, request, response } of entries) {
    const events = house.events().filter((event) => event.action === action)
    expect([action, events.length > 0]).toEqual([action, true])
    const seen = new Set(events.flatMap((event) => [...membersOf(event.requestData), ...membersOf(event.responseData)]))
    for (const name of seen) anywhere.add(name)
    const own = [...request, ...response].map(({ name }) => name).filter((name) => !common.has(name))
    expect([action, own.filter((name) => !seen.has(name))]).toEqual([action, []])
  }
  expect([...common].filter((name) => !anywhere.has(name))).toEqual([])
})

test('events of KMIP come from the certificate, without an address, under the correlation id that the client was told', async () => {
  const before = house.events().length
  const items: WrittenItem[] = [{ operation: 'Create', payload: aesKey([nameAttribute('vm-7')]) }, { operation: 'Get' }]
  const header = [text(tags.ClientCorrelationValue, 'mine')]
  const answer = read((await house.client.raw(write({ items, header }))).bytes)
  const { correlationId } = answer
  const id = uidOf(answer.items[0]?.payload ?? [])
  const [made, got] = house.events().slice(before)
  for (const event of [made, got]) {
    expect(event).toMatchObject({
      correlationId,
      dataEvent: true,
      initiator: { id: `CertificateID-${house.client.peer.fingerprint}`, name: 'host', host: {} },
      logSourceCRN: house.instance.crn,
      requestData: { instanceID: house.instance.guid, protocolVersion: '1.4', batchCount: 2 },
      target: {
        name: 'vm-7',
        id: `${house.instance.crn.slice(0, -1)}kmip-object:${id}`,
      },
    })
    expect(JSON.stringify(event)).not.toContain('127.0.0.1')
  }
  expect(correlationId).toMatch(/^[0-9a-f-]{36}$/)
})

test('what a client calls things is told so that no line can be made to say something else', async () => {
  const name = `a\u202eb\r\nc\u0001${'d'.repeat(600)}`
  const id = await created([nameAttribute(name), attribute('x-\u202e evil\n"name"', text(0, 'value'))])
  const [made] = house.events().slice(-1)
  expect(made?.target.name).toMatch(/^a\ufffdb\ufffd\ufffdc\ufffdd+…$/)
  expect(made?.target.name).toHaveLength(256)
  expect(made?.requestData['attributeNames']).toContain('x-__evil__name_')
  const header = [text(tags.ClientCorrelationValue, `${'\u{1f511}'.repeat(80)}\u2028`)]
  const [got] = await told([{ operation: 'Get', payload: [uid(id)], id: Buffer.alloc(500, 7) }], header)
  expect(got?.outcome).toBe('success')
  expect(got?.requestData['clientCorrelationValue']).toHaveLength(128)
  expect(got?.requestData['uniqueBatchItemId']).toBe('07'.repeat(32))
  const [empty] = await told([{ operation: 'Get', payload: [uid(id)] }], [text(tags.ClientCorrelationValue, '')])
  expect(empty?.outcome).toBe('success')
})

test('a clock that is off is told, however far, and changes nothing', async () => {
  for (const [ahead, skew] of [
    [60n, undefined],
    [61n, 61],
    [-3_600n, -3_600],
    [2n ** 60n, undefined],
  ] as const) {
    const stamp = dateTime(tags.TimeStamp, BigInt(Math.floor(house.time / 1_000)) + ahead)
    const [event] = await told([{ operation: 'Locate' }], [stamp])
    expect([event?.outcome, event?.requestData['clientClockSkewSeconds']]).toEqual(['success', skew])
  }
})

test('the version that is told is that of the message, not of the answer', async () => {
  const before = house.events().length
  const payload = [boolean(tags.BatchOrderOption, true), integer(tags.Offset, 1)]
  await house.client.raw(
    write({
      version: { major: 1, minor: 9 },
      items: [{ operation: 'Query', payload: [longInteger(tags.QueryFunction, 1n), ...payload] }],
    }),
  )
  expect(house.events().slice(before)).toMatchObject([{ outcome: 'failure', requestData: { protocolVersion: '1.9' } }])
})
