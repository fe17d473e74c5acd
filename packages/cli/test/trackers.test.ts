/** `trackers producers`, `release` and `admit`: who delivers, who does no more, and what is asked of the server. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json, problem } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal
beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(server)
})
afterEach(() => server.stop())

const path = '/v1/trackers/us-south/producers'
const producer = '3f0e2d1c-0b0a-4908-8706-050403020100'

test('who delivers has a line, with when it was released', async () => {
  const boundAt = '2026-11-25T20:00:00.000Z'
  const producers = [
    { producer, identity: 'ServiceId-1', boundAt },
    { producer: '00000000-0000-4000-8000-000000000000', identity: 'ServiceId-2\u001b', boundAt, releasedAt: boundAt },
  ]
  server.instead.set(`GET ${path}`, (_seen, response) => json(response, { producers }))
  const { exitCode, out } = await terminal.keywitness('trackers producers')
  expect(exitCode).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => line.split('\t'))).toEqual([
    [producer, 'ServiceId-1', boundAt, ''],
    ['00000000-0000-4000-8000-000000000000', 'ServiceId-2\\u001b', boundAt, boundAt],
  ])
})

test('releasing must be meant, and admitting says what the server says', async () => {
  const asked: string[] = []
  for (const call of [`DELETE ${path}/${producer}`, `POST ${path}/${producer}/admit`]) {
    server.instead.set(call, (_seen, response) => {
      asked.push(call)
      response.writeHead(204).end()
    })
  }
  expect((await terminal.keywitness(`trackers release ${producer}`)).exitCode).toBe(2)
  expect(asked).toEqual([])
  expect((await terminal.keywitness(`trackers release ${producer} --yes`)).out).toBe(`released ${producer}\n`)
  expect((await terminal.keywitness(`trackers admit ${producer}`)).out).toBe(`admitted ${producer}\n`)
  expect(asked).toHaveLength(2)
  server.instead.set(`POST ${path}/${producer}/admit`, (_seen, response) => problem(response, 404, 'NOT_FOUND', 'no'))
  expect((await terminal.keywitness(`trackers admit ${producer}`)).exitCode).toBe(3)
})
