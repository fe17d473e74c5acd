/** Calls to another server: tokens that are over are renewed within the call, and pauses asked for are told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addressRule } from '../../outbound/addresses.ts'
import { refusedBy, RemoteServer } from './remote-server.ts'

let signIns = 0
/** Whether a token lets in; by its number. */
let isGood: (token: number) => boolean
let signInStatus = 200

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  if (request.url === '/identity/token') {
    signIns += 1
    response.writeHead(signInStatus, { 'retry-after': '9' }).end(JSON.stringify({ access_token: String(signIns) }))
    return
  }
  const token = Number(request.headers.authorization?.replace('Bearer ', ''))
  response.writeHead(isGood(token) ? 200 : 401).end()
}

const http = createServer(answer)
beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise<void>((resolve) => http.close(() => resolve())))
beforeEach(() => {
  signIns = 0
  signInStatus = 200
  isGood = () => true
})

function connect(): RemoteServer {
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  const place = { url, remoteLocation: 'eu-de', apiKey: 'k'.repeat(40), ca: undefined }
  const network = { addresses: addressRule(['127.0.0.1']), resolve: async () => [], attemptMs: 5_000 }
  return new RemoteServer(place, network, new AbortController().signal)
}

test('a token that is over is renewed within the call', async () => {
  const server = connect()
  expect((await server.call('GET', 'producers/1')).status).toBe(200)
  isGood = (token) => token > 1
  expect((await server.call('GET', 'producers/1')).status).toBe(200)
  expect(signIns).toBe(2)
  expect((await server.call('GET', 'producers/1')).status).toBe(200)
  expect(signIns).toBe(2)
})

test('who is not let in with a new token is not let in, and asks no further', async () => {
  const server = connect()
  isGood = () => false
  expect((await server.call('GET', 'producers/1')).status).toBe(401)
  expect(signIns).toBe(1)
  isGood = () => true
  expect((await server.call('GET', 'producers/1')).status).toBe(200)
  isGood = () => false
  expect((await server.call('GET', 'producers/1')).status).toBe(401)
  expect(signIns).toBe(3)
})

test('a pause that is asked for is told, of a refused sign-in too, and is not for ever', async () => {
  signInStatus = 503
  await expect(connect().call('GET', 'producers/1')).rejects.toMatchObject({ code: 'REFUSED', pauseMs: 9_000 })
  const pauseOf = (status: number, retryAfter: string | undefined): number =>
    refusedBy({ status, retryAfter, body: Buffer.alloc(0) }, 'it is busy').pauseMs
  expect([pauseOf(429, '3'), pauseOf(429, '999999'), pauseOf(429, 'soon'), pauseOf(500, '3')]).toEqual([
    3_000, 300_000, 0, 0,
  ])
})
