/** Tests of one text: prefix, whole, wildcard, regular expression. Linear in the text, whatever the pattern. */
import { type FieldTest, QueryError } from '@keywitness/cadf'
import { RE2JS, RE2JSSyntaxException } from 're2js'
import { patternTextMax, regexCostMax, regexSourceMax } from '../limits.ts'

export type TextTest = (text: string) => boolean

/** How texts are compared when their case does not matter. */
export function fold(text: string): string {
  // At the end of a word a sigma becomes another letter: what begins a longer word must stay the same.
  const small = text.toLowerCase()
  return small.includes('ς') ? small.replaceAll('ς', 'σ') : small
}

/**
 * A test of one text. Patterns look at its first 2,048 characters.
 *
 * @throws QueryError BAD_VALUE when a regular expression is none
 */
export function textTest(test: Exclude<FieldTest, { op: 'exists' | 'range' }>): TextTest {
  switch (test.op) {
    case 'exact': {
      if (test.isCaseSensitive) return (text) => text === test.text
      const wanted = fold(test.text)
      // Folding makes no text shorter.
      return (text) => text.length <= wanted.length && fold(text) === wanted
    }
    case 'prefix': {
      if (test.isCaseSensitive) return (text) => text.startsWith(test.text)
      const wanted = fold(test.text)
      return (text) => fold(text).startsWith(wanted)
    }
    case 'wildcard':
      return wildcardTest(test.text)
    case 'regex':
      return regexTest(test)
  }
}

function regexTest({ source, isCaseSensitive, at }: Extract<FieldTest, { op: 'regex' }>): TextTest {
  const place = { at, length: source.length }
  if (source.length > regexSourceMax) {
    throw new QueryError('TOO_LONG', place, `A regular expression has at most ${regexSourceMax} characters.`)
  }
  if (writtenOut(source) > regexCostMax) {
    throw new QueryError('TOO_LONG', place, 'The repetitions of this regular expression come to too much.')
  }
  let expression: RE2JS
  try {
    expression = RE2JS.compile(source, isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    const what = error.message.replace(/^error parsing regexp: /, '').slice(0, 200)
    throw new QueryError('BAD_VALUE', place, `This is no regular expression (RE2 syntax): ${what}.`)
  }
  return (text) => expression.matcher(text.slice(0, patternTextMax)).find()
}

/** Characters of an expression with its counted repetitions written out, at the most: what one character of a text costs. */
export function writtenOut(source: string): number {
  let times = 1
  for (const [, least = '0', , most = ''] of source.matchAll(/\{(\d{1,6})(,(\d{0,6}))?\}/g)) {
    times *= Math.max(1, Number(least), Number(most))
  }
  return source.length * times
}

/** `*` any run of characters, `?` one; a backslash takes the next character as it is. */
function wildcardTest(pattern: string): TextTest {
  const parts: (string | typeof anyRun | typeof anyOne)[] = []
  for (const [piece] of fold(pattern).matchAll(/\\?[^]/gu)) {
    parts.push(
      piece === '*' ? anyRun : piece === '?' ? anyOne : piece.length > 1 && piece[0] === '\\' ? piece.slice(1) : piece,
    )
  }
  return (text) => matchesParts(parts, Array.from(fold(text.slice(0, patternTextMax))))
}

const anyRun = Symbol('any run')
const anyOne = Symbol('any one')

/** The greedy match that goes back to the last run only: pattern times text at the worst. */
function matchesParts(parts: readonly (string | symbol)[], text: readonly string[]): boolean {
  let part = 0
  let at = 0
  let runPart = -1
  let runAt = 0
  while (at < text.length) {
    if (part < parts.length && parts[part] === anyRun) {
      runPart = part++
      runAt = at
    } else if (part < parts.length && (parts[part] === anyOne || parts[part] === text[at])) {
      part += 1
      at += 1
    } else if (runPart >= 0) {
      part = runPart + 1
      at = ++runAt
    } else return false
  }
  while (parts[part] === anyRun) part += 1
  return part === parts.length
}
