/** Words of an event: what full text finds, and how a query's text is cut into the same words. */
import { eventWordsMax, wordMax } from '../limits.ts'

/**
 * A UUID is one word without its dashes; else runs of letters and digits. Everything is lower case and without accents,
 * and the full-text tokenizer takes each word as one token.
 */
const anyWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\p{L}\p{N}]+/gu
const asciiWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z0-9]+/g
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

/** Strings whose words are remembered: events repeat most of their values. */
const rememberedMax = 4_096

/** Longest string worth remembering. */
const rememberedLengthMax = 256

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
  const found = isAscii(text)
    ? text.toLowerCase().match(asciiWord)
    : text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ').match(anyWord)
  if (found === null) return []
  return found.map((one) =>
    one.length === uuidLength && one[8] === '-' ? one.replaceAll('-', '') : one.slice(0, wordMax),
  )
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
