/** A tracker on another server: everything arrives there once and in order, through cuts and restarts of either side. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { type ClientRequest, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseEntry } from '@keywitness/cadf'
import { Client, type FoundEvent, type Product, startProduct, Wire } from '../src/index.ts'
import { secondAdministrator } from './second-person.ts'

interface House {
  source: Product
  target: Product
  wire: Wire
  /** Of the source, an administrator; of the target, an administrator. */
  here: Client
  there: Client
  apiKey: string
  identity: string
}

const environment = { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.1/32' }
const location = 'eu-de'

/** Two servers and several starts of them in each. */
const slow = { timeout: 180_000 }

/**
 * Two servers; the events of the source's instance in eu-de are kept by the target.
 * @param whenOver takes what stops and removes them; by default the end of the test does
 */
async function openHouse(
  whenOver: (remove: () => Promise<void>) => void = (remove) => onTestFinished(remove, 60_000),
): Promise<House> {
  const [target, source] = await Promise.all([startProduct(), startProduct({ env: environment })])
  const built = { source, target } as House
  whenOver(async () => {
    await built.wire?.remove()
    for (const product of [built.source, built.target]) {
      await product.stop()
      product.remove()
    }
  })
  built.wire = await Wire.lay(() => Number(built.target.http.split(':')[1]))
  built.here = await new Client(source).signIn()
  built.there = await new Client(target).signIn()
  const made = await built.there.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'source' } })
  built.identity = made.json.id
  const key = await built.there.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: built.identity, name: 'k' },
  })
  built.apiKey = key.json.apikey
  const scope = { kind: 'tracker', id: target.location }
  const granted = await built.there.call('POST', '/v1/iam/roles', {
    body: { identity: built.identity, role: 'Producer', scope },
  })
  expect([granted.status, granted.text]).toEqual([201, expect.anything()])
  return built
}

function remoteOf({ wire, apiKey, target }: House): object {
  return { url: wire.url, location: target.location, apikey: apiKey }
}

/** An instance in the place that is kept elsewhere. */
async function instanceAt(client: Client): Promise<string> {
  const made = await client.call<{ guid: string }>('POST', '/v1/instances', { body: { name: 'far', location } })
  expect([made.status, made.text]).toEqual([201, expect.anything()])
  return made.json.guid
}

const listKeys = (client: Client, instance: string) =>
  client.call('GET', '/api/v2/keys', { headers: { 'bluemix-instance': instance } })

/** Events of the source as the target has them, oldest first. */
async function arrived({ there }: House, instance: string): Promise<FoundEvent[]> {
  return await there.events(`query=${encodeURIComponent(`instance:${instance} action:*.list`)}`)
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await what())) {
    if (performance.now() > deadline) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('events arrive once and in order, through cuts and restarts of either side', slow, async () => {
  const all = await openHouse()
  // Recorded before there is a tracker: it waits.
  const instance = await instanceAt(all.here)
  const asked: string[] = []
  const ask = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) asked.push((await listKeys(all.here, instance)).eventId ?? '')
  }
  await ask(3)
  const made = await all.here.call<{ origin: string }>('POST', '/v1/trackers', {
    body: { location, remote: remoteOf(all) },
  })
  expect([made.status, made.json]).toMatchObject([201, { location, remote: { location: all.target.location } }])
  expect(made.text).not.toContain(all.apiKey)
  for (let round = 0; round < 4; round++) {
    const load = ask(40)
    if (round === 1) {
      all.wire.cut()
      await load
      await ask(5)
      all.wire.mend()
    } else if (round === 2) {
      await all.target.kill()
      all.target = await startProduct({ data: all.target.data })
      all.there = await new Client(all.target).signIn()
      await load
    } else if (round === 3) {
      await load
      await all.source.kill()
      all.source = await startProduct({ data: all.source.data, env: environment })
      all.here = await new Client(all.source).signIn()
      await ask(5)
    } else await load
  }
  await until(async () => (await arrived(all, instance)).length >= asked.length)
  const found = await arrived(all, instance)
  expect(found.map(({ event }) => event.id)).toEqual(asked)
  // Numbers without a gap, as the source gave them; the log of the target proves each of them.
  const receipt = await all.there.receipt(asked.at(-1) ?? '')
  const entry = /^extra (.*)$/m.exec(receipt)?.[1] ?? ''
  expect(parseEntry(Buffer.from(entry, 'base64')).event.id).toBe(asked.at(-1))
  const oddities = await all.there.events(`query=${encodeURIComponent('action:activity-tracker.numbers.*')}`)
  expect(oddities).toEqual([])
})

test(
  'the place shows where it is, and why nothing arrives; reading it is refused with the word where to ask',
  slow,
  async () => {
    const all = await openHouse()
    await all.here.call('POST', '/v1/trackers', { body: { location, remote: remoteOf(all) } })
    const instance = await instanceAt(all.here)
    const tracker = async (): Promise<Record<string, unknown> | undefined> => {
      const list = await all.here.call<{ trackers: Record<string, unknown>[] }>('GET', '/v1/trackers')
      return list.json.trackers.find((one) => one['location'] === location)
    }
    await until(async () => Number((await tracker())?.['covered']) > 0)
    const remote = { url: `${all.wire.url}/`, location: all.target.location }
    expect(await tracker()).toMatchObject({ remote })
    const status = await all.here.call('GET', `/v1/trackers/${location}/status`)
    expect(status.json).toMatchObject({ location, remote, trouble: null, openHolds: 0 })
    expect(status.json).not.toHaveProperty('verification')
    const read = await all.here.call<{ code: string }>('GET', `/v1/trackers/${location}/events`)
    expect([read.status, read.json.code]).toEqual([421, 'TRACKER_ELSEWHERE'])
    all.wire.cut()
    await listKeys(all.here, instance)
    await until(async () => (await tracker())?.['trouble'] !== undefined)
    expect((await fetch(`${all.source.url}/readyz`)).status).toBe(200)
    all.wire.mend()
    await until(async () => (await tracker())?.['trouble'] === undefined)
    await until(async () => (await arrived(all, instance)).length === 1)
  },
)

test(
  'taken from the other server by two people, it has all that was recorded before, and nothing after',
  slow,
  async () => {
    const all = await openHouse()
    await all.here.call('POST', '/v1/trackers', { body: { location, remote: remoteOf(all) } })
    const instance = await instanceAt(all.here)
    const before = [(await listKeys(all.here, instance)).eventId]
    all.wire.cut()
    before.push((await listKeys(all.here, instance)).eventId)
    const bob = await new Client({ ...all.source, apiKey: await secondAdministrator(all.here) }).signIn()
    const trackers = `/v1/trackers/${location}`
    const asked = await all.here.call<{ id: string }>('POST', `${trackers}/proposals`, {
      body: { kind: 'tracker-removal' },
    })
    expect([asked.status, asked.text]).toEqual([202, expect.anything()])
    expect((await bob.call('POST', `${trackers}/proposals/${asked.json.id}/approve`)).status).toBe(200)
    const after = (await listKeys(all.here, instance)).eventId
    // It still has to take what was recorded for it.
    expect((await all.here.call('POST', '/v1/trackers', { body: { location } })).status).toBe(409)
    all.wire.mend()
    await until(async () => (await all.here.call('POST', '/v1/trackers', { body: { location } })).status === 201)
    expect((await arrived(all, instance)).map(({ event }) => event.id)).toEqual(before)
    const own = `/v1/trackers/${location}/events?query=${encodeURIComponent(`instance:${instance} action:*.list`)}`
    const here = async (): Promise<string[]> =>
      ((await all.here.call<{ events: FoundEvent[] }>('GET', own)).json.events ?? []).map(({ event }) => event.id)
    await until(async () => (await here()).length > 0)
    expect(await here()).toEqual([after])
  },
)

describe('two servers, of which none keeps for the other yet', slow, () => {
  let all: House
  let remove: () => Promise<void>
  beforeAll(async () => {
    all = await openHouse((how) => (remove = how))
  })
  afterAll(() => remove())

  test('what cannot be used is not provisioned, and says why without the key', async () => {
    const provision = (remote: object) =>
      all.here.call<{ code: string; detail: string }>('POST', '/v1/trackers', { body: { location, remote } })
    const good = remoteOf(all)
    const wrongKey = await provision({ ...good, apikey: 'x'.repeat(40) })
    expect([wrongKey.status, wrongKey.json.code]).toEqual([424, 'TRACKER_UNREACHABLE'])
    expect(wrongKey.json.detail).toContain('does not accept the API key')
    const wrongPlace = await provision({ ...good, location: 'nowhere' })
    expect([wrongPlace.status, wrongPlace.json.detail]).toEqual([424, expect.stringContaining('status 401') as string])
    expect((await provision({ ...good, url: 'http://10.0.0.1/' })).status).toBe(400)
    expect((await provision({ ...good, url: 'ftp://127.0.0.1/' })).status).toBe(400)
    all.wire.cut()
    expect((await provision(good)).json.detail).toContain('there is no connection')
    all.wire.mend()
    const failures = async (): Promise<FoundEvent[]> =>
      await all.here.events('action=activity-tracker.instance.create&outcome=failure')
    await until(async () => (await failures()).length === 5)
    expect(JSON.stringify(await failures())).not.toContain(all.apiKey)
  })

  test('only who is bound delivers, nobody reads by delivering, and a batch that is none changes nothing', async () => {
    const sender = await new Client({ ...all.target, apiKey: all.apiKey }).signIn()
    const trail = `/v1/trackers/${all.target.location}`
    const producer = '3f0e2d1c-0b0a-4908-8706-050403020100'
    const deliver = (client: Client, body: string | Uint8Array) =>
      client.call(`POST`, `${trail}/producers/${producer}/entries`, { body })
    expect((await deliver(sender, '')).status).toBe(404)
    const bind = (client: Client, id: string) => client.call('POST', `${trail}/producers`, { body: { producer: id } })
    expect((await bind(sender, producer)).status).toBe(201)
    expect((await bind(sender, producer)).status).toBe(200)
    expect((await deliver(sender, '')).json).toMatchObject({ last: null })
    for (const body of ['x', Buffer.from([0, 0, 0, 2, 0x7b, 0x7d, 0]), Buffer.alloc(70_000, 1)]) {
      expect((await deliver(sender, body)).status).toBe(400)
    }
    // Its own entry under another's numbers.
    const [mine] = await all.there.events()
    const stored = await all.there.call<{ entry: string }>('GET', `${trail}/events/${mine?.index}`)
    const entry = Buffer.from(stored.json.entry, 'base64')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(entry.length)
    expect((await deliver(sender, Buffer.concat([length, entry, Buffer.from([0])]))).status).toBe(400)
    // One that nests as deep as it has bytes, and what no entry names.
    const renamed = entry.toString().replace(/"producer":"[^".]*\.(\d+)"/, `"producer":"${producer}.$1"`)
    const nested = '{"":'.repeat(12_000) + '{}' + '}'.repeat(12_000)
    const deep = renamed.replace(/"responseData":\{.*?\},/, `"responseData":{"":${nested}},`)
    expect([renamed === entry.toString(), deep === renamed]).toEqual([false, false])
    for (const [text, ...attached] of [[deep], [renamed, 'nobody names it']]) {
      const parts = [text, ...attached].map((part = '') => {
        const bytes = Buffer.alloc(4 + Buffer.byteLength(part))
        bytes.writeUInt32BE(Buffer.byteLength(part))
        bytes.write(part, 4)
        return bytes
      })
      parts.splice(1, 0, Buffer.from([attached.length]))
      expect((await deliver(sender, Buffer.concat(parts))).status).toBe(400)
    }
    // The log goes on.
    expect((await deliver(sender, '')).json).toMatchObject({ last: null })
    expect((await fetch(`${all.target.url}/readyz`)).status).toBe(200)
    // The numbers of the server itself are nobody's to deliver.
    const own = parseEntry(entry).producer.id
    expect((await bind(sender, own)).status).toBe(409)
    // An administrator of the tracker does not deliver, and who delivers does not read.
    expect((await deliver(all.there, '')).status).toBe(401)
    expect((await sender.call('GET', `${trail}/events`)).status).toBe(401)
    expect((await sender.call('GET', `${trail}/producers`)).status).toBe(401)
    const list = await all.there.call<{ producers: object[] }>('GET', `${trail}/producers`)
    expect(list.json.producers).toMatchObject([{ producer, identity: all.identity }])
    // What an administrator took stays taken, whoever asks, until one gives it back.
    const admit = () => all.there.call('POST', `${trail}/producers/${producer}/admit`)
    expect((await admit()).status).toBe(404)
    expect((await all.there.call('DELETE', `${trail}/producers/${producer}`)).status).toBe(204)
    expect((await all.there.call('DELETE', `${trail}/producers/${producer}`)).status).toBe(404)
    expect((await deliver(sender, '')).status).toBe(404)
    const refused = await bind(sender, producer)
    expect([refused.status, refused.json]).toMatchObject([409, { code: 'PRODUCER_RELEASED' }])
    const left = await all.there.call<{ producers: object[] }>('GET', `${trail}/producers`)
    expect(left.json.producers).toMatchObject([{ producer, releasedAt: expect.any(String) as string }])
    expect((await sender.call('POST', `${trail}/producers/${producer}/admit`)).status).toBe(401)
    expect((await admit()).status).toBe(204)
    expect((await bind(sender, producer)).status).toBe(201)
    expect((await deliver(sender, '')).status).toBe(200)
  })

  test('who sends a batch is known, and has room, before any of it is read', async () => {
    const sender = await new Client({ ...all.target, apiKey: all.apiKey }).signIn()
    const path = `/v1/trackers/${all.target.location}/producers`
    const producer = '4f0e2d1c-0b0a-4908-8706-050403020100'
    expect((await sender.call('POST', path, { body: { producer } })).status).toBe(201)
    const entries = `${path}/${producer}/entries`
    const begun: ClientRequest[] = []
    /** Only the beginning of a body of so many bytes. */
    const begin = async (bytes: number, token = sender.token, query = ''): Promise<number | undefined> => {
      const headers = { authorization: `Bearer ${token}`, 'content-length': bytes }
      const request = httpRequest(`${all.target.url}${entries}${query}`, { method: 'POST', headers })
      begun.push(request)
      request.on('error', () => undefined)
      request.write('x')
      return await new Promise((resolve) => {
        request.once('response', (response) => resolve(response.resume().statusCode))
      })
    }
    const mebibyte = 1024 * 1024
    expect(await begin(20 * mebibyte, 'nobody')).toBe(401)
    expect(await begin(20 * mebibyte, all.there.token)).toBe(401)
    expect(await begin(25 * mebibyte)).toBe(413)
    expect(await begin(10, sender.token, '?after=x')).toBe(400)
    expect(await Promise.race([1, 2, 3].map(() => begin(24 * mebibyte)))).toBe(429)
    const small = async (): Promise<number> => (await sender.call('POST', entries, { body: 'x' })).status
    expect(await small()).toBe(429)
    // Who leaves gives the room back.
    for (const request of begun) request.destroy()
    await until(async () => (await small()) === 400)
    // Behind what the log holds nothing is taken: it says that it was set back.
    const behind = await sender.call('POST', `${entries}?after=7`, { body: '' })
    expect([behind.status, behind.json]).toMatchObject([409, { code: 'LOG_SET_BACK' }])
  })
})

test('a server that was set back to an older copy is handed over again what it lost', slow, async () => {
  const all = await openHouse()
  await all.here.call('POST', '/v1/trackers', { body: { location, remote: remoteOf(all) } })
  const instance = await instanceAt(all.here)
  const asked = [(await listKeys(all.here, instance)).eventId]
  await until(async () => (await arrived(all, instance)).length === 1)
  const restart = async (between: () => void): Promise<void> => {
    await all.target.stop()
    between()
    all.target = await startProduct({ data: all.target.data })
    all.there = await new Client(all.target).signIn()
  }
  const copy = mkdtempSync(join(tmpdir(), 'keywitness-copy-'))
  try {
    await restart(() => cpSync(all.target.data, copy, { recursive: true }))
    for (let at = 0; at < 5; at++) asked.push((await listKeys(all.here, instance)).eventId)
    await until(async () => (await arrived(all, instance)).length === asked.length)
    await restart(() => {
      rmSync(all.target.data, { recursive: true })
      cpSync(copy, all.target.data, { recursive: true })
    })
    expect(await arrived(all, instance)).toHaveLength(1)
    // The sender learns of it with the next event.
    asked.push((await listKeys(all.here, instance)).eventId)
    await until(async () => (await arrived(all, instance)).length === asked.length)
    expect((await arrived(all, instance)).map(({ event }) => event.id)).toEqual(asked)
  } finally {
    rmSync(copy, { recursive: true })
  }
})
