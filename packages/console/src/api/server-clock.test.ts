/** The server's clock as its answers tell it: not by what was kept, and not by less than can be told. */
import { expect, test } from 'vitest'
import { ServerClock } from './server-clock.ts'

const here = Date.UTC(2026, 10, 27, 3, 0, 0)
const headers = (ms: number, caching = 'no-store'): Headers =>
  new Headers({ Date: new Date(here + ms).toUTCString(), 'Cache-Control': caching })

test('a clock that is off is told by how much, and listeners hear of it once', () => {
  const clock = new ServerClock(() => here)
  let told = 0
  clock.subscribe(() => told++)
  clock.observe(headers(300_000))
  clock.observe(headers(301_000))
  expect([clock.offset, clock.now() - here, told]).toEqual([300_500, 300_500, 1])
  clock.observe(headers(0))
  expect([clock.offset, told]).toEqual([0, 2])
})

test('seconds that an answer takes, a kept answer, and one without a date tell nothing', () => {
  const clock = new ServerClock(() => here)
  clock.observe(headers(-1_000))
  clock.observe(headers(600_000, 'public, max-age=31536000, immutable'))
  clock.observe(new Headers({ 'Cache-Control': 'no-store' }))
  clock.observe(new Headers({ 'Cache-Control': 'no-store', Date: 'never' }))
  expect(clock.offset).toBe(0)
})
