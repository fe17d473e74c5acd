/** `events attachment`: the whole of a list that was too long for its event, and nothing that its event does not name. */
import { createHash } from 'node:crypto'
import { type ActivityEvent } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, location, text } from './log-server.ts'
import { WitnessedLog, eventNumber } from './witnessed-log.ts'

const content = JSON.stringify(['10.0.0.0/8', '10.1.0.0/16\u001b[2J', '10.2.0.0/16'])
const sha256 = createHash('sha256').update(content).digest('hex')
const digest = { bytes: content.length, count: 3, first: ['10.0.0.0/8'], sha256 }
const naming = (fields: Record<string, object>): ActivityEvent => ({
  ...eventNumber(0),
  requestData: { newValue: fields } as ActivityEvent['requestData'],
})

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  const log = new WitnessedLog(1)
  log.record(naming({ addresses: digest }))
  log.record(naming({ addresses: digest, networks: digest }))
  log.publish()
  server = await LogServer.start(log)
  terminal = terminalAt(server)
  for (const index of [1, 2]) answers(index, content)
})
afterEach(() => server.stop())

function answers(index: number, body: string): void {
  const path = `GET /v1/trackers/${location}/events/${index}/attachments/${sha256}`
  server.instead.set(path, (_seen, response) => text(response, body))
}

test('a list is printed an item a line, safe for a terminal, or as JSON', async () => {
  const { exitCode, out } = await terminal.keywitness('events attachment 1')
  expect([exitCode, out]).toEqual([0, '10.0.0.0/8\n10.1.0.0/16\\u001b[2J\n10.2.0.0/16\n'])
  const asJson = await terminal.keywitness('events attachment 1 --json')
  expect(JSON.parse(asJson.out)).toEqual(JSON.parse(content))
})

test('an event shows how much of a list is kept beside it, and how to get it', async () => {
  const { out } = await terminal.keywitness('events show 1 --no-proof')
  expect(out).toContain(`10.0.0.0/8, … (3 in all, attached; SHA-256 ${sha256}; keywitness events attachment)`)
})

test('of several lists one is named', async () => {
  expect(await terminal.keywitness('events attachment 2')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('name one: requestData.newValue.addresses, requestData.newValue.networks') as string,
  })
  expect((await terminal.keywitness('events attachment 2 networks')).exitCode).toBe(0)
  expect((await terminal.keywitness('events attachment 2 newValue.addresses')).exitCode).toBe(0)
})

test('what does not hash to what the event says is not shown', async () => {
  answers(1, '["0.0.0.0/0"]')
  const { exitCode, out, err } = await terminal.keywitness('events attachment 1')
  expect([exitCode, out]).toEqual([1, ''])
  expect(err).toContain('does not hash to what the event says')
})

test('an event without attachments says so', async () => {
  const { exitCode, err } = await terminal.keywitness('events attachment 0')
  expect([exitCode, err]).toEqual([2, 'error: this event has no attachments\n'])
})
