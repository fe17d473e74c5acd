/** How a command finds server, key and tracker, and what it says when it does not. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, apiKey, json, problem } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(3))
  terminal = terminalAt(undefined)
  mkdirSync(join(terminal.folder, 'data'))
})

afterEach(() => server.stop())

const inData = (name: string): string => join(terminal.folder, 'data', name)

function runFile(members: object = {}): void {
  writeFileSync(inData('run.json'), JSON.stringify({ http: server.address, location: 'us-south', pid: 1, ...members }))
}

test('a server on this machine is found by its data folder', async () => {
  runFile()
  writeFileSync(inData('api-key'), `${apiKey}\n`)
  expect(await terminal.keywitness('events list')).toMatchObject({ exitCode: 0 })
})

test('the environment names server and key, an option wins over it', async () => {
  terminal.environment['KEYWITNESS_URL'] = `http://${server.address}`
  terminal.environment['KEYWITNESS_API_KEY'] = apiKey
  expect(await terminal.keywitness('events list')).toMatchObject({ exitCode: 0 })
  writeFileSync(inData('other'), 'wrong-key')
  const { exitCode, err } = await terminal.keywitness(['events', 'list', '--api-key-file', inData('other')])
  expect(exitCode).toBe(3)
  expect(err).toMatch(/^error: refused by .*Provided API key could not be found\. \(400 BXNIM0415E\)\n$/)
  expect(await terminal.keywitness('events list --url http://127.0.0.1:1')).toMatchObject({ exitCode: 3 })
})

test('the key may be in a file that the environment names', async () => {
  runFile()
  writeFileSync(inData('key'), apiKey)
  terminal.environment['KEYWITNESS_API_KEY_FILE'] = inData('key')
  expect(await terminal.keywitness('events list')).toMatchObject({ exitCode: 0 })
})

test.each([
  ['no server', () => undefined, 3, /no server is running here: .*run\.json is not there; start one with npm start/],
  ['a damaged run file', () => writeFileSync(inData('run.json'), '{'), 2, /run\.json is damaged/],
  ['a run file that is a list', () => writeFileSync(inData('run.json'), 'null'), 2, /run\.json is damaged/],
  ['no key', () => runFile(), 2, /no API key; set KEYWITNESS_API_KEY/],
  ['a key with a space', () => (runFile(), writeFileSync(inData('api-key'), 'a b')), 2, /is no API key/],
  ['an empty key', () => (runFile(), writeFileSync(inData('api-key'), '\n')), 2, /is no API key/],
])('with %s it says so', async (_what, prepare, code, message) => {
  prepare()
  const { exitCode, out, err } = await terminal.keywitness('events list')
  expect({ exitCode, out }).toEqual({ exitCode: code, out: '' })
  expect(err).toMatch(message)
  expect(err.trimEnd().split('\n')).toHaveLength(1)
})

test.each(['ftp://x', 'not a url', 'http://user:pw@127.0.0.1', 'http://192.0.2.1', 'http://keys.example.com', '//x'])(
  'the address %s is refused before anything is sent',
  async (url) => {
    terminal.environment['KEYWITNESS_API_KEY'] = apiKey
    expect(await terminal.keywitness(['events', 'list', '--url', url])).toMatchObject({ exitCode: 2, out: '' })
  },
)

test('the development key of this machine is not sent elsewhere', async () => {
  writeFileSync(inData('api-key'), apiKey)
  const { exitCode, err } = await terminal.keywitness('events list --url https://keys.example.com')
  expect(exitCode).toBe(2)
  expect(err).toContain('no API key')
})

test('the key stands in no output, whatever goes wrong', async () => {
  terminal.environment['KEYWITNESS_API_KEY'] = 'marked-secret-key-77'
  for (const url of [`http://${server.address}`, 'http://127.0.0.1:1']) {
    const { out, err } = await terminal.keywitness(['events', 'list', '--url', url])
    expect(out + err).not.toContain('marked-secret-key-77')
  }
})

test('a redirect is not followed: it could carry the token elsewhere', async () => {
  runFile()
  writeFileSync(inData('api-key'), apiKey)
  server.instead.set('GET /v1/trackers/us-south/events', (_seen, response) => {
    response.writeHead(302, { location: `http://${server.address}/stolen` }).end()
  })
  expect(await terminal.keywitness('events list')).toMatchObject({ exitCode: 3 })
  expect(server.seen.map(({ path }) => path)).not.toContain('/stolen')
})

test('something else than a Keywitness at the address is told apart', async () => {
  const other = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve)
  })
  terminal.environment['KEYWITNESS_URL'] = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  terminal.environment['KEYWITNESS_API_KEY'] = apiKey
  const { exitCode, err } = await terminal.keywitness('events list --location us-south')
  expect(exitCode).toBe(3)
  expect(err).toMatch(/gave no token; check that this is the address of a Keywitness/)
  await new Promise((resolve) => {
    other.close(resolve)
  })
})

test('with several trackers one must be named', async () => {
  runFile({ location: undefined })
  writeFileSync(inData('api-key'), apiKey)
  const one = { location: 'us-south', origin: 'o', size: 0, covered: 0 }
  const answer = (trackers: object[]) =>
    server.instead.set('GET /v1/trackers', (_seen, response) => json(response, { trackers }))
  answer([one])
  expect(await terminal.keywitness('events list')).toMatchObject({ exitCode: 0 })
  answer([one, { ...one, location: 'eu-de' }])
  const { exitCode, err } = await terminal.keywitness('events list')
  expect(exitCode).toBe(2)
  expect(err).toBe('error: there are several trackers: us-south, eu-de; name one with --location\n')
  expect(await terminal.keywitness('events list --location us-south')).toMatchObject({ exitCode: 0 })
  answer([])
  expect((await terminal.keywitness('events list')).err).toContain('there is no tracker you may read')
  expect(await terminal.keywitness('log verify --location eu-de')).toMatchObject({ exitCode: 3 })
})

test('refusals in any form become one line that cannot steer the terminal', async () => {
  runFile()
  writeFileSync(inData('api-key'), apiKey)
  const path = 'GET /v1/trackers/us-south/events'
  server.instead.set(path, (_seen, response) => problem(response, 429, 'TOO\u001b[1m', 'Too\nmany \u202erequests.'))
  const first = await terminal.keywitness('events list')
  expect(first.err).toMatch(/Too\\u000amany \\u202erequests\. \(429 TOO\\u001b\[1m, witnessed.*; try again later\n$/)
  server.instead.set(path, (_seen, response) => {
    response.writeHead(502).end('<html>bad gateway</html>')
  })
  expect((await terminal.keywitness('events list')).err).toMatch(/status 502 \(502\); try again later\n$/)
  server.instead.set(path, (_seen, response) => problem(response, 503, 'UNIT_UNAVAILABLE', 'No master key is active.'))
  expect((await terminal.keywitness('events list')).err).toMatch(/; keywitness tke cryptounits shows .*\n$/)
})
