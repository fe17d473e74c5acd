/** Edges of a histogram: they hold the window, are round in the zone, and there are never too many. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { edgesOf, fittingWidth, widthMs } from './buckets.ts'

const at = (text: string): number => Date.parse(text)
const hour = 3_600_000

test('days begin at midnight of the zone, and are as long as clocks make them', () => {
  const edges = edgesOf(at('2026-10-24T10:00Z'), at('2026-10-26T10:00Z'), 24 * hour, 100, 'Europe/Berlin') ?? []
  expect(edges.map((edge) => new Date(edge).toISOString())).toEqual([
    '2026-10-23T22:00:00.000Z',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    '2026-10-26T23:00:00.000Z',
  ])
})

test('hours are counted from midnight of the zone', () => {
  expect(edgesOf(at('2026-11-25T05:00Z'), at('2026-11-25T11:59Z'), 3 * hour, 100, 'Asia/Kolkata')).toEqual([
    at('2026-11-25T03:30Z'),
    at('2026-11-25T06:30Z'),
    at('2026-11-25T09:30Z'),
    at('2026-11-25T12:30Z'),
  ])
})

test('a window of any size fits into the buckets that are chosen for it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('2020-01-01'), max: at('2030-01-01') }),
      fc.integer({ min: 1, max: 500 * 365 * 24 * hour }),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
      (from, length, zone) => {
        const width = fittingWidth(from, from + length, 60)
        const edges = edgesOf(from, from + length, widthMs(width) ?? 0, 100, zone)
        expect(edges).toBeDefined()
        expect(edges![0]).toBeLessThanOrEqual(from)
        expect(edges!.at(-1)).toBeGreaterThanOrEqual(from + length)
        expect(edges!.every((edge, place) => place === 0 || edge > edges![place - 1]!)).toBe(true)
      },
    ),
  )
})

test('too many buckets are none, and what is no width has none', () => {
  expect(edgesOf(0, 10 * hour, 1_000, 500)).toBeUndefined()
  expect(edgesOf(0, 10_000 * 24 * hour, 24 * hour, 500)).toBeUndefined()
  for (const text of ['', '0m', '-1m', '15', 'm', '1w', '1.5h', '999999s']) expect(widthMs(text)).toBeUndefined()
})
