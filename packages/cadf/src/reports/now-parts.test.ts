/** What reports tell of how things stand: read page by page, told apart from what is proved, and never more than was allowed. */
import { expect, test } from 'vitest'
import { type NowPart, type NowReader, reportCsv, reportCsvName, reports } from '../index.ts'

const at = '2026-11-27T03:00:00.000Z'
const question = { location: 'us-south', from: '2026-10-01T00:00:00Z', to: '2027-01-01T00:00:00Z', size: 41 }
const tracker = '/v1/trackers/us-south'

type Answer = object | ((query: Readonly<Record<string, string>>) => object)

/** Answers by path; what is not there is refused. */
function server(answers: Readonly<Record<string, Answer>>): NowReader {
  return (path, query = {}) => {
    const answer = answers[path]
    if (answer === undefined) return Promise.reject(Object.assign(new Error('refused'), { status: 403 }))
    return Promise.resolve({
      body: typeof answer === 'function' ? (answer as (q: object) => object)(query) : answer,
      at,
    })
  }
}

function partOf(report: string, part: string): NowPart {
  const found = reports.find(({ id }) => id === report)?.now?.find(({ id }) => id === part)
  if (found === undefined) throw new Error(`no part ${part}`)
  return found
}

test('keys that nobody used are those of the inventory that no event names; a refused instance is said to be missing', async () => {
  const asked: object[] = []
  const key = (id: string, state = 'active') => ({ id, name: id, state, kind: 'root', ring: 'default', createdAt: at })
  const found = await partOf('key-use', 'unused-keys').read(
    server({
      [`${tracker}/groups`]: (query) => {
        asked.push(query)
        return { count: 3, isComplete: true, others: 0, missing: 0, rows: [{ values: [{ value: 'used' }], count: 3 }] }
      },
      '/v1/instances': {
        instances: [
          { guid: 'i-1', name: 'Payments', location: 'us-south' },
          { guid: 'i-2', name: 'Secret', location: 'us-south' },
          { guid: 'i-3', name: 'Elsewhere', location: 'eu-de' },
        ],
        next: null,
      },
      '/v1/instances/i-1/inventory/keys': ({ after }) =>
        after === undefined
          ? { keys: [key('used'), key('idle')], next: 'idle' }
          : { keys: [key('gone', 'destroyed'), key('waiting', 'suspended')], next: null },
    }),
    question,
  )
  expect(asked).toMatchObject([{ by: 'key', from: question.from, to: question.to }])
  expect(Reflect.get(asked[0] ?? {}, 'query')).toMatch(/^\(action:.*\) index:<41$/)
  expect(found.facts.map(({ value }) => value)).toEqual([1, 4, 3, 2])
  expect(found.tables[0]?.rows.map(({ cells }) => [cells[0], cells[8]])).toEqual([
    ['idle', 'Payments'],
    ['waiting', 'Payments'],
  ])
  expect(found.lacks).toEqual([{ code: 'instance-refused', what: 'Secret' }])
})

test('continuity: producers, the places of gaps, and the checkpoint up to which was read', async () => {
  const none = { count: 0, places: [] }
  const producer = {
    producer: 'p.1',
    kind: 'service',
    events: 9,
    first: 1,
    last: 12,
    missing: { count: 3, places: [{ first: 4, last: 6, index: 7 }] },
    ...Object.fromEntries(
      ['late', 'reused', 'earlier', 'missingEpochs', 'contradictions', 'lateDated', 'futureDated'].map((name) => [
        name,
        none,
      ]),
    ),
    epochs: { count: 2 },
    longestSilence: { seconds: 90 },
    heartbeats: { recorded: 5, missed: { count: 1 }, stops: none },
  }
  const found = await partOf('log-continuity', 'continuity').read(
    server({
      [`${tracker}/continuity`]: {
        covered: 40,
        looked: { from: 3, to: 40, isWhole: false },
        producers: [producer],
        reconciliation: { agreeing: 2, differing: none },
      },
      [`${tracker}/log/checkpoints`]: ({ before }) => ({
        checkpoints: before === '41' ? [{ size: 40, root: 'cm9vdA==', signedAt: at }] : [],
      }),
    }),
    question,
  )
  const facts = Object.fromEntries(found.facts.map(({ id, value }) => [id, value]))
  expect(facts).toMatchObject({ entriesLooked: 37, checkpointSize: 40, checkpointRoot: 'cm9vdA==', countsAgree: 2 })
  expect(found.tables[0]?.rows[0]?.cells).toHaveLength(found.tables[0]?.columns.length ?? 0)
  expect(found.tables[1]?.rows.map(({ cells }) => cells)).toEqual([['p.1', 'missing', 4, 6, 7]])
  expect(found.lacks).toEqual([{ code: 'not-whole', what: '' }])
})

test('integrity: the checkpoints and verifications of the period, oldest first, and the keys', async () => {
  const ask = server({
    [`${tracker}/log/checkpoints`]: ({ before }) =>
      before === '42'
        ? { checkpoints: [{ size: 41, root: 'b', signedAt: at }], next: 41 }
        : {
            checkpoints: [
              { size: 9, root: 'a', signedAt: '2026-10-02T00:00:00Z' },
              { size: 2, signedAt: '2026-01-01T00:00:00Z' },
            ],
          },
    [`${tracker}/log/verifications`]: {
      verifications: [
        { state: 'bad', startedAt: at, endedAt: at, findingsTotal: 2, trigger: 'request' },
        { state: 'good', startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:00:00Z' },
      ],
    },
    [`${tracker}/log/keys`]: { keys: [{ key: 'k', state: 'current', from: { size: 0, time: at }, until: null }] },
  })
  const checkpoints = await partOf('log-integrity', 'checkpoints').read(ask, question)
  expect(checkpoints.tables[0]?.rows.map(({ cells }) => cells[1])).toEqual([9, 41])
  const verifications = await partOf('log-integrity', 'verifications').read(ask, question)
  expect(verifications.tables[0]?.rows.map(({ cells }) => [cells[2], cells[5]])).toEqual([['bad', 2]])
  expect((await partOf('log-integrity', 'log-keys').read(ask, question)).facts[0]?.value).toBe(1)
})

test('what must stay, and who may reach the audit: with roles, names and who has none', async () => {
  const ask = server({
    [`${tracker}/retention`]: { retentionDays: 0, before: null, minimumIndex: 0 },
    [`${tracker}/holds`]: { holds: [{ id: 'h', reason: '=case', state: 'open', placedBy: { name: 'Ana' } }] },
    [`${tracker}/proposals`]: {
      proposals: [{ id: 'p', kind: 'retention', state: 'open', proposedBy: { name: 'Ben' } }],
    },
    [`${tracker}/access`]: {
      access: [
        {
          identity: { id: 'a', kind: 'user', name: 'Ana', state: 'active' },
          can: ['trail.read', 'trail.administer'],
          administersAccount: true,
          roles: [
            { role: 'Administrator', scope: { kind: 'account' }, grantedAt: at, grantedBy: { id: 'b', name: 'Ben' } },
          ],
        },
      ],
      next: null,
    },
    '/v1/iam/roles': {
      roles: [
        {
          identity: 'a',
          role: 'Reader',
          scope: { kind: 'instance', id: 'i', key: 'k' },
          createdAt: at,
          createdBy: 'c',
        },
      ],
      next: null,
    },
    '/v1/iam/users': {
      users: [
        { id: 'a', name: 'Ana', kind: 'user', state: 'active' },
        { id: 'z', name: 'Zoe' },
      ],
    },
    '/v1/iam/service-ids': { serviceIds: [] },
  })
  const retention = await partOf('retention-holds', 'retention').read(ask, question)
  expect(retention.facts[0]).toMatchObject({ kind: 'code', value: 'for-ever' })
  const holds = await partOf('retention-holds', 'holds').read(ask, question)
  const [table] = holds.tables
  if (table === undefined) throw new Error('no table')
  expect(reportCsv(table)).toMatch(/^reason,.*,asOf\r\n"'=case",open,.*,2026-11-27T03:00:00\.000Z\r\n$/)
  expect(reportCsvName(table)).toBe('holdsNow-as-of-20261127T030000Z.csv')
  expect((await partOf('retention-holds', 'proposals').read(ask, question)).facts[0]?.value).toBe(1)
  const access = await partOf('access-review', 'audit-access').read(ask, question)
  expect(access.facts.map(({ value }) => value)).toEqual([1, 0, 1, 0, 1])
  expect(access.tables[0]?.rows[0]?.cells.slice(0, 6)).toEqual([
    'Ana',
    'a',
    'user',
    'active',
    'trail.read trail.administer',
    'yes',
  ])
  const roles = await partOf('access-review', 'account-roles').read(ask, question)
  expect(roles.tables[0]?.rows.map(({ cells }) => [cells[0], cells[4], cells[5]])).toEqual([
    ['Ana', 'Reader', 'instance/i/key/k'],
    ['Zoe', '', ''],
  ])
})

test('answers that lack everything make no part fail, and each row has a cell for each column', async () => {
  for (const { now = [], id } of reports) {
    for (const part of now) {
      const empty: NowReader = () => Promise.resolve({ body: undefined, at })
      const { tables } = await part.read(empty, question)
      for (const { columns, rows, asOf } of tables) {
        expect(asOf, id).toBe(at)
        for (const { cells } of rows) expect(cells, id).toHaveLength(columns.length)
      }
    }
  }
})

test('a table that the events prove names them, and has no time of its own', () => {
  for (const { make } of reports) {
    for (const table of make([], { from: 0, to: 1 }).tables) {
      expect(table.asOf).toBeUndefined()
      expect(reportCsv(table)).toMatch(/,eventCount,eventIndexes\r\n$/)
    }
  }
})
