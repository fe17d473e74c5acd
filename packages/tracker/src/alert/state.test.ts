/** A rule's saved state: taken up again anywhere in a log it goes on as if nothing had been; another's is refused. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { alertStart, day, minute, noOptions, ruleOf, subjectsOf, type Told } from '../testing/alert-log.ts'
import { Evaluation, type EvaluationOptions, type Firing } from './evaluation.ts'
import type { Condition, Rule } from './rule.ts'
import { StateError } from './rule-error.ts'

const deletes = 'action:*.delete'
const conditions: { readonly [kind in Exclude<Condition['kind'], 'watch'>]: Condition } = {
  match: { kind: 'match', query: deletes },
  count: { kind: 'count', query: 'code:403', threshold: 3, within: '10m' },
  distinct: { kind: 'distinct', query: 'action:[*.wrap, *.delete]', of: 'key', threshold: 3, within: '10m' },
  ratio: {
    kind: 'ratio',
    query: 'code:403',
    of: 'action:*.unwrap',
    share: 0.4,
    least: 3,
    within: '10m',
    ofWithin: '1h',
  },
  absence: { kind: 'absence', query: 'action:*.unwrap', within: '10m' },
  new: { kind: 'new', query: '', fields: ['key', 'address'], remember: '1h', learn: '10m', volume: 2 },
  sequence: {
    kind: 'sequence',
    steps: [{ query: 'code:403', count: 2 }, { query: 'action:*.wrap' }, { query: 'code:200', count: 2 }],
    within: '30m',
    same: [
      ['key', 'key'],
      ['address', 'address'],
    ],
  },
  history: { kind: 'history', query: '', per: '5m', periods: 4, learn: 2, quantile: 0.7, deviations: 1, least: 2 },
  deadline: {
    kind: 'deadline',
    query: 'action:[*.wrap, *.delete]',
    due: { after: '20m' },
    before: '5m',
    unless: 'action:*.delete',
  },
  travel: { kind: 'travel', query: '', speed: 900, least: 100 },
}
const kinds = Object.entries(conditions)
const options: EvaluationOptions = {
  ...noOptions,
  locate: (address) => (address === 'x' ? undefined : { latitude: 0, longitude: Number(address) }),
}
const grouped = [[], ['initiator'], ['initiator', 'key']]

/** Events up to a minute apart, some earlier than the one before, some far away. */
const step = fc.oneof(
  { weight: 16, arbitrary: fc.integer({ min: 0, max: minute }) },
  { weight: 3, arbitrary: fc.integer({ min: -8 * minute, max: 0 }) },
  { weight: 1, arbitrary: fc.constantFrom(30 * minute, 70 * minute, -3 * day, 2 * day) },
)
const told = fc.record({
  step,
  action: fc.constantFrom('unwrap', 'wrap', 'delete'),
  who: fc.constantFrom('ana', 'ben'),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  code: fc.constantFrom(200, 200, 403),
  address: fc.constantFrom('0', '60', '61', 'x'),
})
const log = fc.array(told, { minLength: 30, maxLength: 70 }).map((list): Told[] => {
  let at = 0
  return list.map(({ step: by, ...more }) => {
    const one = { ...more, at: at + by }
    // What lies far away stays alone.
    if (Math.abs(by) < day) at += by
    return one
  })
})
/** Before anything: a tick that says nothing. */
const longAgo = alertStart - 1_000 * day * 1_000

test.each(kinds)(
  'saved and taken up again after any entry, %s goes on in the same way',
  (_, when) => {
    let fired = 0
    const goesOn = fc.property(
      log,
      fc.constantFrom(...grouped),
      fc.infiniteStream(fc.boolean()),
      fc.boolean(),
      (events, groupBy, saves, isTicked) => {
        const rule = ruleOf(when, { groupBy })
        const whole = new Evaluation(rule, options)
        let parts = new Evaluation(rule, options)
        for (const subject of subjectsOf(events)) {
          const now = isTicked ? subject.time : longAgo
          const expected = [...whole.see(subject), ...whole.tick(now)]
          expect([...parts.see(subject), ...parts.tick(now)]).toEqual(expected)
          fired += expected.length
          const saved = JSON.stringify(parts.save())
          if (saves.next().value === true) parts = Evaluation.restore(rule, options, JSON.parse(saved))
          expect([parts.matched, parts.lastMatch, parts.isSaturated]).toEqual([whole.matched, whole.lastMatch, false])
        }
        expect(parts.save()).toEqual(whole.save())
      },
    )
    fc.assert(goesOn, { numRuns: 60 })
    expect(fired).toBeGreaterThan(10)
  },
  120_000,
)

const [timed, untimed] = [true, false].map((isTimed) =>
  kinds.filter(([kind]) => ['absence', 'deadline'].includes(kind) === isTimed),
)

test.each(untimed!)('ticks change nothing of what %s says', (_, when) => {
  const some = fc.infiniteStream(fc.integer({ min: 0, max: 9 }))
  const isSame = fc.property(log, fc.constantFrom(...grouped), some, (events, groupBy, ticks) => {
    const rule = ruleOf(when, { groupBy })
    const [ticked, plain] = [new Evaluation(rule, options), new Evaluation(rule, options)]
    for (const subject of subjectsOf(events)) {
      const said = ticks.next().value === 0 ? ticked.tick(subject.time) : []
      expect([...said, ...ticked.see(subject)]).toEqual(plain.see(subject))
    }
    expect(ticked.save()).toEqual(plain.save())
  })
  fc.assert(isSame, { numRuns: 30 })
})

test.each(timed!)('%s tells of each trigger once, whether ticks come often, seldom or at the end only', (_, when) => {
  const inOrder = log.map((events) => events.toSorted((a, b) => a.at - b.at))
  const isSame = fc.property(
    inOrder,
    fc.constantFrom(...grouped),
    fc.integer({ min: 1, max: 30 }),
    (events, by, every) => {
      const rule = ruleOf(when, { groupBy: by })
      const run = (ticksEvery: number): string[] => {
        const evaluation = new Evaluation(rule, options)
        const firings: Firing[] = []
        for (const [place, subject] of subjectsOf(events).entries()) {
          // A tick is never behind the entries that were given, nor at the time of the next.
          if (place % ticksEvery === 0 && place > 0) firings.push(...evaluation.tick(subject.time - 1))
          firings.push(...evaluation.see(subject))
        }
        firings.push(...evaluation.tick(alertStart + 9_000 * day * 1_000))
        return firings.map(({ group, trigger, at }) => JSON.stringify([group, trigger, at])).toSorted()
      }
      const often = run(every)
      expect(often).toEqual(run(Number.POSITIVE_INFINITY))
      expect(new Set(often).size).toBe(often.length)
      expect(often.length).toBeGreaterThan(0)
    },
  )
  fc.assert(isSame, { numRuns: 100 })
})

test('given only what its kind can match, every rule says the same as given all', () => {
  const rules = kinds.flatMap(([kind, when]) =>
    grouped.map((groupBy, place): Rule => ruleOf(when, { groupBy, id: `${kind}-${place}` })),
  )
  const foreign = fc.array(fc.constantFrom('foreign.thing.done', 'unwrap', 'hs-crypto.importtoken.create'), {
    maxLength: 5,
  })
  const isSame = fc.property(log, foreign, fc.boolean(), (events, others, isTicked) => {
    const all = rules.map((rule) => new Evaluation(rule, options))
    const some = rules.map((rule) => new Evaluation(rule, options))
    for (const subject of subjectsOf([...others.map((action, at) => ({ action, at })), ...events])) {
      const now = isTicked ? subject.time : longAgo
      const concerned = some.filter((one) => !one.hasBegun || one.asks(subject.kind) !== undefined)
      expect(concerned.flatMap((one) => one.see(subject))).toEqual(all.flatMap((one) => one.see(subject)))
      expect(some.flatMap((one) => one.tick(now))).toEqual(all.flatMap((one) => one.tick(now)))
    }
  })
  fc.assert(isSame, { numRuns: 40 })
})

test('a state of another rule, or none at all, is refused; a new name changes nothing', () => {
  const rule = ruleOf(conditions.count)
  const saved = new Evaluation(rule, options).save() as { [name: string]: unknown }
  const restore = (of: Rule, state: unknown) => () => Evaluation.restore(of, options, state)
  expect(restore({ ...rule, name: 'Other' }, saved)).not.toThrow()
  expect(restore(ruleOf({ ...conditions.count, threshold: 4 } as Condition), saved)).toThrow(StateError)
  expect(restore(ruleOf(conditions.count, { groupBy: ['key'] }), saved)).toThrow(StateError)
  for (const wrong of [null, 7, 'x', [], {}, { ...saved, format: 'other' }, { ...saved, counts: ['1'] }]) {
    expect(restore(rule, wrong)).toThrow(StateError)
  }
})

test.each(kinds.filter(([kind]) => kind !== 'match'))(
  'a changed state of %s is refused or taken, no more',
  (_, when) => {
    const rule = ruleOf(when, { groupBy: ['initiator'] })
    const evaluation = new Evaluation(rule, options)
    for (const subject of subjectsOf([
      { at: 0, who: 'ana', key: 'a', code: 403, address: '0' },
      { at: 1, who: 'ana', key: 'b', action: 'wrap', address: '0' },
    ])) {
      evaluation.see(subject)
    }
    const saved = JSON.stringify(evaluation.save())
    const begin = saved.indexOf('"state"')
    const places = [...saved.matchAll(/\d+|"[^"]*"|null|true|false|\[\]/g)].filter(({ index }) => index > begin)
    const put = fc.constantFrom('null', '"x"', '-1', '[]', '{}', '[[1]]', 'true')
    const isTaken = fc.property(fc.constantFrom(...places), put, ({ 0: old, index }, other) => {
      try {
        const changed: unknown = JSON.parse(saved.slice(0, index) + other + saved.slice(index + old.length))
        Evaluation.restore(rule, options, changed)
        return true
      } catch (error) {
        return error instanceof StateError || error instanceof SyntaxError
      }
    })
    expect(fc.check(isTaken, { numRuns: 200 })).toMatchObject({ failed: false })
  },
)
