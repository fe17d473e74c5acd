/** Who may reach crypto units: roles, accounts, networks; every attempt of whoever may not is witnessed where it belongs. */
import { randomUUID } from 'node:crypto'
import type { ActivityEvent } from '@keywitness/cadf'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Reply } from '../src/index.ts'
import { actions, empty, failureOf, type OpenUnit, openUnit, pairOf } from './open-unit.ts'
import { secondAdministrator } from './second-person.ts'

let own: OpenUnit

function failoverOf(caller: Client, instance: string): Promise<Reply> {
  const body = { numberOfHsmsRequested: 2 }
  return caller.call('POST', `/v1/tke/${instance}/hsmAssignment/us-east?type=failover`, { body })
}

beforeAll(async () => {
  own = await openUnit()
})
afterAll(async () => {
  await own.product.stop()
  own.product.remove()
})

describe('roles', () => {
  test.each(['Reader', 'ReaderPlus', 'Writer'])(
    'a %s neither sees nor changes crypto units, and both attempts are witnessed',
    async (role) => {
      const scope = { kind: 'instance', id: own.product.instance }
      const apiKey = await secondAdministrator(own.client, `as ${role}`, scope, role)
      const other = await new Client({ ...own.product, apiKey }).signIn()
      for (const call of [
        () => other.call('GET', own.hsms),
        () => other.call('GET', `/v1/tke/${own.product.instance}/units`),
        () => other.call('GET', `/v1/tke/${own.product.instance}/root`),
        () => other.call('GET', `/v1/tke/${own.product.instance}/key_roll`),
        () => own.post(own.query(), other),
      ]) {
        const refused = await call()
        expect(refused.status).toBe(401)
        const event = await own.client.event(refused.eventId)
        expect(failureOf(event).slice(0, 4)).toEqual([actions.read, 'failure', 'critical', 401])
        expect(event.initiator.name).toBe(`as ${role}`)
        expect(event).not.toHaveProperty('correlationId')
      }
      const refused = await own.post(await own.command('ZEROIZE'), other)
      expect(refused.status).toBe(401)
      expect(failureOf(await own.client.event(refused.eventId))).toEqual([
        actions.reset,
        'failure',
        'critical',
        401,
        own.unit.location,
        own.unit.location,
      ])
      const rotation = await other.call('PUT', `/v1/tke/${own.product.instance}/key_roll`)
      expect(rotation.status).toBe(401)
      const failover = await failoverOf(other, own.product.instance)
      expect(failover.status).toBe(401)
      const event = await own.client.event(failover.eventId)
      expect(failureOf(event).slice(0, 4)).toEqual([actions.failover, 'failure', 'critical', 401])
      expect([event.initiator.name, event.target.id]).toEqual([
        `as ${role}`,
        expect.stringContaining(own.product.instance),
      ])
      expect((await own.tke.state(own.unit)).currentRegister).toBe('Valid')
    },
  )

  test.each(['CryptoUnitAdministrator', 'Manager'])(
    'a %s may query and send commands, which are witnessed as his',
    async (role) => {
      const scope = { kind: 'instance', id: own.product.instance }
      const apiKey = await secondAdministrator(own.client, `as ${role}`, scope, role)
      const other = await new Client({ ...own.product, apiKey }).signIn()
      expect((await other.call('GET', own.hsms)).status).toBe(200)
      expect((await other.call('GET', `/v1/tke/${own.product.instance}/units`)).status).toBe(200)
      expect(pairOf(await own.post(own.query(), other))).toBe('0/0')
      const accepted = await own.post(await own.command('CLEAR_NEW', empty, own.signers.slice(0, 1)), other)
      expect(pairOf(accepted)).toBe('0/0')
      const event = await own.client.event(accepted.eventId)
      expect([event.outcome, event.initiator.name]).toEqual(['success', `as ${role}`])
    },
  )

  test('without a token, or with a broken one, nothing is answered, and the attempt is witnessed as what it aimed at', async () => {
    const text = await own.command('ZEROIZE')
    const send = async (method: string, at: string, headers: Record<string, string>, body?: string) => {
      const answer = await fetch(`${own.product.url}${at}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      return [answer.status, failureOf(await own.client.event(answer.headers.get('keywitness-event-id') ?? undefined))]
    }
    for (const headers of [{}, { authorization: 'Bearer broken' }] as Record<string, string>[]) {
      const failure = (action: string) => [401, [action, 'failure', 'critical', 401, '', undefined]]
      expect(await send('POST', own.path, headers, JSON.stringify({ request: text }))).toEqual(failure(actions.reset))
      expect(await send('POST', own.path, headers, JSON.stringify({ request: own.query() }))).toEqual(
        failure(actions.read),
      )
      expect(await send('POST', own.path, headers, 'nothing')).toEqual(failure(actions.byDefault))
      expect(await send('GET', own.hsms, headers)).toEqual(failure(actions.read))
    }
  })
})

describe('another account', () => {
  const hsmsAt = (instance: string): string => `/v1/tke/${instance}/hsms`
  let stranger: Client
  let foreign: { instance: string; unit: string }

  beforeAll(async () => {
    const founded = await own.client.call<{ apikey: string }>('POST', '/v1/accounts', {
      body: { name: 'Other', home: 'eu-de', owner: 'bea' },
    })
    const place = { url: own.product.url, apiKey: founded.json.apikey, location: 'eu-de', instance: randomUUID() }
    stranger = await new Client(place).signIn()
    const tracker = await stranger.call('POST', '/v1/trackers', { body: { location: 'eu-de' } })
    if (tracker.status !== 201) throw new Error(`no tracker: ${tracker.status}`)
    foreign = { instance: own.product.instance, unit: own.unit.id }
  })

  /** An event of the stranger's as far as he can tell two attempts apart. */
  async function traceOf(reply: Reply): Promise<unknown> {
    const {
      id: _,
      eventTime: _time,
      ...event
    } = (await stranger.event(reply.eventId)) as ActivityEvent & Record<string, unknown>
    const text = JSON.stringify({ status: reply.status, text: reply.text, event })
    return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>').replaceAll(/"eventSequence[^,}]*/g, '')
  }

  test('answers and records for an instance that is there exactly as for one that is not', async () => {
    const texts = [own.query(), await own.command('ZEROIZE'), await own.command('RANDOM'), 'garbage']
    const attempts: ((instance: string, id: string) => Promise<Reply>)[] = [
      (instance) => stranger.call('GET', hsmsAt(instance)),
      (instance) => stranger.call('GET', `/v1/tke/${instance}/units`),
      (instance) => stranger.call('GET', `/v1/tke/${instance}/root`),
      (instance) => stranger.call('GET', `/v1/tke/${instance}/key_roll`),
      (instance) => stranger.call('PUT', `/v1/tke/${instance}/key_roll`),
      (instance) => failoverOf(stranger, instance),
      ...texts.map((text) => (instance: string, id: string) => own.post(text, stranger, `${hsmsAt(instance)}/${id}`)),
      (instance, id) => stranger.call('POST', `${hsmsAt(instance)}/${id}`, { body: '{' }),
    ]
    for (const attempt of attempts) {
      const forTheirs = await attempt(foreign.instance, foreign.unit)
      expect(forTheirs.status).toBe(401)
      const trace = await traceOf(forTheirs)
      expect(trace).not.toContain(own.unit.location)
      expect(trace).toEqual(await traceOf(await attempt(randomUUID(), randomUUID())))
      expect(trace).toEqual(await traceOf(await attempt(foreign.instance, randomUUID())))
    }
    expect((await own.tke.state(own.unit)).currentRegister).toBe('Valid')
  })

  test('nothing of these attempts is in the trail of the instance', async () => {
    const before = new Set((await own.client.events()).map(({ event }) => event.id))
    const refused = await own.post(await own.command('ZEROIZE'), stranger)
    await stranger.event(refused.eventId)
    const { eventId } = await own.client.call('GET', '/v1/trackers')
    await own.client.event(eventId)
    const after = (await own.client.events()).filter(({ event }) => !before.has(event.id))
    expect(after.some(({ event }) => event.id === refused.eventId || event.action === actions.reset)).toBe(false)
  })
})

describe('networks', () => {
  const policies = (enabled: boolean): object => ({
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 1 },
    resources: [
      { policy_type: 'allowedNetwork', policy_data: { enabled, attributes: { allowed_network: 'private-only' } } },
    ],
  })

  test('through the private listener a command leaves no address, through the public one it does', async () => {
    const inside = await new Client({ ...own.product, url: own.product.privateUrl }).signIn()
    const privately = await own.post(await own.command('CLEAR_NEW'), inside)
    expect(pairOf(privately)).toBe('0/0')
    expect((await own.client.event(privately.eventId)).initiator.host?.address).toBeUndefined()
    const publicly = await own.post(await own.command('CLEAR_NEW'))
    expect((await own.client.event(publicly.eventId)).initiator.host?.address).toBe('127.0.0.1')
  })

  test('an instance that is private only refuses units to the public network', async () => {
    const inside = await new Client({ ...own.product, url: own.product.privateUrl }).signIn()
    expect((await inside.call('PUT', '/api/v2/instance/policies', { body: policies(true) })).status).toBe(204)
    const asked = [await own.client.call('GET', own.hsms), await own.post(own.query())]
    for (const refused of asked) {
      expect(refused.status).toBe(401)
      expect((await inside.event(refused.eventId)).action).toBe(actions.read)
    }
    const refused = await own.client.call('PUT', `/v1/tke/${own.product.instance}/key_roll`)
    expect(refused.status).toBe(401)
    expect((await failoverOf(own.client, own.product.instance)).status).toBe(401)
    expect((await inside.call('GET', own.hsms)).status).toBe(200)
    expect(pairOf(await own.post(own.query(), inside))).toBe('0/0')
    expect((await inside.call('PUT', '/api/v2/instance/policies', { body: policies(false) })).status).toBe(204)
    expect((await own.client.call('GET', own.hsms)).status).toBe(200)
  })
})

test.each(['/anything', '/u@127.0.0.1:8443/x.hs-crypto.cloud.ibm.com', '/a/b/c'])(
  'the prefix %s of a path means nothing',
  async (prefix) => {
    expect((await own.client.call('GET', `${prefix}${own.hsms}`)).status).toBe(200)
    expect(pairOf(await own.post(own.query(), own.client, `${prefix}${own.path}`))).toBe('0/0')
    const answer = await own.post(await own.command('CLEAR_NEW'), own.client, `${prefix}${own.path}`)
    expect(pairOf(answer)).toBe('0/0')
    expect((await own.client.event(answer.eventId)).requestData).toMatchObject({ instanceID: own.product.instance })
  },
)
