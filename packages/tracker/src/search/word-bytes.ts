/** Words as bytes: cut out of a text in ASCII as `wordsOf` cuts it, without making texts of them. */
import { entryBytesMax, eventWordsMax, wordMax } from '../limits.ts'

const dash = 0x2d
const space = 0x20
export const uuidLength = 36

/** What a byte is to words. */
const divides = 0
const letter = 1
const hexadecimal = 2
/** Ends or escapes a text, or is no ASCII. */
const ends = 3

const kinds = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (code < 0x20 || code > 0x7e || character === '"' || character === '\\') return ends
  if (/[0-9a-f]/i.test(character)) return hexadecimal
  return /[a-z]/i.test(character) ? letter : divides
})

function kindAt(source: Uint8Array, at: number): number {
  return kinds[source[at]!] ?? ends
}

/** Where a text ends that begins at a place: its quote, or what is no plain text any more. */
export function textEnd(source: Uint8Array, from: number): number {
  let at = from
  while (kindAt(source, at) !== ends) at += 1
  return at
}

/** The words of one entry, separated by spaces, some perhaps twice. */
export class WordBytes {
  readonly bytes = Buffer.alloc(2 * entryBytesMax)
  length = 0
  #count = 0

  clear(): void {
    this.length = 0
    this.#count = 0
  }

  /** Whether there are more than full text takes: of so many only the different ones count, which are not told apart here. */
  get areTooMany(): boolean {
    return this.#count > eventWordsMax
  }

  /** Adds the words of a text and returns where it ends. */
  addText(source: Uint8Array, from: number): number {
    let at = from
    for (let kind = kindAt(source, at); kind !== ends; kind = kindAt(source, at)) {
      if (kind === divides) at += 1
      else if (kind === hexadecimal && isUuidAt(source, at)) {
        this.#begin()
        for (let i = 0; i < uuidLength; i++) if (!isDashPlace(i)) this.bytes[this.length++] = lower(source[at + i]!)
        at += uuidLength
      } else {
        const start = at
        do at += 1
        while (isInWord(kindAt(source, at)))
        this.add(source, start, at)
      }
    }
    return at
  }

  /** Adds one word. */
  add(source: Uint8Array, from: number, to: number): void {
    this.#begin()
    const end = Math.min(to, from + wordMax)
    for (let at = from; at < end; at++) this.bytes[this.length++] = lower(source[at]!)
  }

  #begin(): void {
    this.#count += 1
    if (this.length > 0) this.bytes[this.length++] = space
  }
}

/** Whether a UUID begins at a place, in whatever case. */
export function isUuidAt(source: Uint8Array, at: number): boolean {
  if (source[at + 8] !== dash || source[at + 13] !== dash || source[at + 18] !== dash || source[at + 23] !== dash) {
    return false
  }
  for (let i = 0; i < uuidLength; i++) if (!isDashPlace(i) && kindAt(source, at + i) !== hexadecimal) return false
  return true
}

function isDashPlace(place: number): boolean {
  return place === 8 || place === 13 || place === 18 || place === 23
}

function isInWord(kind: number): boolean {
  return kind === letter || kind === hexadecimal
}

export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
