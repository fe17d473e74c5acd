/** Exchanges with another server: the next address when one does not connect, and time for large bodies. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressRule } from './addresses.ts'
import { exchange, exchangeMs } from './exchange.ts'

const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  request.resume().on('end', () => response.writeHead(200, { 'retry-after': '7' }).end('answer'))
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

const ask = (addresses: readonly string[]) =>
  exchange(
    {
      method: 'POST',
      url: new URL(`http://other.test:${(server.address() as AddressInfo).port}/path`),
      headers: {},
      body: Buffer.from('body'),
      answerBytes: 100,
    },
    { addresses: addressRule(['127.0.0.0/8']), resolve: async () => addresses, attemptMs: 5_000 },
    new AbortController().signal,
  )

test('an address that does not connect is no trouble while another of the name does', async () => {
  // Nobody listens on the others.
  const answer = await ask(['127.0.0.2', '127.0.0.3', '127.0.0.1'])
  expect([answer.status, answer.retryAfter, answer.body.toString()]).toEqual([200, '7', 'answer'])
  expect(asked).toEqual(['/path'])
  await expect(ask(['127.0.0.2', '127.0.0.3'])).rejects.toMatchObject({ problem: 'NO_CONNECTION' })
})

test('of a name with very many addresses only some are tried, and none unless all are allowed', async () => {
  const many = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.1']
  await expect(ask(many)).rejects.toMatchObject({ problem: 'NO_CONNECTION' })
  await expect(ask(['127.0.0.1', '10.0.0.1'])).rejects.toMatchObject({ problem: 'ADDRESS_REFUSED' })
})

test('a body has time for its bytes', () => {
  expect(exchangeMs(20_000, 0)).toBe(20_000)
  expect(exchangeMs(20_000, 2 * 1024 * 1024)).toBe(52_000)
})
