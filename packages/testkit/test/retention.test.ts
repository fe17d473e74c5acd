/** Retention: longer by one person, shorter by two; what is older leaves, signed, and a legal hold has it copied first. */
import { parseVerifierKey, verifyEvidence } from '@keywitness/tlog'
import { fsck } from '@keywitness/tracker'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { believeClock, sealStore } from '../src/sealed-store.ts'
import { secondAdministrator, settled } from './second-person.ts'

interface Proposal {
  readonly id: string
  readonly code?: string
  readonly before: object
  readonly after: object
}

let product: Product
let ana: Client
let bob: Client
let bobKey: string
let held: string
let hold: string
const daysAhead = 40

beforeAll(async () => {
  product = await startProduct({ data: newDataFolder() })
  ana = await new Client(product).signIn()
  bobKey = await secondAdministrator(ana)
  bob = await new Client({ ...product, apiKey: bobKey }).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const at = (path: string): string => `/v1/trackers/${product.location}${path}`

async function setRetention(days: number): Promise<{ status: number; code: string | undefined }> {
  const { status, json } = await ana.call<{ code?: string }>('PUT', at('/retention'), { body: { retentionDays: days } })
  return { status, code: json.code }
}

async function retention(): Promise<{ retentionDays: number; minimumIndex: number }> {
  return (await ana.call<{ retentionDays: number; minimumIndex: number }>('GET', at('/retention'))).json
}

async function propose(body: object): Promise<Proposal> {
  return (await ana.call<Proposal>('POST', at('/proposals'), { body })).json
}

const approve = (id: string, client = bob) => client.call<Proposal>('POST', at(`/proposals/${id}/approve`))

test('without a policy events are kept for ever, and one person cannot change that', async () => {
  expect(await retention()).toMatchObject({ retentionDays: 0, minimumIndex: 0 })
  expect(await setRetention(30)).toEqual({ status: 409, code: 'TWO_PEOPLE_REQUIRED' })
  expect(await setRetention(0)).toEqual({ status: 200, code: undefined })
  expect(await setRetention(-1)).toEqual({ status: 400, code: 'INVALID_FIELD_ERR' })
})

test('two people shorten, one lengthens, and the events say from what to what', async () => {
  const proposal = await propose({ kind: 'retention', retentionDays: 30 })
  expect(proposal).toMatchObject({ before: { retentionDays: 0 }, after: { retentionDays: 30 } })
  expect((await approve(proposal.id)).status).toBe(200)
  expect(await retention()).toMatchObject({ retentionDays: 30 })
  expect(await setRetention(20)).toEqual({ status: 409, code: 'TWO_PEOPLE_REQUIRED' })
  expect((await propose({ kind: 'retention', retentionDays: 60 })).code).toBe('ONE_PERSON_ENOUGH')
  const shorter = await propose({ kind: 'retention', retentionDays: 10 })
  expect(await setRetention(60)).toEqual({ status: 200, code: undefined })
  // What it would have changed is not any more what it was.
  expect((await approve(shorter.id)).json.code).toBe('PROPOSAL_OUTDATED')
  await ana.call('POST', at(`/proposals/${shorter.id}/withdraw`))
  const back = await propose({ kind: 'retention', retentionDays: 30 })
  expect((await approve(back.id)).status).toBe(200)
  await settled(ana)
  const events = await ana.events('action=activity-tracker.retention.update&outcome=success')
  expect(events.map(({ event }) => event.responseData)).toEqual(
    [
      [0, 0],
      [0, 30],
      [30, 60],
      [60, 30],
    ].map(([before, after]) => ({ initialValue: { retentionDays: before }, newValue: { retentionDays: after } })),
  )
})

test('a hold is placed by one person, with a query that is read at once', async () => {
  held = await ana.createKey('held')
  const bad = await ana.call('POST', at('/holds'), { body: { reason: 'matter 7', query: 'action:(' } })
  expect(bad.status).toBe(400)
  const placed = await ana.call<{ id: string }>('POST', at('/holds'), {
    body: { reason: 'matter 7', query: `key:"${held}"` },
  })
  expect(placed.status, placed.text).toBe(201)
  hold = placed.json.id
  const removal = await ana.call<{ code: string }>('POST', at('/proposals'), { body: { kind: 'tracker-removal' } })
  expect([removal.status, removal.json.code]).toEqual([409, 'HOLD_OPEN'])
})

test(
  'old events leave with a signed minimum index; what the hold covers is in its archive, proven',
  { timeout: 120_000 },
  async () => {
    for (let batch = 0; batch < 30; batch++) {
      await Promise.all(Array.from({ length: 20 }, () => ana.call('GET', `/api/v2/keys/${held}`)))
    }
    const first = (await ana.events())[0]!.event.id
    const receipt = await ana.receipt(first)
    await product.stop()
    sealStore(product.data, product.location, 100, () => Date.now())
    believeClock(product.data, Date.now() + daysAhead * 86_400_000)
    product = await startProduct({ data: product.data, fault: `clock:ahead@${daysAhead * 86_400}` })
    ana = await new Client(product).signIn()
    bob = await new Client({ ...product, apiKey: bobKey }).signIn()
    for (let tries = 0; (await retention()).minimumIndex === 0 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { minimumIndex } = await retention()
    expect(minimumIndex).toBeGreaterThanOrEqual(512)
    const note = await ana.call('GET', at('/log/minimum-index'))
    expect(note.text).toContain(`\n${minimumIndex}\n30\n`)
    const gone = await ana.call<{ code: string }>('GET', at('/log/tile/entries/000'))
    expect([gone.status, gone.json.code]).toEqual([410, 'ENTRIES_PRUNED'])
    const tile = await ana.call('GET', at('/log/tile/0/000'))
    // A browser must not show it to another account, nor hold it for one of the next log of this place.
    expect([tile.status, tile.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect((await ana.call('GET', at('/events/3'))).status).toBe(410)
    expect(receipt).toContain('c2sp.org/tlog-proof@v1')
    const pruned = await ana.events('action=activity-tracker.log.prune')
    expect(pruned[0]?.event.requestData).toMatchObject({
      initialValue: { minimumIndex: 0 },
      newValue: { minimumIndex },
      retentionDays: 30,
    })
    const listed = await ana.call<{ evidence: { first: number; events: number; sha256: string }[] }>(
      'GET',
      at(`/holds/${hold}/evidence`),
    )
    const [file] = listed.json.evidence
    expect(file?.events).toBeGreaterThan(400)
    const evidence = await ana.bytes(at(`/holds/${hold}/evidence/${file?.first}`))
    const key = (await ana.call('GET', at('/log/key'))).text.trim()
    const report = await verifyEvidence([evidence], { trust: () => [parseVerifierKey(key)] })
    expect(report).toMatchObject({ entries: file?.events })
  },
)

test('searches, sums, exports and the continuity report go by what is there', async () => {
  const { minimumIndex } = await retention()
  const events = await ana.events()
  const first = events[0]?.index ?? 0
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThanOrEqual(minimumIndex)
  for (const path of [
    '/facets?field=action',
    '/histogram',
    '/count',
    '/export?format=jsonl',
    '/export?format=evidence',
  ]) {
    expect((await ana.call('GET', at(path))).status, path).toBe(200)
  }
  const report = await ana.call<{ looked: { from: number }; producers: { missing: { count: number } }[] }>(
    'GET',
    at('/continuity'),
  )
  expect(report.status, report.text).toBe(200)
  expect(report.json.looked.from).toBe(first)
  for (const producer of report.json.producers) expect(producer.missing.count).toBe(0)
})

test('the store verifies from its minimum index on', async () => {
  await product.stop()
  const [account = ''] = readdirSync(join(product.data, 'trackers'))
  const report = await fsck({
    folder: join(product.data, 'trackers', account, product.location),
    keyFolder: join(product.data, 'checkpoints', account, product.location),
  })
  expect(report).toMatchObject({ good: true, findings: [] })
  product = await startProduct({ data: product.data, fault: `clock:ahead@${daysAhead * 86_400}` })
  ana = await new Client(product).signIn()
  bob = await new Client({ ...product, apiKey: bobKey }).signIn()
})

test('releasing a hold takes two people', async () => {
  const proposal = await propose({ kind: 'hold-release', hold })
  expect((await approve(proposal.id, ana)).json.code).toBe('SECOND_PERSON_REQUIRED')
  expect((await approve(proposal.id)).status).toBe(200)
  const { holds } = (await ana.call<{ holds: { id: string; state: string }[] }>('GET', at('/holds'))).json
  expect(holds.find(({ id }) => id === hold)?.state).toBe('released')
  expect((await propose({ kind: 'hold-release', hold })).code).toBe('ONE_PERSON_ENOUGH')
})
