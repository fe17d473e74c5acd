/** `events count|histogram|facets|context|fields` and `--query`: what a person and a script see. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, location } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

function answers(what: string, body: object): void {
  server.instead.set(`GET /v1/trackers/${location}/${what}`, (_seen, response) => json(response, body))
}
const asked = (): Record<string, string> => Object.fromEntries(server.seen.at(-1)?.query ?? [])

test('a count is a number, and says so when there are more', async () => {
  answers('count', { count: 12_345, isComplete: true, lookedFrom: 0 })
  const whole = await terminal.keywitness(['events', 'count', '--query', '-outcome:success', '--from', '-24h'])
  expect([whole.exitCode, whole.out]).toEqual([0, '12,345 events\n'])
  expect(asked()).toEqual({ query: '-outcome:success', from: '-24h' })
  answers('count', { count: 1, isComplete: false, lookedFrom: 5 })
  expect((await terminal.keywitness('events count')).out).toMatch(/^at least 1 event: /)
  expect(JSON.parse((await terminal.keywitness('events count --json')).out)).toMatchObject({ isComplete: false })
})

test('a histogram has a row a bucket, with the count of each value in a pipe', async () => {
  const bucket = (hour: string, counts: object) => ({ from: `2026-11-25T${hour}:00:00.000Z`, to: '', counts })
  answers('histogram', {
    count: 7,
    isComplete: true,
    buckets: [bucket('10', { normal: 4, critical: 2 }), bucket('11', {}), bucket('12', { warning: 1 })],
  })
  const { out } = await terminal.keywitness('events histogram --interval 1h --tz Europe/Berlin')
  expect(out.trimEnd().split('\n')).toEqual([
    '2026-11-25T10:00:00.000Z\t2\t0\t4',
    '2026-11-25T11:00:00.000Z\t0\t0\t0',
    '2026-11-25T12:00:00.000Z\t0\t1\t0',
  ])
  expect(asked()).toEqual({ interval: '1h', by: 'severity', tz: 'Europe/Berlin' })
})

test('facets have a row a value, safe to print, with what is left over', async () => {
  answers('facets', {
    count: 9,
    isComplete: true,
    facets: [
      {
        field: 'initiator',
        values: [
          { value: 'id-1', name: 'Ana\u001b[2J', count: 5, newest: { index: 7, time: '2026-11-25T10:00:00.123Z' } },
        ],
        others: 3,
        missing: 1,
      },
    ],
  })
  const { out } = await terminal.keywitness('events facets --field initiator --values 1')
  expect(out.split('\n')).toEqual([
    'initiator\t5\t2026-11-25 10:00:00\tAna\\u001b[2J (id-1)',
    'initiator\t3\t\t(other values)',
    'initiator\t1\t\t(none)',
    '',
  ])
})

test('groups have a row a combination, with what is left over', async () => {
  const time = '2026-11-25T10:00:00.123Z'
  answers('groups', {
    count: 9,
    isComplete: true,
    rows: [
      {
        values: [{ value: 'k-1' }, { value: 'id-1', name: 'Ana\u001b[2J' }],
        count: 5,
        first: { index: 1 },
        newest: { index: 7, time },
      },
    ],
    others: 4,
    missing: 0,
  })
  const { out } = await terminal.keywitness('events groups --by key --by initiator --values 1')
  expect(out.split('\n')).toEqual([
    '5\t\t2026-11-25 10:00:00\tk-1\tAna\\u001b[2J (id-1)',
    '4\t\t\t(other values)\t',
    '',
  ])
  expect(asked()).toEqual({ by: 'key,initiator', values: '1' })
})

test('a context points at its event', async () => {
  const { log } = server
  const events = [0, 1, 2].map((index) => ({ index, event: log.events[index] }))
  answers('events/1/context', { events, by: 'key', index: 1, covered: 3, hasOlder: false, hasNewer: false })
  const { out } = await terminal.keywitness('events context 1 --by key --after 5')
  expect(out.split('\n').map((line) => line[0])).toEqual(['\t', '→', '\t', undefined])
  expect(asked()).toEqual({ by: 'key', before: '10', after: '5' })
})

test('the fields are named, the short ones first', async () => {
  expect((await terminal.keywitness('events fields')).out).toMatch(/^action\taction\tWhat was done/)
  expect((await terminal.keywitness('events fields --all')).out).toContain('\ninitiator.host.agent\ttext\t')
})

test.each(['list', 'tail', 'count'])(
  'what is wrong with a query of %s is shown below it, without asking the server',
  async (what) => {
    const { exitCode, out, err } = await terminal.keywitness(['events', what, '--query', 'code:200 initiatr:Ana'])
    expect([exitCode, out]).toEqual([2, ''])
    const [said, shown, mark] = err.split('\n')
    expect(said).toContain('There is no field initiatr. Did you mean initiator?')
    expect([shown, mark]).toEqual(['  code:200 initiatr:Ana', '           ^^^^^^^^'])
    expect(server.seen.filter(({ path }) => path.includes('/events'))).toEqual([])
  },
)
