/**
 * Takes what is searched out of an entry's bytes in one pass, without parsing them into values: the search fields and the
 * words. It knows the common form only (canonical bytes in ASCII without escapes) and leaves every other to `eventOf`,
 * `searchFields` and `WordFinder`, which say what is right: a test holds it against them.
 */
import { textEnd, WordBytes } from './word-bytes.ts'
import { isSilent } from './words.ts'

/** Where a text stands in the entry's bytes; `from` and `to` are equal when there is none. */
export interface Place {
  from: number
  to: number
}

/** Members whose values are looked at one by one. */
const members = [
  'event',
  'action',
  'correlationId',
  'eventTime',
  'id',
  'initiator',
  'logSourceCRN',
  'outcome',
  'reason',
  'requestData',
  'responseData',
  'severity',
  'target',
  'instanceID',
  'keyId',
  'reasonCode',
  'typeURI',
  'eventType',
  'observer',
] as const
type Member = (typeof members)[number]

/** A member's name in bytes, found by its length and first letter. */
const names = new Map<
  number,
  readonly { readonly name: Member; readonly bytes: Uint8Array; readonly isSilent: boolean }[]
>()
for (const name of members) {
  const bytes = new TextEncoder().encode(name)
  const slot = slotOf(bytes.length, bytes[0]!)
  names.set(slot, [...(names.get(slot) ?? []), { name, bytes, isSilent: isSilent(name) }])
}

function slotOf(length: number, first: number): number {
  return (length << 8) | first
}

/** Values nest this deep at most in what is scanned; deeper ones are rare and have a bound of their own. */
const depthMax = 8

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const dash = 0x2d

/** Thrown where an entry is not of the common form; it never leaves the scan. */
const uncommon = new Error('not of the common form')

export class EntryScan {
  readonly words = new WordBytes()
  readonly action: Place = { from: 0, to: 0 }
  readonly outcome: Place = { from: 0, to: 0 }
  readonly severity: Place = { from: 0, to: 0 }
  readonly initiator: Place = { from: 0, to: 0 }
  readonly target: Place = { from: 0, to: 0 }
  readonly instance: Place = { from: 0, to: 0 }
  readonly keyId: Place = { from: 0, to: 0 }
  readonly id: Place = { from: 0, to: 0 }
  readonly correlationId: Place = { from: 0, to: 0 }
  readonly eventTime: Place = { from: 0, to: 0 }
  reasonCode: number | undefined
  readonly #logSource: Place = { from: 0, to: 0 }
  readonly #requestKey: Place = { from: 0, to: 0 }
  readonly #responseKey: Place = { from: 0, to: 0 }
  readonly #places: readonly Place[] = [
    this.action,
    this.outcome,
    this.severity,
    this.initiator,
    this.target,
    this.instance,
    this.keyId,
    this.id,
    this.correlationId,
    this.eventTime,
    this.#logSource,
    this.#requestKey,
    this.#responseKey,
  ]
  #bytes: Uint8Array = new Uint8Array()
  #at = 0

  /** Whether the entry was of the common form; only then the members say what it holds. They are good until the next. */
  scan(bytes: Uint8Array): boolean {
    this.#bytes = bytes
    this.#at = 0
    this.words.clear()
    this.reasonCode = undefined
    for (const place of this.#places) place.from = place.to = 0
    try {
      this.#entry()
    } catch (error) {
      if (error !== uncommon) throw error
      return false
    }
    if (this.instance.from === this.instance.to) this.#crnPart(this.#logSource, crnInstance, this.instance)
    this.#findKey()
    return true
  }

  #entry(): void {
    this.#object((name) => {
      if (name !== 'event') return this.#value(0, false)
      if (this.#bytes[this.#at] !== 0x7b) throw uncommon
      this.#event()
    })
    if (this.#at !== this.#bytes.length || this.words.areTooMany) throw uncommon
  }

  #event(): void {
    this.#object((name, isMute) => {
      const isText = this.#bytes[this.#at] === quote
      const isObject = this.#bytes[this.#at] === 0x7b
      switch (name) {
        case 'action':
        case 'outcome':
        case 'severity':
        case 'id':
        case 'correlationId':
        case 'eventTime':
          return isText ? this.#text(!isMute, this[name]) : this.#value(0, !isMute)
        case 'logSourceCRN':
          return isText ? this.#text(false, this.#logSource) : this.#value(0, false)
        case 'initiator':
        case 'target':
        case 'reason':
        case 'requestData':
        case 'responseData':
          return isObject ? this.#part(name) : this.#value(0, true)
        default:
          return this.#value(0, !isMute)
      }
    })
  }

  /** A part of the event that has a field in it. */
  #part(part: 'initiator' | 'target' | 'reason' | 'requestData' | 'responseData'): void {
    this.#object((name) => {
      const isText = this.#bytes[this.#at] === quote
      if (part === 'reason' && name === 'reasonCode') return this.#reasonCode(isText)
      const place = isText ? this.#placeIn(part, name) : undefined
      if (place === undefined) this.#value(1, true)
      else this.#text(true, place)
    })
  }

  #placeIn(part: string, name: Member | undefined): Place | undefined {
    if (part === 'initiator' && name === 'id') return this.initiator
    if (part === 'target' && name === 'id') return this.target
    if (part === 'requestData' && name === 'instanceID') return this.instance
    if (part === 'requestData' && name === 'keyId') return this.#requestKey
    if (part === 'responseData' && name === 'keyId') return this.#responseKey
    return undefined
  }

  /** Some producers write numbers as texts. */
  #reasonCode(isText: boolean): void {
    const from = isText ? this.#at + 1 : this.#at
    this.#value(1, true)
    const to = isText ? this.#at - 1 : this.#at
    const first = this.#bytes[from]!
    const isWhole = to > from && to - from <= 15 && (first !== 0x30 || to - from === 1)
    let number = 0
    for (let at = from; at < to; at++) {
      const digit = this.#bytes[at]! - 0x30
      if (digit < 0 || digit > 9) {
        // A number with a sign, or a text that is none.
        if (isText) return
        throw uncommon
      }
      number = number * 10 + digit
    }
    if (isWhole) this.reasonCode = number
  }

  /** An object whose names come in order, each once: then the last of equal names is the first, too. */
  #object(member: (name: Member | undefined, isSilent: boolean) => void): void {
    const bytes = this.#bytes
    this.#expect(0x7b)
    if (bytes[this.#at] === 0x7d) {
      this.#at += 1
      return
    }
    let beforeFrom = 0
    let beforeTo = 0
    for (;;) {
      const from = this.#at + 1
      this.#text(false, undefined)
      const to = this.#at - 1
      if (beforeTo > 0 && !this.#isLess(beforeFrom, beforeTo, from, to)) throw uncommon
      beforeFrom = from
      beforeTo = to
      this.#expect(colon)
      const known = this.#known(from, to)
      member(known?.name, known?.isSilent === true)
      const next = bytes[this.#at++]
      if (next === 0x7d) return
      if (next !== comma) throw uncommon
    }
  }

  #known(from: number, to: number) {
    const bytes = this.#bytes
    const candidates = names.get(slotOf(to - from, bytes[from]!))
    if (candidates === undefined) return undefined
    next: for (const candidate of candidates) {
      for (let i = 0; i < candidate.bytes.length; i++) if (bytes[from + i] !== candidate.bytes[i]) continue next
      return candidate
    }
    return undefined
  }

  #isLess(aFrom: number, aTo: number, bFrom: number, bTo: number): boolean {
    const bytes = this.#bytes
    const length = Math.min(aTo - aFrom, bTo - bFrom)
    for (let i = 0; i < length; i++) {
      const difference = bytes[aFrom + i]! - bytes[bFrom + i]!
      if (difference !== 0) return difference < 0
    }
    return aTo - aFrom < bTo - bFrom
  }

  /** Any value; `depth` is how deep it lies in its member of the event. */
  #value(depth: number, hasWords: boolean): void {
    const bytes = this.#bytes
    switch (bytes[this.#at]) {
      case quote:
        return this.#text(hasWords, undefined)
      case 0x7b:
        if (depth >= depthMax) throw uncommon
        return this.#object(() => this.#value(depth + 1, hasWords))
      case 0x5b: {
        if (depth >= depthMax) throw uncommon
        this.#at += 1
        if (bytes[this.#at] === 0x5d) {
          this.#at += 1
          return
        }
        for (;;) {
          this.#value(depth + 1, hasWords)
          const next = bytes[this.#at++]
          if (next === 0x5d) return
          if (next !== comma) throw uncommon
        }
      }
      case 0x74:
        return this.#literal('true')
      case 0x66:
        return this.#literal('false')
      case 0x6e:
        return this.#literal('null')
      default:
        return this.#number(hasWords)
    }
  }

  #literal(word: string): void {
    for (let i = 0; i < word.length; i++) this.#expect(word.charCodeAt(i))
  }

  /** Whole numbers of at most 15 digits are printed as they are written. */
  #number(hasWords: boolean): void {
    const bytes = this.#bytes
    const isNegative = bytes[this.#at] === dash
    const from = isNegative ? this.#at + 1 : this.#at
    let at = from
    while (at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at += 1
    const digits = at - from
    const next = bytes[at]
    const isPlain = digits >= 1 && digits <= 15 && (bytes[from] !== 0x30 || (digits === 1 && !isNegative))
    if (!isPlain || (next !== comma && next !== 0x7d && next !== 0x5d)) throw uncommon
    this.#at = at
    if (hasWords) this.words.add(bytes, from, at)
  }

  /** A text with its quotes; its words are taken when it has some, and where it stands is noted. */
  #text(hasWords: boolean, place: Place | undefined): void {
    this.#expect(quote)
    const from = this.#at
    const to = hasWords ? this.words.addText(this.#bytes, from) : textEnd(this.#bytes, from)
    if (this.#bytes[to] !== quote || this.words.areTooMany) throw uncommon
    this.#at = to + 1
    if (place === undefined) return
    place.from = from
    place.to = to
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw uncommon
    this.#at += 1
  }

  /** The key that an event is about: that of its target, or of what was asked or answered. */
  #findKey(): void {
    const type: Place = { from: 0, to: 0 }
    this.#crnPart(this.target, crnResourceType, type)
    const isKey = type.to - type.from === 3 && this.#bytes[type.from] === 0x6b && this.#bytes[type.from + 1] === 0x65
    if (isKey && this.#bytes[type.from + 2] === 0x79) return this.#crnPart(this.target, crnResource, this.keyId)
    const { from, to } = this.#responseKey.from < this.#responseKey.to ? this.#responseKey : this.#requestKey
    this.keyId.from = from
    this.keyId.to = to
  }

  /** The n-th part of a Cloud Resource Name. */
  #crnPart({ from, to }: Place, part: number, into: Place): void {
    let at = from
    for (let skipped = 0; skipped < part; skipped++) {
      while (at < to && this.#bytes[at] !== colon) at += 1
      if (at >= to) return
      at += 1
    }
    into.from = at
    while (at < to && this.#bytes[at] !== colon) at += 1
    into.to = at
  }
}

/** Segments of a Cloud Resource Name: `crn:v1:cname:ctype:service:location:scope:instance:resource-type:resource`. */
const crnInstance = 7
const crnResourceType = 8
const crnResource = 9
