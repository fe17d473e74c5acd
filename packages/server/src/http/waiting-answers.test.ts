/** Readers that do not read: what waits for them is bounded, and who reads is served meanwhile. */
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addAccountRoute } from './account-route.ts'
import type { WaitingBounds } from './waiting-answers.ts'

const mebibyte = 1024 * 1024
const answerBytes = 8 * mebibyte
const generous = { holderBytes: 1024 * mebibyte, totalBytes: 1024 * mebibyte, unreadMs: 60_000 }

let house: HttpHouse
const clients: Socket[] = []
/** Connections as the server sees them, in the order they came; true once they are closed. */
let closed: boolean[]
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await house.close()
})

async function listen(bounds: Partial<WaitingBounds>): Promise<void> {
  const long = Buffer.alloc(answerBytes, 'x')
  house = await openHttpHouse({
    listener: { waiting: { answerBytes: mebibyte, ...generous, ...bounds } },
    extend: (app, { door }) => {
      addAccountRoute(app, door, {
        method: 'GET',
        url: '/v1/long',
        action: 'activity-tracker.events.search',
        operation: () => ({ code: 200, result: { body: long } }),
      })
    },
  })
  closed = []
  house.app.server.on('connection', (socket) => {
    const at = closed.push(false) - 1
    socket.once('close', () => (closed[at] = true))
  })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
}

const url = (): string => `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}/v1/long`

/** Asks for the long answer, once or in one packet several times, reads its beginning and nothing more. */
async function askWithoutReading(token: string, times = 1): Promise<void> {
  const client = connect((house.app.server.address() as AddressInfo).port, '127.0.0.1')
  clients.push(client)
  client.on('error', () => undefined)
  client.write(`GET /v1/long HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`.repeat(times))
  // A connection that is dropped at once may be gone before anything of it was read.
  await new Promise((resolve) => client.once('data', resolve).once('close', resolve))
  client.pause()
}

async function askAndRead(token: string): Promise<number> {
  const answer = await fetch(url(), { headers: { authorization: `Bearer ${token}`, connection: 'close' } })
  return (await answer.arrayBuffer()).byteLength
}

test('one holder has a bounded number of bytes waiting: the readers that wait longest are dropped', async () => {
  await listen({ holderBytes: 2 * answerBytes })
  const token = await house.token(house.operator.apiKey)
  for (let count = 0; count < 5; count++) await askWithoutReading(token)
  await expect.poll(() => closed).toEqual([true, true, true, false, false])
  expect(house.logged.join('')).toContain('was dropped')
})

test('answers that wait for their turn on one connection count as well', async () => {
  await listen({ holderBytes: 4 * answerBytes })
  await askWithoutReading(await house.token(house.operator.apiKey), 10)
  await expect.poll(() => closed).toEqual([true])
})

test('who reads is served while the answers of others wait, and drops none of them', async () => {
  await listen({ holderBytes: 2 * answerBytes })
  const token = await house.token(house.operator.apiKey)
  await askWithoutReading(token)
  await askWithoutReading(token)
  const other = await house.token(house.other.apiKey)
  expect(await askAndRead(other)).toBe(answerBytes)
  expect(closed.slice(0, 2)).toEqual([false, false])
})

test('all answers that wait have a bound, whoever they are for', async () => {
  await listen({ totalBytes: 3 * answerBytes })
  const tokens = [await house.token(house.operator.apiKey), await house.token(house.other.apiKey)]
  for (let count = 0; count < 5; count++) await askWithoutReading(tokens[count % 2] ?? '')
  await expect.poll(() => closed).toEqual([true, true, false, false, false])
})

test('a reader that takes nothing is dropped long before an idle connection would be', async () => {
  await listen({ unreadMs: 100 })
  await askWithoutReading(await house.token(house.operator.apiKey))
  await expect.poll(() => closed, { timeout: 10_000 }).toEqual([true])
})
