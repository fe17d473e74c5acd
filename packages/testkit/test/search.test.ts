/** Searching on the real server: queries, counts, histograms, facets, contexts, tails; what is wrong with a query is said. */
import { randomUUID } from 'node:crypto'
import { parseEventTime } from '@keywitness/cadf'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type FoundEvent, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
let trail: string
let key: string
let service: Client
let serviceId: string

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  trail = `/v1/trackers/${product.location}`
  key = await client.createKey('billing')
  for (let round = 0; round < 5; round++) await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
  const made = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'archive-sync' } })
  serviceId = made.json.id
  const apiKey = await client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: serviceId, name: 'k' },
  })
  service = await new Client({ ...product, apiKey: apiKey.json.apikey }).signIn()
  for (let round = 0; round < 3; round++) await service.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
  const last = await client.call('GET', '/api/v2/keys')
  await client.event(last.eventId)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const search = async (query: string, more = ''): Promise<FoundEvent[]> => {
  const reply = await client.call<{ events: FoundEvent[] }>(
    'GET',
    `${trail}/events?query=${encodeURIComponent(query)}${more}`,
  )
  expect([query, reply.status]).toEqual([query, 200])
  return reply.json.events
}

const momentOf = ({ index, event }: FoundEvent): object => ({
  index,
  time: new Date(parseEventTime(event.eventTime)).toISOString(),
})

test('a query finds by words, fields, ranges and their combinations', async () => {
  const wraps = await search('action:*.wrap')
  expect(wraps).toHaveLength(8)
  expect(await search('action:*.wrap initiator:archive-sync')).toHaveLength(3)
  expect(await search('action:*.wrap -outcome:success')).toHaveLength(3)
  expect(await search('action:*.wrap code:4xx OR action:*.create target:billing')).toHaveLength(4)
  expect(await search(`key:${key} NOT action:/[.]wrap$/`)).toHaveLength(1)
  expect(await search('time:<2020-01-01')).toEqual([])
  expect(await search('action:*.wrap time:-1h', '&tz=Europe/Berlin&order=asc')).toEqual(wraps.toReversed())
})

test('pages of a query go on where the one before ended', async () => {
  const found: number[] = []
  let cursor = ''
  do {
    const reply = await client.call<{ events: FoundEvent[]; next: string | null }>(
      'GET',
      `${trail}/events?query=action:*.wrap&limit=3${cursor}`,
    )
    found.push(...reply.json.events.map(({ index }) => index))
    cursor = reply.json.next === null ? '' : `&cursor=${reply.json.next}`
  } while (cursor !== '')
  expect(found).toEqual((await search('action:*.wrap')).map(({ index }) => index))
})

test('what is asked is recorded as it was written, with what was made of it', async () => {
  const list = await client.call('GET', `${trail}/events?query=${encodeURIComponent('action:*.wrap code:200')}`)
  expect(await client.event(list.eventId)).toMatchObject({
    action: 'activity-tracker.events.search',
    requestData: { query: 'action:*.wrap code:200' },
    responseData: { totalResources: 5 },
  })
  const count = await client.call('GET', `${trail}/count?query=action:*.wrap`)
  expect(count.json).toEqual({ count: 8, isComplete: true, lookedFrom: 0 })
  expect(await client.event(count.eventId)).toMatchObject({
    requestData: { query: 'action:*.wrap', view: 'count' },
    responseData: { totalResources: 8 },
  })
})

test('a query that cannot be read is refused with its place, and the refusal is recorded', async () => {
  const reply = await client.call<{ at: object; detail: string; code: string }>(
    'GET',
    `${trail}/events?query=${encodeURIComponent('code:200 initiatr:Ana')}`,
  )
  expect(reply.json).toMatchObject({
    code: 'INVALID_QUERY_PARAM_ERR',
    at: { type: 'query_param', name: 'query', from: 9, length: 8 },
    detail: 'The query cannot be read at character 10: There is no field initiatr. Did you mean initiator?',
  })
  expect(await client.event(reply.eventId)).toMatchObject({ outcome: 'failure', reason: { reasonCode: 400 } })
  const regex = await client.call<{ at: object }>('GET', `${trail}/count?query=${encodeURIComponent('a /(b/')}`)
  expect([regex.status, regex.json.at]).toEqual([400, { type: 'query_param', name: 'query', from: 3, length: 2 }])
  for (const path of [
    'histogram?interval=0s',
    'histogram?interval=1s&from=2020-01-01',
    'facets?field=nothing',
    'facets?values=0',
    'groups',
    'groups?by=nothing',
    'groups?by=key,key',
    'groups?by=key,initiator,action,code',
    'groups?by=key&values=1001',
  ]) {
    expect([path, (await client.call('GET', `${trail}/${path}`)).status]).toEqual([path, 400])
  }
})

test('a histogram holds every event once, in buckets of the width that was asked for', async () => {
  interface Histogram {
    count: number
    interval: string
    isComplete: boolean
    buckets: { from: string; to: string; counts: Record<string, number> }[]
  }
  const histogram = async (query: string): Promise<Histogram> =>
    (await client.call<Histogram>('GET', `${trail}/histogram?${query}`)).json
  const all = await histogram('from=-1h&interval=5m&by=outcome&query=action:*.wrap')
  expect(all).toMatchObject({ count: 8, interval: '5m', isComplete: true })
  expect(all.buckets.every(({ from, to }) => Date.parse(to) - Date.parse(from) === 300_000)).toBe(true)
  const sums = all.buckets.reduce<Record<string, number>>((sum, { counts }) => {
    for (const [value, count] of Object.entries(counts)) sum[value] = (sum[value] ?? 0) + count
    return sum
  }, {})
  expect(sums).toEqual({ success: 5, failure: 3 })
  const days = await histogram('from=-3d&interval=1d&tz=Europe/Berlin')
  expect(days.buckets.every(({ from }) => /T2[23]:00:00/.test(from))).toBe(true)
  expect((await histogram('')).buckets.length).toBeLessThanOrEqual(60)
})

test('facets name the most frequent values, and what people call them', async () => {
  const ofKey = await search('action:*.wrap', '&order=asc')
  const ends = { first: momentOf(ofKey[0]!), newest: momentOf(ofKey.at(-1)!) }
  const reply = await client.call<{ facets: { field: string; values: object[]; others: number; missing: number }[] }>(
    'GET',
    `${trail}/facets?query=action:*.wrap&field=key,initiator,outcome,reason&values=1`,
  )
  expect(reply.json).toMatchObject({
    count: 8,
    isComplete: true,
    facets: [
      { field: 'key', values: [{ value: key, count: 8, ...ends }], others: 0, missing: 0 },
      { field: 'initiator', values: [{ name: 'owner', count: 5 }], others: 3, missing: 0 },
      { field: 'outcome', values: [{ value: 'success', count: 5 }], others: 3, missing: 0 },
      { field: 'reason', others: 0, missing: 5 },
    ],
  })
})

test('groups name who used which key, how often, and when first and last', async () => {
  const uses = await search(`action:*.wrap initiator:${serviceId}`, '&order=asc')
  const reply = await client.call<{ rows: object[] }>('GET', `${trail}/groups?query=action:*.wrap&by=key,initiator`)
  expect(reply.json).toMatchObject({
    by: ['key', 'initiator'],
    count: 8,
    isComplete: true,
    lookedFrom: 0,
    rows: [
      { values: [{ value: key }, { name: 'owner' }], count: 5 },
      {
        values: [{ value: key }, { value: serviceId, name: 'archive-sync' }],
        count: 3,
        first: momentOf(uses[0]!),
        newest: momentOf(uses.at(-1)!),
      },
    ],
    others: 0,
    missing: 0,
  })
  expect((await client.event(reply.eventId)).requestData).toMatchObject({ view: 'groups', query: 'action:*.wrap' })
  const cut = await client.call('GET', `${trail}/groups?query=action:*.wrap&by=initiator&values=1`)
  expect(cut.json).toMatchObject({ rows: [{ count: 5 }], others: 3 })
})

test('an event is seen among those of its key, its initiator and its neighbours', async () => {
  const [refused] = await search('initiator:archive-sync action:*.wrap')
  const context = async (query: string): Promise<{ events: FoundEvent[]; index: number; hasOlder: boolean }> =>
    (await client.call<never>('GET', `${trail}/events/${refused!.event.id}/context?${query}`)).json
  const ofKey = await context('by=key&before=100&after=100')
  expect(ofKey.events.map(({ index }) => index)).toEqual(
    (await search(`key:${key}`, '&order=asc')).map(({ index }) => index),
  )
  const near = await context('by=log&before=1&after=1')
  expect(near.events.map(({ index }) => index)).toEqual([near.index - 1, near.index, near.index + 1])
  expect(near.hasOlder).toBe(true)
  expect((await client.call('GET', `${trail}/events/${randomUUID()}/context`)).status).toBe(404)
  expect((await client.call('GET', `${trail}/events/1/context?by=colour`)).status).toBe(400)
})

test('a tail follows a query, and its id goes on where nothing matches', async () => {
  const cut = new AbortController()
  const answer = await fetch(
    `${product.url}${trail}/tail?query=${encodeURIComponent('action:*.wrap code:403 OR initiator:archive-sync')}`,
    {
      headers: { authorization: `Bearer ${client.token}` },
      signal: AbortSignal.any([cut.signal, AbortSignal.timeout(20_000)]),
    },
  )
  let text = ''
  let isAsked = false
  for await (const piece of answer.body as ReadableStream<Uint8Array>) {
    text += new TextDecoder().decode(piece)
    if (!isAsked) {
      isAsked = true
      await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
      await service.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
    }
    if (text.includes('event: events') && /event: covered\nid: \d+\n/.test(text)) break
  }
  cut.abort()
  const events = [...text.matchAll(/^data: (\{"events".*)$/gm)].flatMap(
    ([, data = '']) => (JSON.parse(data) as { events: FoundEvent[] }).events,
  )
  expect(events.length).toBeGreaterThan(0)
  expect(new Set(events.map(({ event }) => event.initiator.id))).toEqual(new Set([serviceId]))
})

test('who may not read the trail is told nothing of it, whatever is asked', async () => {
  for (const path of ['events?query=a', 'count', 'histogram', 'facets', 'groups?by=key', 'events/1/context']) {
    expect([path, (await service.call('GET', `${trail}/${path}`)).status]).toEqual([path, 401])
  }
})
