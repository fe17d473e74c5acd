/** Bars: what the server counted and what came since, each event in one bar and in one only. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDay, sampleEvent } from '../../test/fixture/events.ts'
import type { Histogram } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import { askFor, barsOf, narrowed, spanOf } from './histogram.ts'

const noon = Date.UTC(2025, 10, 25, 12)
const day = sampleDay(3)
const at = (index: number, time: number): TrailItem => ({
  index,
  event: sampleEvent(day.next().value, time, index),
  leafHash: '',
})

/** What the server answers when it knows the rows up to `before`. */
function answer(rows: readonly TrailItem[], before: number, widthMs: number): Histogram {
  const known = rows.map(({ event }) => event).filter((event) => Date.parse(iso(event.eventTime)) < before)
  const start = noon - 3_600_000
  const buckets = []
  for (let from = start; from < before; from += widthMs) {
    const counts: Record<string, number> = {}
    for (const event of known) {
      const time = Date.parse(iso(event.eventTime))
      if (time >= from && time < from + widthMs) counts[event.severity] = (counts[event.severity] ?? 0) + 1
    }
    buckets.push({ from: new Date(from).toISOString(), to: new Date(from + widthMs).toISOString(), counts })
  }
  const interval = `${widthMs / 60_000}m`
  return { from: '', to: '', interval, count: known.length, isComplete: true, buckets }
}

const iso = (eventTime: string): string => eventTime.replace(/\.(\d\d)\+0000$/, '.$1Z')
const totalOf = (bars: readonly { total: number }[]): number => bars.reduce((sum, { total }) => sum + total, 0)

test('every event is counted once, whether the server counted it or it came afterwards', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3_500, max: -1 }), { minLength: 1, maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 30 }),
      (old, fresh) => {
        const before = old.toSorted((a, b) => b - a).map((s, i) => at(old.length - i, noon + s * 1_000))
        const asked = askFor({ from: '-1h' }, before, noon, 'utc')
        const counted = answer(before, asked.before ?? 0, 60_000)
        const rows = [...fresh.map((s, i) => at(old.length + fresh.length - i, noon + s * 1_000)), ...before]
        const bars = barsOf(counted, asked, 'severity', rows)
        expect(totalOf(bars)).toBe(old.length + fresh.length)
        expect(bars.length).toBeLessThanOrEqual(120)
        expect(bars.slice(1).map(({ from }) => from)).toEqual(bars.slice(0, -1).map(({ to }) => to))
      },
    ),
  )
})

test('the axis of a relative range ends now, also where nothing happened for long', () => {
  const rows = [at(1, noon - 3_000_000)]
  const asked = askFor({ from: '-1h' }, rows, noon, 'utc')
  expect(asked.interval).toBe('1m')
  const bars = barsOf(answer(rows, asked.before ?? 0, 60_000), asked, 'severity', rows)
  expect(bars.at(-1)?.to).toBeGreaterThanOrEqual(noon)
})

test('a range with an end is asked as it is, and nothing is added to it', () => {
  const search = { from: '2025-11-25T11:00:00Z', to: '2025-11-25T12:00:00Z' }
  const rows = [at(1, noon - 60_000)]
  const asked = askFor(search, rows, noon, 'utc')
  expect(asked.before).toBeUndefined()
  const bars = barsOf(answer(rows, noon, 60_000), asked, 'severity', [at(2, noon + 5), ...rows])
  expect(totalOf(bars)).toBe(1)
})

test('a run of bars narrows the time to it; up to the last one of a live range it stays live', () => {
  const bars = [0, 1, 2, 3].map((i) => ({ from: noon + i * 1000, to: noon + (i + 1) * 1000, counts: {}, total: i }))
  expect(spanOf(bars, 2, 1)).toMatchObject({ from: noon + 1000, to: noon + 3000 })
  const words = { words: 'w', from: '-1h' } as const
  expect(narrowed(words, bars, 2, 1)).toEqual({
    words: 'w',
    from: '2025-11-25T12:00:01.000Z',
    to: '2025-11-25T12:00:03.000Z',
  })
  expect(narrowed(words, bars, 2, 3)).toEqual({ words: 'w', from: '2025-11-25T12:00:02.000Z' })
  expect(narrowed({ to: '2025-11-25T12:00:04Z' }, bars, 2, 3)).toHaveProperty('to', '2025-11-25T12:00:04.000Z')
})
