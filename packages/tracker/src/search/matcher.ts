/** Whether an entry is what a query asks for. This decides; search tables only propose. */
import { type FieldTest, namesFor, parseEventTime, type Query, type QueryField } from '@keywitness/cadf'
import { type EntrySubject } from './entry-subject.ts'
import { textTest, type TextTest } from './text-tests.ts'
import { uuidWord, wordsOf } from './words.ts'

export type Matcher = (subject: EntrySubject) => boolean

/**
 * The condition of a query.
 *
 * @throws QueryError when a regular expression in it is none
 */
export function matcherOf(query: Query): Matcher {
  switch (query.kind) {
    case 'every':
      return () => true
    case 'and': {
      const parts = query.parts.map(matcherOf)
      return (subject) => parts.every((part) => part(subject))
    }
    case 'or': {
      const parts = query.parts.map(matcherOf)
      return (subject) => parts.some((part) => part(subject))
    }
    case 'not': {
      const part = matcherOf(query.part)
      return (subject) => !part(subject)
    }
    case 'words':
      return wordsMatcher(query.text, query.isPrefix)
    case 'anywhere': {
      const isIt = textTest(query.test)
      return (subject) => {
        for (const [, text] of subject.texts()) if (isIt(text)) return true
        return false
      }
    }
    case 'field':
      return fieldMatcher(query.field, query.test)
  }
}

/** One word anywhere; several as they follow each other in one value. Text without a word finds nothing. */
function wordsMatcher(text: string, isPrefix: boolean): Matcher {
  const words = wordsOf(text)
  const [first, ...others] = words
  if (first === undefined) return () => false
  if (isPrefix) {
    return (subject) => {
      for (const word of subject.words) if (word.startsWith(first)) return true
      return false
    }
  }
  if (others.length === 0) {
    const isUuid = uuidWord(text.trim()) === first
    return (subject) => subject.words.has(first) || (isUuid && subject.isId(first))
  }
  return (subject) => {
    if (!words.every((word) => subject.words.has(word))) return false
    for (const [, value] of subject.texts()) if (isRunOf(words, wordsOf(value))) return true
    return false
  }
}

/** Whether the words follow each other somewhere in the sequence. */
function isRunOf(words: readonly string[], sequence: readonly string[]): boolean {
  for (let at = 0; at + words.length <= sequence.length; at++) {
    if (words.every((word, place) => sequence[at + place] === word)) return true
  }
  return false
}

function fieldMatcher(field: QueryField, test: FieldTest): Matcher {
  const { sources } = field
  if (test.op === 'exists') return (subject) => subject.values(sources).length > 0
  if (test.op === 'range') {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = test
    const isWithin = (number: number | undefined): boolean => number !== undefined && number >= min && number < max
    // The one time that every search goes by is read in one way everywhere.
    if (isEventTime(field)) return (subject) => isWithin(subject.fields.time)
    return (subject) => subject.values(sources).some((value) => isWithin(numberOf(field, value)))
  }
  const isIt = field.kind === 'action' ? actionTest(textTest(test)) : textTest(test)
  return (subject) =>
    subject.values(sources).some((value) => {
      if (typeof value === 'string') return isIt(value)
      return (typeof value === 'number' || typeof value === 'boolean') && isIt(String(value))
    })
}

/** Whether a field is the time of the event. */
export function isEventTime({ sources }: QueryField): boolean {
  return sources.every((source) => 'path' in source && source.path === 'eventTime')
}

/** An action is found by any of the names it has or had. */
export function actionTest(isIt: TextTest): TextTest {
  return (action) => namesFor(action).some(isIt)
}

const severities = ['normal', 'warning', 'critical']

/** A value of an ordered field as the number that ranges are over. */
function numberOf({ kind }: QueryField, value: unknown): number | undefined {
  if (kind === 'severity') {
    const rank = severities.indexOf(String(value))
    return rank === -1 ? undefined : rank
  }
  if (kind === 'time') return typeof value === 'string' ? timeOf(value) : undefined
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : undefined
}

function timeOf(text: string): number | undefined {
  try {
    return parseEventTime(text)
  } catch {
    const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(time) ? undefined : time
  }
}
