/** Words of an event: what full text finds, and how a query's text is cut into the same words. */
import { eventWordsMax, wordMax } from '../limits.ts'

/**
 * A UUID is one word without its dashes; else runs of letters and digits. Everything is lower case and without accents,
 * and the full-text tokenizer takes each word as one token.
 */
const word = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\p{L}\p{N}]+/gu
const asciiWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z0-9]+/g
const uuidLength = 36

/**
 * Members whose values are no words: they are the same in every event, or have a search column of their own that a
 * word in UUID form is looked up in too.
 */
const silent = new Set(['id', 'correlationId', 'typeURI', 'eventType', 'eventTime', 'observer', 'logSourceCRN'])

/** Each word of a text once, in order of appearance. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>()
  addWords(words, text)
  return words
}

/** Each word of an event's values once, at most 512. */
export function eventWords(event: { readonly [member: string]: unknown }): Set<string> {
  const words = new Set<string>()
  for (const [member, value] of Object.entries(event)) if (!silent.has(member)) addValue(words, value, 0)
  return words
}

const depthMax = 8

function addValue(words: Set<string>, value: unknown, depth: number): void {
  if (words.size >= eventWordsMax || depth > depthMax) return
  if (typeof value === 'string') addWords(words, value)
  else if (typeof value === 'number') words.add(String(value))
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) addValue(words, inner, depth + 1)
  }
}

function addWords(words: Set<string>, text: string): void {
  const found = isAscii(text)
    ? text.toLowerCase().match(asciiWord)
    : text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().match(word)
  for (const one of found ?? []) {
    if (words.size >= eventWordsMax) return
    words.add(one.length === uuidLength && one[8] === '-' ? one.replaceAll('-', '') : one.slice(0, wordMax))
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
