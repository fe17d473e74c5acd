/** Requests to a crypto unit that are none, too many, too late or disguised: each is answered, and witnessed as what it is. */
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ActivityEvent } from '@keywitness/cadf'
import { encodeAdminRequest, encodeInfoRequest } from '@keywitness/crypto-unit/tke/admin-message'
import { attributes, encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import { encodeQueryBlock, queries } from '@keywitness/crypto-unit/tke/command-block'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { pointOfKey } from '@keywitness/crypto-unit/tke/p521'
import { encodeHolderCertificate, encodeParameters, parameters } from '@keywitness/crypto-unit/tke/parameter-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, newSigner, type Reply } from '../src/index.ts'
import { actions, empty, failureOf, type OpenUnit, openUnit, pairOf } from './open-unit.ts'
import { secondAdministrator } from './second-person.ts'

let own: OpenUnit

beforeAll(async () => {
  own = await openUnit()
})
afterAll(async () => {
  await own.product.stop()
  own.product.remove()
})

describe('what is no command', () => {
  test.each([
    ['no JSON', '{', 400],
    ['no text', JSON.stringify({ request: 7 }), 400],
    ['nothing', '', 400],
    ['a list', '[]', 400],
  ])('%s as a body is refused with 400, and witnessed', async (_, body, status) => {
    const refused = await own.client.call('POST', own.path, { body })
    expect(refused.status).toBe(status)
    expect(failureOf(await own.client.event(refused.eventId))).toEqual([
      actions.byDefault,
      'failure',
      'critical',
      400,
      own.unit.location,
      own.unit.location,
    ])
  })

  const refusing: readonly (readonly [string, () => string])[] = [
    ['garbage', () => 'garbage'],
    ['an empty text', () => ''],
    ['a query with half a byte', () => `${own.query()}0`],
    ['DER that is none', () => own.htp(Buffer.from('garbage'))],
    [
      'a command that no domain has',
      () => own.htp(encodeAdminRequest(own.unit.domainIndex, encodeQueryBlock(0x1d, own.unit.domainIndex), [])),
    ],
  ]
  test.each(refusing)(
    '%s is answered in the form of the protocol, and witnessed as a request that is not valid',
    async (_, text) => {
      const answer = await own.post(text())
      expect([answer.status, typeof answer.json.response]).toEqual([200, 'string'])
      const event = await own.client.event(answer.eventId)
      expect(failureOf(event)).toEqual([
        actions.byDefault,
        'failure',
        'critical',
        400,
        own.unit.location,
        own.unit.location,
      ])
      expect(event.reason).toMatchObject({
        reasonType: 'Bad Request',
        reasonForFailure: 'The request is not one that a crypto unit knows.',
      })
    },
  )

  test('a text that is far too long is answered like any other that is none', async () => {
    const request = `9;PCI request;XPNUM   ;0;        ;${'0'.repeat(900_000)}`
    const body = gzipSync(JSON.stringify({ request }))
    const answer = await own.client.call<{ response: string }>('POST', own.path, {
      body,
      headers: { 'content-encoding': 'gzip' },
    })
    expect(answer.status).toBe(200)
    expect(answer.json.response).toContain('11 ')
    expect((await own.client.event(answer.eventId)).reason.reasonCode).toBe(400)
  })

  test('a unit that does not exist is 404, for commands and for queries', async () => {
    const at = `${own.hsms}/${randomUUID()}`
    const asked = await own.post(own.query(), own.client, at)
    expect(asked.status).toBe(404)
    const { name } = (await own.client.event(asked.eventId)).target
    expect(failureOf(await own.client.event(asked.eventId))).toEqual([
      actions.read,
      'failure',
      'critical',
      404,
      name,
      undefined,
    ])
    const sent = await own.post(await own.command('ZEROIZE'), own.client, at)
    expect(sent.status).toBe(404)
    expect(failureOf(await own.client.event(sent.eventId))).toEqual([
      actions.reset,
      'failure',
      'critical',
      404,
      name,
      undefined,
    ])
  })
})

describe('many at once', () => {
  const versionNow = async (): Promise<number> =>
    (await own.tke.wire.list()).find(({ id }) => id === own.unit.id)?.version ?? 0

  async function eventsOf(replies: readonly Reply[]): Promise<ActivityEvent[]> {
    return Promise.all(replies.map(({ eventId }) => own.client.event(eventId)))
  }

  test('of two commands with one counter one is carried out and one refused, and both are witnessed', async () => {
    const texts = [
      await own.command('CLEAR_NEW', empty, own.signers.slice(0, 1)),
      await own.command('CLEAR_NEW', empty, own.signers.slice(1)),
    ]
    const answers = await Promise.all(texts.map((text) => own.post(text)))
    expect(answers.map(pairOf).toSorted()).toEqual(['0/0', '163/19'])
    const events = await eventsOf(answers)
    expect(events.map(({ reason }) => reason.reasonCode).toSorted((a, b) => a - b)).toEqual([200, 500])
    const refused = events.find(({ outcome }) => outcome === 'failure')
    expect(refused?.reason.reasonForFailure).toBe('The transaction counter was used before (163/19).')
  })

  test('of commands with rising counters each is answered and witnessed, with a revision of its own', async () => {
    const before = await versionNow()
    const texts = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        own.command('CLEAR_NEW', empty, own.signers.slice(0, 1), BigInt(index + 1)),
      ),
    )
    const answers = await Promise.all(texts.map((text) => own.post(text)))
    // On a slow disk those at the end wait for their turn for longer than anyone may, and are refused.
    const pairs = answers.map((answer) => (answer.status === 503 ? 'no turn' : pairOf(answer)))
    expect(pairs).toContain('0/0')
    for (const pair of pairs) expect(['0/0', '163/19', 'no turn']).toContain(pair)
    const events = await eventsOf(answers)
    expect(events.map(({ reason }) => reason.reasonCode)).toEqual(
      pairs.map((pair) => (pair === '0/0' ? 200 : pair === 'no turn' ? 503 : 500)),
    )
    const done = events.filter(({ outcome }) => outcome === 'success')
    expect(done.length).toBe(pairs.filter((pair) => pair === '0/0').length)
    const revisions = done.map(({ responseData }) => (responseData as { unitRevision: number }).unitRevision)
    expect(new Set(revisions).size).toBe(done.length)
    expect(await versionNow()).toBe(Math.max(...revisions))
    expect(await versionNow()).toBe(before + done.length)
  })

  test('more than may wait are refused at once, and that is witnessed too', async () => {
    const text = await own.command('CLEAR_NEW', empty, [])
    const answers = await Promise.all(Array.from({ length: 200 }, () => own.post(text)))
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 503])
    const events = await eventsOf(answers)
    for (const [index, event] of events.entries()) {
      expect(event.reason.reasonCode).toBe(answers[index]?.status === 200 ? 500 : 503)
      expect(event.action).toBe(actions.clearNew)
    }
  })

  test('callers without a role do not keep administrators waiting', async () => {
    const scope = { kind: 'instance', id: own.product.instance }
    const apiKey = await secondAdministrator(own.client, 'in the way', scope, 'Reader')
    const other = await new Client({ ...own.product, apiKey }).signIn()
    const text = await own.command('CLEAR_NEW')
    const crowd = Array.from({ length: 150 }, () => own.post(text, other))
    const answer = await own.post(text)
    expect(pairOf(answer)).toBe('0/0')
    expect(new Set((await Promise.all(crowd)).map(({ status }) => status))).toEqual(new Set([401]))
  })
})

test('a unit that does not answer is 503, and the attempt is witnessed', async () => {
  const text = await own.command('CLEAR_NEW')
  const { unitPid = 0 } = own.product
  process.kill(unitPid, 'SIGSTOP')
  try {
    for (const [request, action] of [
      [text, actions.clearNew],
      [own.query(), actions.read],
    ] as const) {
      const refused = await own.post(request)
      expect(refused.status).toBe(503)
      expect(failureOf(await own.client.event(refused.eventId))).toEqual([
        action,
        'failure',
        'critical',
        503,
        own.unit.location,
        action === actions.read ? undefined : own.unit.location,
      ])
    }
  } finally {
    process.kill(unitPid, 'SIGCONT')
  }
  expect(pairOf(await own.post(await own.command('CLEAR_NEW')))).toBe('0/0')
})

describe('a master key cannot leave under another name', () => {
  test('a digit that only looks like one makes a request no command, for the unit too', async () => {
    const holder = newSigner('holder')
    const permit = encodeAttributes([[attributes.PERMISSIONS, 0x81ff_0017]])
    expect(pairOf(await own.post(await own.command('SET_ATTRIBUTES', permit)))).toBe('0/0')
    const payload = encodeParameters([
      { type: parameters.PART_LIMIT, index: 1, data: empty },
      { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(pointOfKey(holder.key)) },
    ])
    const text = await own.command('EXPORT', payload)
    // Cut to a byte, each of these is the digit that it stands for.
    const at = text.lastIndexOf(';') + 1
    const disguised = text.slice(0, at) + text.slice(at).replace('0', String.fromCodePoint(0x130))
    expect(disguised.length).toBe(text.length)
    const answer = await own.post(disguised)
    expect(() => pairOf(answer)).toThrow('hexadecimal')
    expect((await own.client.event(answer.eventId)).action).toBe(actions.byDefault)
    const exported = await own.post(text)
    expect(pairOf(exported)).toBe('0/0')
    expect(await own.client.event(exported.eventId)).toMatchObject({
      action: 'hs-crypto.tke-cryptounit-master-key.export',
      outcome: 'success',
    })
  })
})

test('queries of every kind leave no event, and no counter', async () => {
  const before = await own.tke.state(own.unit)
  const texts = [
    ...Object.values(queries).map((id) =>
      encodeAdminRequest(own.unit.domainIndex, encodeQueryBlock(id, own.unit.domainIndex), []),
    ),
    encodeAdminRequest(own.unit.domainIndex, encodeQueryBlock(0x1_00ff, own.unit.domainIndex), []),
    encodeAdminRequest(own.unit.domainIndex, encodeQueryBlock(queries.DEVICE_CERTIFICATE, 0, wordBytes(0)), []),
    encodeInfoRequest(own.unit.domainIndex, 1),
    encodeInfoRequest(own.unit.domainIndex, 3),
    encodeInfoRequest(own.unit.domainIndex, 9),
  ].map((der) => own.htp(der))
  for (const text of texts) {
    const answer = await own.post(text)
    expect([answer.status, answer.eventId]).toEqual([200, undefined])
  }
  expect(await own.tke.state(own.unit)).toEqual(before)
})
