/** The aggregate event of a flood: whose, how many, and that it survives a door that is closed for a while. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { failuresPerSource, floodWindowMs } from '../iam/flood.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { floodEventsMax, recordFloods, watchFloods } from './flood-events.ts'

let house: HttpHouse
beforeEach(async () => {
  house = await openHttpHouse()
})
afterEach(() => house.close())

function flood(count: number, remoteAddress = '203.0.113.7'): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, () =>
      house.app.inject({ url: '/api/v2/keys', headers: { authorization: 'Bearer x' }, remoteAddress }),
    ),
  )
}

test('a flood is one critical event of the operator with its count and source', async () => {
  await flood(75)
  house.clock.elapsed += floodWindowMs
  house.news()
  await recordFloods(house.floodParts)
  expect(house.news()).toMatchObject([
    {
      action: 'iam-identity.authentication.flood',
      severity: 'critical',
      initiator: { id: 'unknown', host: { address: '203.0.113.7' } },
      requestData: { count: 75 - failuresPerSource, windowSeconds: 60, protocol: 'HTTP' },
      logSourceCRN: expect.stringContaining(house.operator.account),
    },
  ])
})

test('a flood over the private network is told without the address it came from', async () => {
  await house.close()
  house = await openHttpHouse({ listener: { isPrivate: true } })
  await flood(30, '10.1.2.3')
  for (let source = 0; source < floodEventsMax; source++) {
    house.floodParts.flood.untold({ source: `10.2.0.${source}`, isPrivate: source % 2 === 0, count: 100 })
  }
  house.clock.elapsed += floodWindowMs
  house.news()
  await recordFloods(house.floodParts)
  const told = house.news().map(({ initiator, requestData }) => [requestData['count'], initiator.host?.address])
  expect(told.filter(([count]) => count === 10)).toEqual([[10, undefined]])
  expect(told.filter(([, address]) => address !== undefined)).toHaveLength(floodEventsMax / 2)
})

test('what could not be recorded is recorded later, with what came since', async () => {
  await flood(30)
  house.clock.elapsed += floodWindowMs
  const closed = {
    ...house.floodParts,
    audit: { witness: () => Promise.reject(new Refusal('AUDIT_UNAVAILABLE')) },
  }
  await recordFloods(closed)
  house.news()
  await flood(30)
  house.clock.elapsed += floodWindowMs
  house.news()
  await recordFloods(house.floodParts)
  const [event] = house.news()
  expect(event?.requestData['count']).toBe(10 + 10)
})

test('many floods at once make a bounded number of events that together count all', async () => {
  for (let source = 0; source < floodEventsMax + 20; source++) {
    house.floodParts.flood.untold({ source: `10.0.0.${source}`, isPrivate: false, count: 3 })
  }
  house.clock.elapsed += floodWindowMs
  house.news()
  await recordFloods(house.floodParts)
  const events = house.news()
  expect(events).toHaveLength(floodEventsMax + 1)
  expect(events.reduce((sum, { requestData }) => sum + Number(requestData['count']), 0)).toBe((floodEventsMax + 20) * 3)
})

test('a stop records the minute that is still running', async () => {
  const stop = watchFloods(house.floodParts)
  await flood(25)
  house.news()
  await stop()
  expect(house.news()).toMatchObject([{ requestData: { count: 5 } }])
})
