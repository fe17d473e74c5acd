/** What only shows on a real connection: slow, huge, malformed and ambiguous requests; the server stays up. */
import { connect, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'

let house: HttpHouse
let port: number
let authorization: string
beforeAll(async () => {
  house = await openHttpHouse({ listener: { limits: { headersMs: 300, requestMs: 600, sweepMs: 50 } } })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
  port = (house.app.server.address() as AddressInfo).port
  authorization = `Bearer ${await house.token(house.operator.apiKey)}`
})
afterAll(() => house.close())

interface Exchange {
  readonly socket: Socket
  /** Everything received once the server has closed the connection. */
  readonly closed: Promise<string>
  /** Resolves as soon as what was received matches. */
  received(pattern: RegExp): Promise<string>
}

function open(text?: string | Buffer, to = port): Exchange {
  const socket = connect(to, '127.0.0.1')
  let got = ''
  const waiting: { pattern: RegExp; resolve: (text: string) => void }[] = []
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    got += String(chunk)
    for (const wait of waiting) if (wait.pattern.test(got)) wait.resolve(got)
  })
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(got)))
  if (text !== undefined) socket.write(text)
  return {
    socket,
    closed,
    received: (pattern) => new Promise((resolve) => waiting.push({ pattern, resolve })),
  }
}

function head(method: string, path: string, headers: Record<string, string> = {}): string {
  const all = { host: `127.0.0.1:${port}`, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

function keyHeaders(more: Record<string, string> = {}): Record<string, string> {
  return { authorization, 'bluemix-instance': house.operator.instance, ...more }
}

async function stillServes(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v2/keys`, { headers: keyHeaders() })
  expect(answer.status).toBe(200)
}

test('headers that never end are given up', async () => {
  const exchange = open('GET /healthz HTTP/1.1\r\nhost: x\r\n')
  expect(await exchange.closed).toMatch(/^HTTP\/1\.1 408 /)
  await stillServes()
})

test('a body that never ends is given up', async () => {
  const exchange = open(head('POST', '/api/v2/keys', keyHeaders({ 'content-length': '100' })) + '{"a":')
  expect(await exchange.closed).toMatch(/^HTTP\/1\.1 408 /)
  await stillServes()
})

test.each([
  ['one huge header', () => head('GET', '/', { 'x-huge': 'x'.repeat(20_000) }), /^HTTP\/1\.1 431 /],
  ['many headers of moderate size', () => head('GET', '/', many(400, 'x'.repeat(60))), /^HTTP\/1\.1 431 /],
  ['a huge path', () => head('GET', `/${'x'.repeat(20_000)}`), /^HTTP\/1\.1 431 /],
  ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['no host', () => 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
])('%s is refused and the connection closes', async (_what, text, expected) => {
  expect(await open(text()).closed).toMatch(expected)
  await stillServes()
})

const inner = 'DELETE /api/v2/keys/smuggled HTTP/1.1\r\nhost: x\r\n\r\n'
test.each([
  ['length and chunks', { 'content-length': '4', 'transfer-encoding': 'chunked' }, `0\r\n\r\n${inner}`],
  ['two lengths', { 'content-length': '4\r\nContent-Length: 60' }, `{}  ${inner}`],
  ['a list of lengths', { 'content-length': '4, 60' }, `{}  ${inner}`],
  ['a signed length', { 'content-length': '+4' }, `{}  ${inner}`],
  ['a blank before the colon', { 'transfer-encoding ': 'chunked' }, `0\r\n\r\n${inner}`],
  ['a coding after chunked', { 'transfer-encoding': 'chunked, identity' }, `0\r\n\r\n${inner}`],
  ['a folded header', { 'x-a': 'b\r\n transfer-encoding: chunked', 'content-length': '4' }, `{}  ${inner}`],
  ['a bare line feed', { 'x-a': 'b\ntransfer-encoding: chunked', 'content-length': '4' }, `{}  ${inner}`],
  ['a chunk size that is none', { 'transfer-encoding': 'chunked' }, `-1\r\n${inner}`],
  ['a chunk longer than it says', { 'transfer-encoding': 'chunked' }, `2\r\n{}${inner}`],
])('no second request is smuggled with %s', async (_what, headers, rest) => {
  house.news()
  const exchange = open(head('POST', '/api/v2/keys', keyHeaders(headers)) + rest)
  const got = await exchange.closed
  expect(got).toMatch(/^HTTP\/1\.1 400 /)
  expect(got.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(house.events().filter(({ requestData }) => JSON.stringify(requestData).includes('smuggled'))).toEqual([])
  await stillServes()
})

interface Line {
  readonly level: number
  readonly msg: string
  readonly err?: unknown
}

test('a client that leaves in the middle of its body is no error of the server, and no stack', async () => {
  const before = house.logged.length
  const lines = (): Line[] => house.logged.slice(before).map((line) => JSON.parse(line) as Line)
  const { socket } = open(head('POST', '/api/v2/keys', keyHeaders({ 'content-length': '100' })) + '{"a":')
  await new Promise((resolve) => house.app.server.once('request', resolve))
  socket.resetAndDestroy()
  const left = { level: 20, msg: 'a client left before its body ended' }
  await expect.poll(lines).toContainEqual(expect.objectContaining(left))
  expect(lines().filter(({ level, err }) => level > 20 || err !== undefined)).toEqual([])
  await stillServes()
})

test('a body with a length and one in chunks are the same', async () => {
  const plain = open(
    head('POST', '/api/v2/keys', keyHeaders({ 'content-length': '7', connection: 'close' })) + '{"a":1}',
  )
  const chunked = open(
    head('POST', '/api/v2/keys', keyHeaders({ 'transfer-encoding': 'chunked', connection: 'close' })) +
      '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
  )
  for (const got of [await plain.closed, await chunked.closed]) {
    expect(got).toMatch(/^HTTP\/1\.1 201 /)
    expect(got).toContain('"got":{"a":1}')
  }
})

test('two requests in one packet get two answers in their order', async () => {
  const first = head('GET', '/api/v2/keys/one', keyHeaders())
  const second = head('GET', '/api/v2/keys/two', keyHeaders({ connection: 'close' }))
  const got = await open(first + second).closed
  expect(got.match(/"id":"\w+"/g)).toEqual(['"id":"one"', '"id":"two"'])
})

test('who sends three megabytes reads that it was too much', async () => {
  const body = 3 * 1024 * 1024
  const exchange = open(head('POST', '/api/v2/keys', keyHeaders({ 'content-length': String(body) })))
  exchange.socket.write(Buffer.alloc(body, 32))
  const got = await exchange.closed
  expect(got).toMatch(/^HTTP\/1\.1 413 /)
  expect(got).toContain('BODY_TOO_LARGE')
})

test('who announces a terabyte is refused before sending it', async () => {
  const exchange = open(head('POST', '/api/v2/keys', keyHeaders({ 'content-length': String(2 ** 40) })))
  expect(await exchange.closed).toMatch(/^HTTP\/1\.1 413 /)
})

test('who sends chunks without end is stopped', async () => {
  const exchange = open(head('POST', '/api/v2/keys', keyHeaders({ 'transfer-encoding': 'chunked' })))
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 32), Buffer.from('\r\n')])
  const pump = (): void => {
    while (!exchange.socket.destroyed && exchange.socket.write(chunk)) continue
    if (!exchange.socket.destroyed) exchange.socket.once('drain', pump)
  }
  exchange.socket.on('connect', pump)
  expect(await exchange.closed).toMatch(/^(HTTP\/1\.1 413 |$)/)
  await stillServes()
})

test('connections beyond the bound are turned away and those within are served', async () => {
  const small = await openHttpHouse({ listener: { limits: { connections: 5 } } })
  try {
    await small.app.listen({ host: '127.0.0.1', port: 0 })
    const { port: smallPort } = small.app.server.address() as AddressInfo
    const held = Array.from({ length: 5 }, () => open(undefined, smallPort))
    await Promise.all(held.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
    expect(await open(head('GET', '/identity/keys'), smallPort).closed).toBe('')
    const served = held[4]?.received(/HTTP\/1\.1 200 /)
    held[4]?.socket.write(head('GET', '/identity/keys'))
    expect(await served).toContain('"keys"')
    for (const { socket } of held) socket.destroy()
  } finally {
    await small.close()
  }
})

function many(count: number, value: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, value]))
}
