/** The search of the key list: its grammar, what it finds, and how far it looks. */
import { expect, test } from 'vitest'
import { answers, parseSearch } from './search.ts'
import { openHouse } from './testing/house.ts'
import { openListener } from './testing/listener.ts'
import { addKey } from './testing/wishes.ts'

test.each([
  ['foo', 'foo', ['name', 'alias'], false, false],
  ['foo,', 'foo', ['name', 'alias'], false, false],
  ['name:exact:foobar,', 'foobar', ['name'], false, true],
  ['exact:name:foobar', 'foobar', ['name'], false, true],
  ['not:alias:x', 'x', ['alias'], true, false],
  ['alias:name:x', 'x', ['name', 'alias'], false, false],
  ['escape:not:x', 'not:x', ['name', 'alias'], false, false],
  ['exact:escape:name:', 'name:', ['name', 'alias'], false, true],
  ['a:b', 'a:b', ['name', 'alias'], false, false],
  [',,', ',', ['name', 'alias'], false, false],
])('%s', (text, query, scopes, not, exact) => {
  expect(parseSearch(text)).toMatchObject({ query, scopes, not, exact })
})

test.each(['', ',', 'not:', 'name:alias:'])('%j searches for nothing', (text) => {
  expect(parseSearch(text)).toBeUndefined()
})

test('upper and lower case are one, in every script', () => {
  const nothing = { query: '', scopes: [], not: false, exact: false, byId: false }
  const search = (text: string) => parseSearch(text) ?? nothing
  expect(answers(search('äPFEL'), 'Zwei Äpfel', [])).toBe(true)
  expect(answers(search('exact:äpfel'), 'Zwei Äpfel', [])).toBe(false)
  expect(answers(search('alias:äpfel'), 'Zwei Äpfel', ['birnen'])).toBe(false)
  expect(answers(search('BIRNE'), 'Zwei Äpfel', ['birnen'])).toBe(true)
  expect(answers(search('not:äpfel'), 'Zwei Äpfel', ['birnen'])).toBe(false)
})

async function orchard(limits = {}) {
  const house = openHouse(limits)
  const ids: string[] = []
  for (const [name, aliases] of [
    ['Apple one', ['golden']],
    ['apple two', []],
    ['pear', ['apple-like', 'Green']],
  ] as const) {
    ids.push((await addKey(house, { name, aliases })).id)
    house.time += 1_000
  }
  const { ask } = openListener(house)
  const search = async (text: string, more = '') => {
    const answer = await ask('GET', `/keys?search=${encodeURIComponent(text)}${more}`)
    const { metadata, resources } = answer.json()
    return { status: answer.status, metadata, names: resources.map((key) => key['name']) }
  }
  return { house, ids, ask, search }
}

test('names and aliases are searched, and what was understood is told', async () => {
  const { search } = await orchard()
  expect(await search('apple')).toMatchObject({
    names: ['Apple one', 'apple two', 'pear'],
    metadata: {
      collectionTotal: 3,
      searchQuery: { query: 'apple', scopes: ['name', 'alias'], not: false, exact: false },
    },
  })
  expect((await search('name:apple')).names).toEqual(['Apple one', 'apple two'])
  expect((await search('alias:apple')).names).toEqual(['pear'])
  expect((await search('exact:APPLE TWO')).names).toEqual(['apple two'])
  expect((await search('not:name:apple')).names).toEqual(['pear'])
  expect((await search('apple', '&limit=1&offset=1')).names).toEqual(['apple two'])
  expect((await search('apple', '&sort=-creationDate')).names).toEqual(['pear', 'apple two', 'Apple one'])
})

test('a key’s id finds it, and it comes first', async () => {
  const { house, ids, search } = await orchard()
  const id = ids[0] ?? ''
  await addKey(house, { name: `copy of ${id}` })
  expect((await search(id.toUpperCase(), '&sort=-creationDate')).names).toEqual(['Apple one', `copy of ${id}`])
  expect((await search(`name:exact:${id}`)).names).toEqual([])
  expect((await search(`not:${id}`)).names).toEqual(['Apple one', 'apple two', 'pear'])
})

test('a search among too many keys is refused, unless an id or an alias answers it', async () => {
  const { ids, search } = await orchard({ searchSpace: 2 })
  expect((await search('apple')).status).toBe(400)
  expect(await search(ids[1] ?? '')).toMatchObject({ names: ['apple two'], metadata: { incompleteSearch: true } })
  expect(await search('alias:Green')).toMatchObject({ names: ['pear'], metadata: { incompleteSearch: true } })
  expect((await search('alias:green')).status).toBe(400)
  expect((await search('golden', '&state=5')).names).toEqual([])
  expect(
    (await search('apple', `&filter=${encodeURIComponent('creationDate=gt:"2026-03-01T12:00:01.500Z"')}`)).names,
  ).toEqual(['pear'])
})

test('a count does not take a search, and counts what a filter leaves', async () => {
  const { house, ask } = await orchard()
  expect((await ask('HEAD', '/keys?search=apple')).status).toBe(400)
  const filter = encodeURIComponent(`creationDate=gt:"${new Date(house.time - 2_500).toISOString()}" state=1`)
  expect((await ask('HEAD', `/keys?filter=${filter}`)).headers['key-total']).toBe('2')
  expect((await ask('HEAD', `/keys?state=1&filter=${filter}`)).status).toBe(400)
})
