/** Words of texts and events, the same for the writer and for a query. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleEvent } from '../testing/sample-entries.ts'
import { cutMark, WordFinder, wordsOf } from './words.ts'

test('text is cut at everything but letters and digits, lower case', () => {
  expect([...wordsOf('Ana deleted hs-crypto.secrets, ana!')]).toEqual([
    'ana',
    'deleted',
    'hs',
    'crypto',
    'secrets',
    'ana',
  ])
})

test('a UUID is one word without dashes, other dashes divide', () => {
  expect([...wordsOf('key 0B6C0E5E-7b1c-4a3e-9a52-1f1c2d3e4f50 a-b')]).toEqual([
    'key',
    '0b6c0e5e7b1c4a3e9a521f1c2d3e4f50',
    'a',
    'b',
  ])
})

test('a text in ASCII is cut as every other text is', () => {
  const piece = fc.constantFrom(
    '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50',
    '0B6C0E5E-7b1c-4a3e',
    '-',
    ':',
    ' ',
    'g',
    'a',
    '9f',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 80 }),
    fc.array(piece).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      // A letter beyond ASCII leads the long way; it is a word of its own.
      expect(wordsOf(text)).toEqual(wordsOf(`${text} 請`).slice(0, -1))
    }),
    { seed: 12, numRuns: 1_000 },
  )
})

test('accents are dropped and other scripts kept', () => {
  expect([...wordsOf('Größe café №5 請求')]).toEqual(['große', 'cafe', 'no5', '請求'])
})

test('every word is one token to the full-text tokenizer: no ASCII but letters and digits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      for (const one of wordsOf(text)) expect(one).toMatch(/^[a-z0-9\u0080-\uffff]+$/)
    }),
    { seed: 11 },
  )
})

test('words of an event are those of its values, each once; full text gets 512 and a mark that there are more', () => {
  const words = new WordFinder().words({ ...sampleEvent(3) })
  for (const one of ['billing', '3', 'ibmid', 'user0', 'example', '200', 'keywitness']) expect(words).toContain(one)
  for (const one of ['initiator', 'requesturi', 'activitytracker']) expect(words).not.toContain(one)
  const huge = { list: Array.from({ length: 2_000 }, (_, n) => `w${n}`) }
  expect(new WordFinder().words(huge).size).toBe(2_000)
  const indexed = new WordFinder().indexed(huge).split(' ')
  expect([indexed.length, indexed.at(-2), indexed.at(-1)]).toEqual([513, 'w511', cutMark])
})

test('full text gets each word of an event, and the mark only when different words are too many', () => {
  const finder = new WordFinder()
  for (let sequence = 1; sequence <= 50; sequence++) {
    const event = { ...sampleEvent(sequence) }
    expect(new Set(finder.indexed(event).split(' '))).toEqual(finder.words(event))
  }
  const repeated = { list: Array.from({ length: 600 }, () => 'same words') }
  expect(finder.indexed(repeated)).toBe('same words')
  expect(finder.indexed({})).toBe('')
})

test('values that nest without end are looked into to a bounded depth', () => {
  let nested: Record<string, unknown> = { word: 'deep' }
  for (let depth = 0; depth < 5_000; depth++) nested = { nested }
  expect([...new WordFinder().words({ top: 'shallow', nested })]).toEqual(['shallow'])
})

test('a finder that remembers gives what one that does not would', () => {
  const finder = new WordFinder()
  for (let sequence = 1; sequence <= 50; sequence++) {
    const event = { ...sampleEvent(sequence) }
    expect(finder.words(event)).toEqual(new WordFinder().words(event))
    expect(finder.words(event)).toEqual(new WordFinder().words(event))
  }
})
