/** The shipped rules: each tells of what it is for, and not of what only looks like it. */
import { catalogue, initiatorTypes } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { AlertSubject } from '../alert-subject.ts'
import { needsOf, parseRule } from '../parse-rule.ts'
import { parseCalendar } from '../parse-calendar.ts'
import type { Condition } from '../rule.ts'
import { compileQuery } from '../rule-query.ts'
import { packCalendars, rulePack } from './pack.ts'
import { accessCases } from './testing/access-cases.ts'
import { type Case, firings, groupOf, ruleOf } from './testing/cases.ts'
import { keyCases } from './testing/key-cases.ts'
import { policyCases } from './testing/policy-cases.ts'
import { trailCases } from './testing/trail-cases.ts'
import { unitCases } from './testing/unit-cases.ts'
import { usageCases } from './testing/usage-cases.ts'

const cases: readonly (readonly [id: string, Case])[] = [
  ...Object.entries(keyCases),
  ...Object.entries(policyCases),
  ...Object.entries(accessCases),
  ...Object.entries(usageCases),
  ...Object.entries(unitCases),
  ...Object.entries(trailCases),
]

test.each(cases)('%s fires once, of the right group and severity', (id, { fires, as, severity, lists, locate }) => {
  const rule = ruleOf(id, lists)
  const found = firings(rule, fires, locate)
  expect(found.map((firing) => groupOf(rule, firing))).toEqual([as])
  expect(rule.severity).toBe(severity)
})

const nears = cases.flatMap(([id, one]) =>
  Object.entries(one.near).map(([difference, scene]) => [id, difference, one, scene] as const),
)

test.each(nears)('%s is quiet: %s', (id, _difference, { lists, locate }, scene) => {
  expect(firings(ruleOf(id, lists), scene, locate)).toEqual([])
})

test('every rule has its scenes, but for those that look by themselves', () => {
  const told = rulePack.filter(({ rule }) => rule.when.kind !== 'watch').map(({ rule }) => rule.id)
  expect(cases.map(([id]) => id)).toEqual(told)
  for (const [, { near }] of cases) expect(Object.keys(near).length).toBeGreaterThan(0)
})

test('every rule can be read, comes back as it was written, and has an id of its own', () => {
  for (const { rule } of rulePack) expect(parseRule(JSON.parse(JSON.stringify(rule)))).toEqual(rule)
  expect(new Set(rulePack.map(({ rule }) => rule.id)).size).toBe(rulePack.length)
  expect(new Set(rulePack.map(({ rule }) => rule.name)).size).toBe(rulePack.length)
})

test('all 36 numbers have a rule', () => {
  const numbers = new Set(rulePack.flatMap(({ number }) => number))
  expect([...numbers].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, n) => n + 1))
})

test('what is on needs nothing that is not there; what is off says why', () => {
  for (const { rule } of rulePack.filter(({ isOn }) => isOn)) {
    expect(needsOf(parseRule(rule)), rule.id).toEqual({ lists: [], locations: false })
  }
  for (const { rule, why } of rulePack.filter(({ isOn }) => !isOn)) expect(why, rule.id).toMatch(/\.$/)
})

test('the calendars that rules name are there', () => {
  for (const calendar of packCalendars) expect(parseCalendar(calendar)).toEqual(calendar)
  const named = rulePack.flatMap(({ rule }) => rule.during?.calendar ?? [])
  expect(named).toContain('working-hours')
  expect(packCalendars.map(({ id }) => id)).toEqual(expect.arrayContaining(named))
})

test('every action that a query names is in the catalogue', () => {
  const named = rulePack.flatMap(({ rule }) => queriesOf(rule.when).flatMap(actionsIn))
  expect(new Set(named).size).toBeGreaterThan(80)
  for (const action of named) expect(catalogue.entry(action)?.action, action).toBe(action)
})

test('of every action of the catalogue each query finds what it finds when it is asked about everything', () => {
  const queries = rulePack.flatMap(({ rule }) =>
    queriesOf(rule.when).map((query) => compileQuery(query, rule.lists, 'when')),
  )
  const pick = <T>(values: readonly T[], n: number): T => values[n % values.length]!
  let n = 0
  let found = 0
  const wrong: unknown[] = []
  for (const { action, formerNames } of catalogue.all()) {
    for (const name of [action, ...formerNames]) {
      for (let variant = 0; variant < 3; variant++) {
        n += 1
        const event = {
          action: name,
          outcome: pick(['success', 'failure', 'pending', 'success', 'unknown'], n),
          severity: pick(['normal', 'warning', 'critical'], n),
          reason: { reasonCode: pick([200, 401, 403, 404, 408, 409, '401', 503], n) },
          initiator: {
            id: pick(['IBMid-ana', 'unknown', 'iam-ServiceId-keywitness'], n),
            typeURI: pick([...Object.values(initiatorTypes), undefined], n),
            credential: { type: pick(['user', 'token', 'certificate', 'apikey-serviceid', undefined], n) },
            host: pick([{}, { address: '192.0.2.1', agent: 'Mozilla/5.0' }], n),
          },
          responseData: pick([{}, { keyId: 'k' }, { reasonForFailure: 'x' }], n),
        }
        const { entry, kind } = new AlertSubject(n, Buffer.from(JSON.stringify({ event })), 0)
        for (const { matches, ofKind } of queries) {
          const left = ofKind(kind!)
          const isFound = typeof left === 'boolean' ? left : left(entry)
          if (isFound) found += 1
          if (isFound !== matches(entry)) wrong.push(event)
        }
      }
    }
  }
  expect(wrong).toEqual([])
  expect(found).toBeGreaterThan(n)
})

test('words are for people: sentences, and no rule without something to do', () => {
  for (const { rule } of rulePack) {
    expect(rule.name, rule.id).toMatch(/^[A-Z].*[^.]$/)
    for (const text of [rule.description, rule.remedy]) expect(text, rule.id).toMatch(/^[A-Z].*\.$/)
  }
})

function queriesOf(when: Condition): string[] {
  if (when.kind === 'watch') return []
  if (when.kind === 'sequence') return when.steps.map(({ query }) => query)
  return [when.query, ...(when.kind === 'deadline' ? [when.unless] : []), ...(when.kind === 'ratio' ? [when.of] : [])]
}

function actionsIn(query: string): string[] {
  return [...query.matchAll(/action:==(?:\[([^\]]+)\]|(\S+?)(?=[\s)]|$))/g)].flatMap(([, list, one]) =>
    (list ?? one ?? '').split(', '),
  )
}
