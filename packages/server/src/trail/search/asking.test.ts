/** Many searches of one account: others are answered between them, too many are refused, withdrawn ones go away. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../limits.ts'
import { openTrailHouse, type TrailHouse } from '../../testing/trail-house.ts'

let house: TrailHouse
beforeAll(async () => {
  house = await openTrailHouse({ accounts: 2, rows: 5_000 })
  await house.whole()
})
afterAll(() => house.remove())

/** Searches that look at every event and find none. */
function search(account: 0 | 1, signal?: AbortSignal): Promise<number | string> {
  const given = { filter: { text: 'somebody', initiator: ['nobody'] }, order: 'desc', limit: 1_000 } as const
  const place = house.places[account]
  if (place === undefined) throw new Error('no such account')
  const asked = house.trail.ask(place, 'events', given, signal === undefined ? {} : { signal })
  return asked.then(({ count }) => count).catch(({ code }: { code: string }) => code)
}

test('two hundred searches of one account delay neither the key of its log nor the search of another account', async () => {
  const order: string[] = []
  const as = (name: string, asked: Promise<unknown>): Promise<unknown> => asked.then(() => order.push(name))
  const [first] = house.places
  if (first === undefined) throw new Error('no account')
  const many = Array.from({ length: limits.searchesWaiting }, (_, at) => as(`one ${at}`, search(0)))
  await Promise.all([...many, as('key', house.trail.ask(first, 'state', {})), as('other', search(1))])
  expect(order.indexOf('other')).toBeLessThan(order.indexOf('one 2'))
  expect(order.indexOf('key')).toBeLessThan(order.indexOf(`one ${limits.searchesWaiting - 1}`))
})

test('searches of one account beyond the bound are refused, those of another are not', async () => {
  const many = Array.from({ length: 200 }, () => search(0))
  const other = search(1)
  const answers = await Promise.all(many)
  expect(answers.filter((answer) => answer === 0)).toHaveLength(1 + limits.searchesWaiting)
  expect(answers.filter((answer) => answer === 'TOO_MANY_REQUESTS')).toHaveLength(199 - limits.searchesWaiting)
  expect(await other).toBe(0)
})

test('searches whose clients left are given up, the running one and the waiting ones, and make room', async () => {
  const leaving = new AbortController()
  const many = Array.from({ length: 1 + limits.searchesWaiting }, () => search(0, leaving.signal))
  leaving.abort()
  expect(new Set(await Promise.all(many))).toEqual(new Set(['SEARCH_WITHDRAWN']))
  expect(await search(0)).toBe(0)
  expect(await search(0, leaving.signal)).toBe('SEARCH_WITHDRAWN')
})
