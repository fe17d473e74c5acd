/** `events views` and `events list --view`: what is asked of the server, printed and refused. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { json, location, LogServer } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal

const path = `/v1/trackers/${location}/views`
const owner = { id: 'IBMid-1', name: 'ana' }
const own = { id: 'v-1', name: 'Refused', category: '', query: 'outcome:failure', from: '-24h', to: null, owner }
const shared = { ...own, id: 'v-2', category: 'Weekly\u001b[2J', query: 'action:*.delete', from: null, isShared: true }

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
  server.instead.set(`GET ${path}`, (_seen, response) =>
    json(response, { views: [{ ...own, isShared: false }, shared, { ...shared, id: 'v-3', name: 'Deletions' }] }),
  )
  for (const call of [`POST ${path}`, `PUT ${path}/v-1`]) {
    server.instead.set(call, (_seen, response) => json(response, own))
  }
  server.instead.set(`DELETE ${path}/v-2`, (_seen, response) => response.writeHead(204).end())
})
afterEach(() => server.stop())

const last = () => server.seen.at(-1)!

test('views are listed, safe to print', async () => {
  const { out } = await terminal.keywitness('events views list')
  expect(out.split('\n')).toEqual([
    'Refused\t\tyou\t-24h..\toutcome:failure',
    'Refused\tWeekly\\u001b[2J\tall (ana)\t\taction:*.delete',
    'Deletions\tWeekly\\u001b[2J\tall (ana)\t\taction:*.delete',
    '',
  ])
})

test('a view is saved, and the one of that name changed', async () => {
  const words = ['--query', 'code:403', '--from', '-7d', '--category', 'Daily']
  const made = await terminal.keywitness(['events', 'views', 'save', 'New', ...words, '--shared'])
  expect(made.out).toBe('saved New\n')
  expect([last().method, JSON.parse(last().body)]).toEqual([
    'POST',
    { name: 'New', query: 'code:403', from: '-7d', by: 'severity', category: 'Daily', isShared: true },
  ])
  const changed = await terminal.keywitness(['events', 'views', 'save', 'Refused', '--by', 'outcome'])
  expect(changed.out).toBe('changed Refused\n')
  expect([last().method, last().path, JSON.parse(last().body)]).toEqual([
    'PUT',
    `${path}/v-1`,
    { name: 'Refused', by: 'outcome', isShared: false },
  ])
})

test('what is wrong with the query of a view is said without asking the server', async () => {
  const { exitCode, err } = await terminal.keywitness(['events', 'views', 'save', 'Broken', '--query', 'a AND ('])
  expect([exitCode, server.seen]).toEqual([2, []])
  expect(err).toContain('^')
})

test('a view is deleted by its name, the shared one when that is said', async () => {
  const { out } = await terminal.keywitness('events views remove Refused --shared')
  expect([out, last().method, last().path]).toEqual(['deleted Refused\n', 'DELETE', `${path}/v-2`])
  const none = await terminal.keywitness('events views remove Nothing')
  expect([none.exitCode, none.err]).toEqual([2, expect.stringContaining('there is no view Nothing')])
})

test('a list takes the search of a view: the own one first, narrowed by what else is said', async () => {
  expect((await terminal.keywitness('events list --view Refused')).exitCode).toBe(0)
  expect(Object.fromEntries(last().query)).toMatchObject({ query: 'outcome:failure', from: '-24h' })
  const narrowed = ['events', 'list', '--view', 'Deletions', '--query', 'a OR b', '--from', '-1h']
  expect((await terminal.keywitness(narrowed)).exitCode).toBe(0)
  expect(Object.fromEntries(last().query)).toMatchObject({ query: '(action:*.delete) (a OR b)', from: '-1h' })
  expect((await terminal.keywitness('events list --view Nothing')).exitCode).toBe(2)
})
