/** The cache of decoded blocks and its bound. */
import { expect, test } from 'vitest'
import { BlockCache } from './block-cache.ts'

test('the cache holds what was used last, within its bytes', () => {
  const cache = new BlockCache(300)
  const loads: string[] = []
  const get = (name: string, bytes = 100): void => {
    cache.get(name, () => {
      loads.push(name)
      return { first: 0, entries: [new Uint8Array(bytes)] }
    })
  }
  for (const name of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) get(name)
  expect(loads).toEqual(['a', 'b', 'c', 'd', 'b'])
  get('huge', 5_000)
  get('huge', 5_000)
  get('a')
  expect(loads).toEqual(['a', 'b', 'c', 'd', 'b', 'huge', 'a'])
})
