/** Entries given in slices: a rule says what it says when it is asked about each of them, and told the time before each. */
import * as fc from 'fast-check'
import {
  AlertSubject,
  type Condition,
  Evaluation,
  type Firing,
  packCalendars,
  rulePack,
} from '@keywitness/tracker/alerts'
import { expect, test } from 'vitest'
import { plainRule } from '../testing/alert-house.ts'
import { RuleRun } from './rule-run.ts'
import { Slice } from './slice.ts'

const start = Date.parse('2026-03-02T09:00:00.000Z')
const calendars = new Map(packCalendars.map((calendar) => [calendar.id, calendar]))

const conditions: readonly Condition[] = [
  { kind: 'match', query: 'outcome:failure key:k1' },
  { kind: 'count', query: '-outcome:success', threshold: 3, within: '10m' },
  { kind: 'absence', query: 'action:*.unwrap', within: '2m' },
  { kind: 'absence', query: 'action:none', within: '5m' },
  { kind: 'deadline', query: 'action:*.delete', due: { after: '3m' }, unless: 'code:403' },
]
const rules = [
  ...conditions.flatMap((when, at) =>
    [[], ['key']].map((groupBy) => plainRule({ id: `own-${at}-${groupBy.length}`, when, groupBy })),
  ),
  ...rulePack.map(({ rule }) => rule).filter(({ when }) => when.kind !== 'watch'),
]

const happening = fc.record({
  afterMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(400_000, 2 * 3_600_000, -2 * 3_600_000) },
  ),
  action: fc.constantFrom('hs-crypto.secrets.unwrap', 'hs-crypto.secrets.delete', 'hs-crypto.kmip-key.read', 'x.y'),
  outcome: fc.constantFrom('success', 'failure', undefined, { odd: true }),
  code: fc.constantFrom(200, 401, 403),
  key: fc.constantFrom('k1', 'k2'),
  isCut: fc.boolean(),
})

test('a rule fires for the same, wherever the entries are cut into slices', () => {
  let fired = 0
  const isSame = fc.property(fc.array(happening, { minLength: 10, maxLength: 60 }), (happenings) => {
    let time = start
    const subjects = happenings.map(({ afterMs, action, outcome, code, key }, index) => {
      time += afterMs
      const event = {
        action,
        outcome,
        eventTime: new Date(time).toISOString(),
        initiator: { id: 'ana', typeURI: 'service/security/account/user', credential: { type: 'token' } },
        reason: { reasonCode: code },
        responseData: { keyId: key },
      }
      return new AlertSubject(index, Buffer.from(JSON.stringify({ event })), 0)
    })
    const now = start + 365 * 86_400_000
    const whole = new Slice(subjects, now)
    for (const rule of rules) {
      const expected = firingsOneByOne(new Evaluation(rule, { calendars }), subjects, whole.times)
      const live = { rule, version: 1, liveFrom: 0, joined: true }
      const run = RuleRun.begin(
        live,
        { calendars },
        undefined,
        () => 0,
        () => 0,
      )
      run.isJoined = true
      const found: Firing[] = []
      let from = 0
      for (const [place, { isCut }] of happenings.entries()) {
        if (!isCut && place < happenings.length - 1) continue
        // What comes later in the log holds for the time of what is before it.
        const slice = new Slice(subjects.slice(from, place + 1), whole.times[place]!)
        found.push(...run.see(slice).firings)
        from = place + 1
      }
      fired += expected.length
      expect(keysOf(found), rule.id).toEqual(keysOf(expected))
      expect(run.health().matched).toBe(matchedOf(rule, subjects))
    }
  })
  fc.assert(isSame, { numRuns: 25 })
  expect(fired).toBeGreaterThan(100)
})

/** Every second it is told the time, and again when a clock was put right by over an hour. */
function firingsOneByOne(
  evaluation: Evaluation,
  subjects: readonly AlertSubject[],
  times: readonly number[],
): Firing[] {
  let ticked = Number.NEGATIVE_INFINITY
  return subjects.flatMap((subject, place) => {
    const time = times[place]! - 3_000
    const isDue = time >= ticked + 1_000 || time < ticked - 3_600_000
    if (isDue) ticked = time
    return [...(isDue ? evaluation.tick(time) : []), ...evaluation.see(subject)]
  })
}

function matchedOf(rule: (typeof rules)[number], subjects: readonly AlertSubject[]): number {
  const evaluation = new Evaluation(rule, { calendars })
  for (const subject of subjects) evaluation.see(subject)
  return evaluation.matched
}

function keysOf(firings: readonly Firing[]): string[] {
  return firings.map(({ rule, group, trigger }) => JSON.stringify([rule, group, trigger])).toSorted()
}
