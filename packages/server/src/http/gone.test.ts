/** An operation learns that its client has left, and what it was still finding is given up. */
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addAccountRoute } from './account-route.ts'

let house: HttpHouse
let begun: (signal: AbortSignal) => void
beforeAll(async () => {
  house = await openHttpHouse({
    extend: (app, { door }) =>
      addAccountRoute(app, door, {
        method: 'GET',
        url: '/v1/endless',
        action: 'activity-tracker.events.search',
        operation: async ({ gone }) => {
          const signal = gone()
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve)
            begun(signal)
          })
          throw new Refusal('SEARCH_WITHDRAWN')
        },
      }),
  })
  await house.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => house.close())

test('a client that leaves withdraws its search, which is a warning in the trail and no alarm', async () => {
  const { port } = house.app.server.address() as AddressInfo
  const authorization = `Bearer ${await house.token(house.operator.apiKey)}`
  const running = new Promise<AbortSignal>((resolve) => (begun = resolve))
  house.news()
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET /v1/endless HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`)
  expect((await running).aborted).toBe(false)
  socket.destroy()
  const told = expect.objectContaining({ severity: 'warning', reason: expect.objectContaining({ reasonCode: 408 }) })
  await expect.poll(() => house.events().at(-1)).toEqual(told)
})
