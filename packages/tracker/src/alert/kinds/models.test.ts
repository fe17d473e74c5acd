/** Kinds against the simplest thing that could be meant: everything kept, everything looked through. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hour, minute, ruleOf, type Told, triggersOf } from '../../testing/alert-log.ts'

const windowS = 10 * minute

/** Events of a log: with steps back of less than an hour, when they may come late. */
const logOf = (isLate: boolean) => {
  const gap = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 * minute }) },
    { weight: 2, arbitrary: fc.integer({ min: isLate ? -15 * minute : 0, max: 0 }) },
    { weight: 1, arbitrary: fc.constantFrom(windowS, windowS + 1, hour) },
  )
  const event = fc.record({
    gap,
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    action: fc.constantFrom('read', 'wrap', 'delete'),
  })
  return fc.array(event, { minLength: 10, maxLength: 60 }).map((list): (Told & { key: string; action: string })[] => {
    let at = 0
    return list.map(({ gap: by, ...more }) => ({ ...more, at: Math.max(0, (at += by)) }))
  })
}

test('a count fires when some window around the event holds enough, late events included', () => {
  const model = (log: readonly Told[], threshold: number): number[] => {
    let kept: number[] = []
    return log.flatMap(({ at }, index) => {
      kept = [...kept, at].filter((one) => one >= at - windowS - hour)
      const isFull = (end: number): boolean =>
        kept.filter((one) => one <= end && one >= end - windowS).length >= threshold
      const end = kept.toSorted((a, b) => a - b).find((one) => one >= at && one <= at + windowS && isFull(one))
      if (end === undefined) return []
      kept = kept.filter((one) => one > end)
      return [index]
    })
  }
  let fired = 0
  const isSame = fc.property(logOf(true), fc.integer({ min: 2, max: 6 }), (log, threshold) => {
    const expected = model(log, threshold)
    fired += expected.length
    expect(triggersOf(ruleOf({ kind: 'count', query: '', threshold, within: '10m' }), log)).toEqual(expected)
  })
  fc.assert(isSame, { numRuns: 200 })
  expect(fired).toBeGreaterThan(50)
})

test('different values fire when the window up to the event holds enough', () => {
  const model = (log: readonly Told[], threshold: number): number[] => {
    let since = 0
    return log.flatMap(({ at }, index) => {
      const within = log.slice(since, index + 1).filter((one) => one.at >= at - windowS)
      if (new Set(within.map(({ key }) => key)).size < threshold) return []
      since = index + 1
      return [index]
    })
  }
  const isSame = fc.property(logOf(false), fc.integer({ min: 2, max: 4 }), (log, threshold) => {
    const rule = ruleOf({ kind: 'distinct', query: '', of: 'key', threshold, within: '10m' })
    expect(triggersOf(rule, log)).toEqual(model(log, threshold))
  })
  fc.assert(isSame, { numRuns: 200 })
})

test('a share fires when the part within its time is so much of the whole within its own', () => {
  const model = (log: readonly Told[], share: number): number[] => {
    let since = 0
    return log.flatMap(({ at, action }, index) => {
      const isPart = (one: Told): boolean => one.action === 'delete'
      const part = log.slice(since, index + 1).filter((one) => isPart(one) && one.at >= at - windowS).length
      const whole = log.slice(0, index + 1).filter((one) => one.at >= at - hour).length
      if (action !== 'delete' || whole < 4 || part < share * whole) return []
      since = index + 1
      return [index]
    })
  }
  const ratio = { kind: 'ratio', query: 'action:*.delete', of: '', least: 4, within: '10m', ofWithin: '1h' } as const
  const isSame = fc.property(logOf(false), fc.constantFrom(0.2, 0.25, 0.5), (log, share) => {
    expect(triggersOf(ruleOf({ ...ratio, share }), log)).toEqual(model(log, share))
  })
  fc.assert(isSame, { numRuns: 200 })
})

test('a sequence fires when some event begins one that ends in time, however many lie between', () => {
  const steps = ['read', 'wrap', 'delete'] as const
  /** Where a sequence that begins with this event ends at the earliest. */
  const endOf = (log: readonly Told[], from: number, counts: readonly number[]): number | undefined => {
    let step = 0
    let missing = counts[0]!
    for (let index = from; index < log.length; index++) {
      if (log[index]!.action !== steps[step]) continue
      missing -= 1
      if (missing > 0) continue
      step += 1
      if (step === counts.length) return index
      missing = counts[step]!
    }
    return undefined
  }
  const model = (log: readonly Told[], counts: readonly number[]): number[] => {
    const fired: number[] = []
    for (let index = 0; index < log.length; index++) {
      const seen = log.slice(0, index + 1)
      for (let from = (fired.at(-1) ?? -1) + 1; from <= index; from++) {
        if (log[from]!.action !== 'read' || seen[index]!.at - log[from]!.at > windowS) continue
        if (endOf(seen, from, counts) !== index) continue
        fired.push(index)
        break
      }
    }
    return fired
  }
  let fired = 0
  const some = fc.integer({ min: 1, max: 3 })
  const isSame = fc.property(logOf(false), fc.tuple(some, some, some), (log, counts) => {
    const query = (name: string, place: number) => ({ query: `action:*.${name}`, count: counts[place]! })
    const rule = ruleOf({ kind: 'sequence', steps: steps.map(query), within: '10m' })
    const expected = model(log, counts)
    fired += expected.length
    expect(triggersOf(rule, log)).toEqual(expected)
  })
  fc.assert(isSame, { numRuns: 400 })
  expect(fired).toBeGreaterThan(50)
})
