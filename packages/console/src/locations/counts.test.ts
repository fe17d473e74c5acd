/** What is counted when somebody asks: summed up over instances, and a refusal in its own place. */
import { expect, test } from 'vitest'
import type { Calls } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import words from '../i18n/en/locations.json' with { type: 'json' }
import overview from '../i18n/en/overview.json' with { type: 'json' }
import { countInstance, countLocation, isPartRefused } from './counts.ts'

const keys = { active: 2, suspended: 1, deactivated: 0, 'pre-active': 0, destroyed: 3, waiting: 1, overdue: 0 }
const forbidden = new ApiError({ status: 403, code: 'UNAUTHORIZED_ERR', message: 'no' })
const facets = {
  count: 10,
  isComplete: true,
  facets: [
    { field: 'outcome', values: [{ value: 'failure', count: 3 }] },
    { field: 'severity', values: [{ value: 'critical', count: 1 }] },
  ],
}

/** Answers by the path's beginning; what is not there is refused. */
function callsOf(answers: Readonly<Record<string, unknown>>, asked: string[] = []): Calls {
  const read = <T>(path: string): Promise<T> => {
    asked.push(path)
    const [, answer] = Object.entries(answers).find(([start]) => path.startsWith(start)) ?? []
    return answer === undefined ? Promise.reject(forbidden) : Promise.resolve(answer as T)
  }
  return { read, send: () => Promise.reject(forbidden) }
}

const ask = { range: '24h', now: Date.parse('2026-01-02T00:00:00Z'), signal: new AbortController().signal } as const

test('a location: one search, and the keys of its instances summed up', async () => {
  const asked: string[] = []
  const calls = callsOf({ '/v1/trackers/eu-de/facets': facets, '/v1/instances/a/': { counts: keys } }, asked)
  const counts = await countLocation(calls, { location: 'eu-de', isReadable: true, guids: ['a', 'b', 'a'] }, ask)
  expect(counts.activity?.value).toEqual({
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
    events: 10,
    failures: 3,
    critical: 1,
    isComplete: true,
  })
  expect(counts.keys?.value).toMatchObject({ counts: { active: 4, destroyed: 6, waiting: 2 }, counted: 2, of: 3 })
  expect(asked).toHaveLength(4)
})

test('what one may not read is an error where it would stand, and a trail that is not one’s own is not asked', async () => {
  const asked: string[] = []
  const place = { guid: 'a', location: 'eu-de', isReadable: false }
  const counts = await countInstance(callsOf({ '/v1/instances/a/inventory': { counts: keys } }, asked), place, ask)
  expect(counts).toMatchObject({ activity: undefined, keys: { value: { counted: 1 } }, detail: { error: forbidden } })
  expect(asked.filter((path) => path.startsWith('/v1/trackers'))).toEqual([])
  const none = await countLocation(callsOf({}), { location: 'eu-de', isReadable: true, guids: ['a'] }, ask)
  expect(none).toMatchObject({ activity: { error: forbidden }, keys: { error: forbidden } })
  expect([undefined, none, counts].map(isPartRefused)).toEqual([false, true, true])
  const whole = await countLocation(callsOf({}), { location: 'eu-de', isReadable: false, guids: [] }, ask)
  expect(isPartRefused(whole)).toBe(false)
})

test('a number has the same name here and on the overview', () => {
  const { kmipObjects, ep11Objects, events, failures, critical } = words.row
  const { kmip, ep11 } = overview.instances
  expect([kmipObjects, ep11Objects]).toEqual([kmip, ep11])
  expect(overview.activity).toMatchObject({ events, failures, critical })
})
