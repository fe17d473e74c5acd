/** Flood control: few are recorded, none is lost from the counts, memory stays bounded. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { failuresPerSource, failuresTotal, FloodControl, floodSourcesMax, floodWindowMs, sourceOf } from './flood.ts'

function control(): { flood: FloodControl; clock: { now: number } } {
  const clock = { now: 0 }
  return { flood: new FloodControl(() => clock.now), clock }
}

test('the first twenty of a source and minute are recorded, the others counted once the minute is over', () => {
  const { flood, clock } = control()
  const recorded = Array.from({ length: 5_000 }, () => flood.failed('203.0.113.7', false)).filter(Boolean)
  expect(recorded).toHaveLength(failuresPerSource)
  expect(flood.ended()).toEqual([])
  clock.now = floodWindowMs
  expect(flood.ended()).toEqual([{ source: '203.0.113.7', isPrivate: false, count: 5_000 - failuresPerSource }])
  expect(flood.ended()).toEqual([])
})

test('a new minute begins for a source that stayed within its twenty', () => {
  const { flood, clock } = control()
  for (let count = 0; count < failuresPerSource; count++) expect(flood.failed('203.0.113.7', false)).toBe(true)
  clock.now = floodWindowMs
  expect(flood.failed('203.0.113.7', false)).toBe(true)
})

test('one source does not use up what another may still record', () => {
  const { flood } = control()
  for (let count = 0; count < 100; count++) flood.failed('203.0.113.7', false)
  expect(flood.failed('203.0.113.8', false)).toBe(true)
})

test('many sources together record a bounded number and share one count beyond the bound of sources', () => {
  const { flood, clock } = control()
  let recorded = 0
  const sources = floodSourcesMax + 1_000
  for (let source = 0; source < sources; source++) {
    if (flood.failed(`10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`, false)) recorded++
  }
  expect(recorded).toBe(failuresTotal)
  clock.now = floodWindowMs
  const ended = flood.ended()
  expect(ended.length).toBeLessThanOrEqual(floodSourcesMax + 1)
  expect(ended.find(({ source }) => source === undefined)?.count).toBe(1_000)
})

test('every failure is recorded or counted, never both, never neither', () => {
  const step = fc.record({ source: fc.integer({ min: 0, max: 3 }), wait: fc.integer({ min: 0, max: 9_000 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const { flood, clock } = control()
      let recorded = 0
      let counted = 0
      const count = (all: boolean): void => {
        for (const ended of flood.ended(all)) counted += ended.count
      }
      for (const { source, wait } of steps) {
        clock.now += wait
        if (flood.failed(`10.0.0.${source}`, false)) recorded++
        if (wait % 3 === 0) count(false)
      }
      count(true)
      expect(recorded + counted).toBe(steps.length)
    }),
    { seed: Number(process.env['SEED'] ?? 7), numRuns: 200 },
  )
})

test('a count that could not be recorded is told again', () => {
  const { flood, clock } = control()
  flood.untold({ source: '203.0.113.7', isPrivate: false, count: 480 })
  for (let count = 0; count < 25; count++) flood.failed('203.0.113.7', false)
  clock.now = floodWindowMs
  expect(flood.ended()).toEqual([{ source: '203.0.113.7', isPrivate: false, count: 485 }])
})

test('how a source came and what it showed is told of what was counted, as far as it was each time the same', () => {
  const { flood, clock } = control()
  const kmip = { protocol: 'KMIP', fingerprint: 'aa' } as const
  for (let count = 0; count < 30; count++) flood.failed('10.0.0.1', true, kmip)
  for (let count = 0; count < 30; count++) flood.failed('10.0.0.2', true, { ...kmip, fingerprint: `${count % 2}` })
  for (let count = 0; count < 30; count++) flood.failed('10.0.0.3', true, count % 2 === 0 ? kmip : { protocol: 'HTTP' })
  clock.now = floodWindowMs
  const counts = flood.ended()
  expect(counts.map(({ protocol, fingerprint }) => [protocol, fingerprint])).toEqual([
    ['KMIP', 'aa'],
    ['KMIP', undefined],
    [undefined, undefined],
  ])
  for (const count of counts) flood.untold(count)
  flood.failed('10.0.0.1', true, kmip)
  clock.now *= 2
  expect(flood.ended()[0]).toMatchObject({ ...kmip, count: 10 })
})

test('one address on the private and on the public network is two sources', () => {
  const { flood, clock } = control()
  const recorded = [false, true].flatMap((isPrivate) =>
    Array.from({ length: 30 }, () => flood.failed('10.0.0.1', isPrivate)).filter(Boolean),
  )
  expect(recorded).toHaveLength(2 * failuresPerSource)
  clock.now = floodWindowMs
  expect(flood.ended()).toEqual([
    { source: '10.0.0.1', isPrivate: false, count: 10 },
    { source: '10.0.0.1', isPrivate: true, count: 10 },
  ])
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:db8:1:2::9', '2001:db8:1:2::'],
  ['2001:DB8::1', '2001:db8:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0:0::'],
])('%s floods as %s', (address, source) => {
  expect(sourceOf(address)).toBe(source)
})
