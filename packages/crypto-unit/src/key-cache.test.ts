/** The cache of opened keys is bounded and keeps what is in use. */
import { createSecretKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { KeyCache } from './key-cache.ts'

const key = createSecretKey(Buffer.alloc(32))

test('the least recently used key is dropped when there is no room', () => {
  const cache = new KeyCache(3)
  for (const name of ['a', 'b', 'c']) cache.set(name, key)
  cache.get('a')
  cache.set('d', key)
  expect(['a', 'b', 'c', 'd'].filter((name) => cache.get(name) !== undefined)).toEqual(['a', 'c', 'd'])
  expect(cache.size).toBe(3)
})

test('setting a name again neither grows the cache nor drops another', () => {
  const cache = new KeyCache(2)
  cache.set('a', key)
  cache.set('b', key)
  cache.set('b', key)
  expect([cache.size, cache.get('a')]).toEqual([2, key])
})

test('a cleared cache has nothing, and takes up the same name again', () => {
  const cache = new KeyCache(2)
  cache.set('a', key)
  cache.clear()
  expect(cache.get('a')).toBeUndefined()
  cache.set('a', key)
  expect(cache.get('a')).toBe(key)
})
