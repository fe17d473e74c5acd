/** What was used is known as long as it is told, and takes no more room than that. */
import { expect, test } from 'vitest'
import { SpentSet } from './spent-set.ts'

test('the last ones of an instance are known, and older ones are forgotten', () => {
  const set = new SpentSet(100, 1000)
  for (let index = 0; index < 1000; index++) {
    set.add('one', `${index}`)
    for (let back = 0; back < Math.min(100, index); back++) expect(set.has('one', `${index - back}`)).toBe(true)
  }
  expect(set.size).toBeLessThanOrEqual(200)
  expect(set.has('one', '5')).toBe(false)
  expect(set.has('two', '999')).toBe(false)
})

test('when all instances have too many, whoever has most forgets, and the others know theirs', () => {
  const set = new SpentSet(100, 150)
  for (let index = 0; index < 20; index++) set.add('few', `${index}`)
  for (let index = 0; index < 5000; index++) set.add('many', `${index}`)
  expect(set.size).toBeLessThanOrEqual(150)
  for (let index = 0; index < 20; index++) expect(set.has('few', `${index}`)).toBe(true)
  expect(set.has('many', '4999')).toBe(true)
})

test('one that is told twice counts once', () => {
  const set = new SpentSet(10, 100)
  for (let round = 0; round < 1000; round++) set.add('one', 'same')
  expect(set.size).toBe(1)
})

test('whoever has most forgets its oldest ones, and knows its newest, when all instances together have too many', () => {
  const set = new SpentSet(100, 150)
  for (let index = 0; index < 99; index++) set.add('most', `${index}`)
  for (let index = 0; index < 80; index++) {
    set.add('other', `${index}`)
    expect(set.size).toBeLessThanOrEqual(150)
    expect(set.has('other', `${index}`)).toBe(true)
    for (let back = 0; back < 25; back++) expect(set.has('most', `${98 - back}`)).toBe(true)
  }
  expect(set.has('most', '0')).toBe(false)
})

test('the room of all instances is kept when each of many has few', () => {
  const set = new SpentSet(100, 150)
  for (let index = 0; index < 5000; index++) {
    set.add(`instance ${index % 60}`, `${index}`)
    expect(set.size).toBeLessThanOrEqual(150)
    expect(set.has(`instance ${index % 60}`, `${index}`)).toBe(true)
  }
})
