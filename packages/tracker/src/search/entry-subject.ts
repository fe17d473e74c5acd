/** One entry as conditions look at it: its event, its derived fields, its words, each taken out when it is asked for. */
import { type FieldSource, policyChange } from '@keywitness/cadf'
import { eventOf, type Json, searchColumnOf, type SearchFields, searchFields } from './fields.ts'
import { uuidWord, WordFinder } from './words.ts'

const noPoll = (): void => undefined

/** How deep values may nest and still be looked at. */
const depthMax = 8

export class EntrySubject {
  readonly index: number
  readonly event: Json
  readonly #poll: () => void
  #fields: SearchFields | undefined
  #words: Set<string> | undefined

  /** @param poll is called between texts; it throws when the question was withdrawn */
  constructor(index: number, bytes: Uint8Array, poll: () => void = noPoll) {
    this.index = index
    this.#poll = poll
    this.event = eventOf(bytes)
  }

  get fields(): SearchFields {
    return (this.#fields ??= searchFields(this.event))
  }

  /** Words of the values that have some. */
  get words(): Set<string> {
    return (this.#words ??= finder.words(this.event))
  }

  /** Whether the event's own id or its request's is this UUID, written as a word. */
  isId(word: string): boolean {
    return [this.fields.id, this.fields.correlationId].some((id) => id !== undefined && uuidWord(id) === word)
  }

  /** Values of a field: those of a list one by one. */
  values(sources: readonly FieldSource[]): unknown[] {
    const found: unknown[] = []
    for (const source of sources) {
      const column = searchColumnOf(source)
      const value = column === undefined ? this.#valueOf(source) : this.fields[column]
      if (value === undefined || value === null || value === '') continue
      this.#poll()
      if (Array.isArray(value)) for (const one of value as unknown[]) found.push(one)
      else found.push(value)
    }
    return found
  }

  /** Every text and number of the event, with the member of the event that it is in. */
  *texts(): Generator<readonly [member: string, text: string]> {
    for (const [member, value] of Object.entries(this.event)) {
      for (const text of textsIn(value, 0)) {
        this.#poll()
        yield [member, text]
      }
    }
  }

  /** What no column holds. */
  #valueOf(source: FieldSource): unknown {
    if ('path' in source) return this.#at(source.path)
    return source.derived === 'change' ? policyChange(this.event) : this.index
  }

  #at(path: string): unknown {
    let value: unknown = this.event
    for (const member of path.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined
      value = (value as Json)[member]
    }
    return value
  }
}

/** Remembers words of frequent values; holds nothing else. */
const finder = new WordFinder()

function* textsIn(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'number') yield String(value)
  else if (typeof value === 'object' && value !== null && depth < depthMax) {
    for (const inner of Object.values(value)) yield* textsIn(inner, depth + 1)
  }
}
