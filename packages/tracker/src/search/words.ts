/** Words of an event: what full text finds, and how a query's text is cut into the same words. */
import { eventWordsMax, wordMax } from '../limits.ts'

/**
 * A UUID is one word without its dashes; else runs of letters and digits. Everything is lower case and without accents,
 * and the full-text tokenizer takes each word as one token.
 */
const anyWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\p{L}\p{N}]+/gu
const uuidLength = 36

/**
 * Members whose values are no words: they are the same in every event, or have a search column of their own that a
 * word in UUID form is looked up in too.
 */
const silent = new Set(['id', 'correlationId', 'typeURI', 'eventType', 'eventTime', 'observer', 'logSourceCRN'])

/** Whether a member's values have no words. */
export function isSilent(member: string): boolean {
  return silent.has(member)
}

/** Stands in full text for an event that has more words than it could take: such an event may have any word. */
export const cutMark = 'wordswerecut'

/** The words of a text, in order of appearance. */
export function wordsOf(text: string): readonly string[] {
  return cut(text)
}

/** A UUID as the one word it is; undefined for any other text. */
export function uuidWord(text: string): string | undefined {
  return wholeUuid.test(text) ? text.replaceAll('-', '').toLowerCase() : undefined
}

/** Whether a text is a UUID, in whatever case. */
export function isUuid(text: string): boolean {
  return wholeUuid.test(text)
}

const wholeUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Strings whose words are remembered: events repeat most of their values, but for the longest ones. */
const rememberedMax = 4_096

/** Longest string worth remembering. */
const rememberedLengthMax = 64

interface Cut {
  readonly words: readonly string[]
  /** The same in one text, a space before each. */
  readonly joined: string
}

/** Finds the words of events, one after the other. */
export class WordFinder {
  readonly #remembered = new Map<string, Cut>()

  /** Each word of an event's values once. */
  words(event: { readonly [member: string]: unknown }): Set<string> {
    const words = new Set<string>()
    this.#each(event, ({ words: found }) => {
      for (const word of found) words.add(word)
    })
    return words
  }

  /**
   * The words of an event that full text gets, separated by spaces, some perhaps twice: at most 512 different ones; an
   * event that has more gets {@link cutMark} beside them.
   */
  indexed(event: { readonly [member: string]: unknown }): string {
    let joined = ''
    let count = 0
    this.#each(event, (one) => {
      joined += one.joined
      count += one.words.length
    })
    if (count <= eventWordsMax) return joined.slice(1)
    const words = [...this.words(event)]
    return [...words.slice(0, eventWordsMax), ...(words.length > eventWordsMax ? [cutMark] : [])].join(' ')
  }

  /** The words of one text, in order, as often as they stand there. */
  sequence(text: string): readonly string[] {
    return this.#cut(text).words
  }

  #each(event: { readonly [member: string]: unknown }, take: (cut: Cut) => void): void {
    for (const member of Object.keys(event)) if (!isSilent(member)) this.#look(event[member], 0, take)
  }

  #look(value: unknown, depth: number, take: (cut: Cut) => void): void {
    if (depth > depthMax) return
    if (typeof value === 'string') take(this.#cut(value))
    else if (typeof value === 'number') take(this.#cut(String(value)))
    else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) this.#look(inner, depth + 1, take)
    }
  }

  #cut(text: string): Cut {
    const known = this.#remembered.get(text)
    if (known !== undefined) return known
    const words = cut(text)
    const made = { words, joined: words.length === 0 ? '' : ` ${words.join(' ')}` }
    if (text.length <= rememberedLengthMax) {
      if (this.#remembered.size >= rememberedMax) this.#remembered.clear()
      this.#remembered.set(text, made)
    }
    return made
  }
}

/** How deep values may nest and still be found. */
const depthMax = 8

function cut(text: string): readonly string[] {
  const words = cutAscii(text)
  if (words !== undefined) return words
  const found = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ').match(anyWord)
  if (found === null) return []
  return found.map((one) =>
    one.length === uuidLength && one[8] === '-' ? one.replaceAll('-', '') : one.slice(0, wordMax),
  )
}

const dash = 0x2d
/** Of each ASCII character: 0 when it divides words, 1 a letter or digit, 2 one that is a hexadecimal digit too. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[0-9a-f]/i.test(character)) return 2
  return /[a-z]/i.test(character) ? 1 : 0
})

/** The words of a text that is ASCII only, which nearly all are; undefined for any other. The same as `anyWord` finds. */
function cutAscii(text: string): string[] | undefined {
  const { length } = text
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return undefined
  const lower = text.toLowerCase()
  const words: string[] = []
  for (let at = 0; at < length;) {
    if (kinds[lower.charCodeAt(at)] === 0) {
      at += 1
      continue
    }
    if (isUuidAt(lower, at)) {
      words.push(
        lower.slice(at, at + 8) +
          lower.slice(at + 9, at + 13) +
          lower.slice(at + 14, at + 18) +
          lower.slice(at + 19, at + 23) +
          lower.slice(at + 24, at + uuidLength),
      )
      at += uuidLength
      continue
    }
    let end = at + 1
    while (end < length && kinds[lower.charCodeAt(end)] !== 0) end += 1
    words.push(lower.slice(at, Math.min(end, at + wordMax)))
    at = end
  }
  return words
}

function isUuidAt(lower: string, at: number): boolean {
  if (at + uuidLength > lower.length || lower.charCodeAt(at + 8) !== dash) return false
  for (let i = 0; i < uuidLength; i++) {
    const code = lower.charCodeAt(at + i)
    const isDash = i === 8 || i === 13 || i === 18 || i === 23
    if (isDash ? code !== dash : kinds[code] !== 2) return false
  }
  return true
}
