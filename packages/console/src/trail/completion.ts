/** What the query line offers while one types: actions of the catalogue, filters by name, people seen, free words. */
import type { ActionWords } from '@keywitness/cadf'
import { type FilterName, type FilterToken, outcomes, severities, textFilters } from './search.ts'

export interface Suggestion {
  readonly token: FilterToken
  /** For an action: its title in words. */
  readonly title?: string
  /** The former name that was typed, when the action is found by it. */
  readonly formerly?: string
}

/** Somebody who appears in the rows that are loaded. */
export interface SeenInitiator {
  readonly id: string
  readonly name: string
}

export interface CompletionSource {
  readonly actions: readonly ActionWords[]
  readonly initiators: readonly SeenInitiator[]
}

const suggestionsMax = 8

/** Words by which the filters are named in the query line; the first is the one shown. */
const filterPrefixes: { readonly [Name in FilterName]: readonly string[] } = {
  action: ['action'],
  severity: ['severity'],
  outcome: ['outcome'],
  initiator: ['initiator', 'by', 'who'],
  target: ['target'],
  instance: ['instance'],
  key: ['key'],
  request: ['request', 'correlation'],
  code: ['code', 'status'],
  words: ['words'],
}

/**
 * Suggestions for a text. The first is what Enter does: the text as words, unless it is exactly the name of something.
 */
export function suggest(text: string, source: CompletionSource): Suggestion[] {
  const typed = text.trim()
  if (typed === '') return []
  const prefixed = splitPrefix(typed)
  if (prefixed !== undefined) return suggestFor(prefixed.name, prefixed.rest, source)
  const found = [
    ...suggestNamed('severity', severities, typed),
    ...suggestNamed('outcome', outcomes, typed),
    ...suggestActions(typed, source.actions),
    ...suggestInitiators(typed, source.initiators),
    ...suggestIds(typed),
  ].slice(0, suggestionsMax)
  const words: Suggestion = { token: { name: 'words', value: typed } }
  const exact = found.filter(({ token, formerly }) => [token.value, formerly].includes(typed))
  return [...exact, words, ...found.filter((each) => !exact.includes(each))]
}

/** A text typed with a filter's name before it: `key:…`. */
export function splitPrefix(text: string): { name: FilterName; rest: string } | undefined {
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const prefix = text.slice(0, colon).toLowerCase()
  for (const name of ['action', 'severity', 'outcome', ...textFilters] as const) {
    if (filterPrefixes[name].includes(prefix)) return { name, rest: text.slice(colon + 1).trim() }
  }
  return undefined
}

function suggestFor(name: FilterName, rest: string, source: CompletionSource): Suggestion[] {
  if (name === 'severity') return suggestNamed(name, severities, rest)
  if (name === 'outcome') return suggestNamed(name, outcomes, rest)
  if (name === 'action') {
    const found = suggestActions(rest, source.actions).slice(0, suggestionsMax)
    // An action of a newer server is still a name to search for.
    return found.length === 0 && rest.includes('.') ? [{ token: { name, value: rest } }] : found
  }
  const people = name === 'initiator' ? suggestInitiators(rest, source.initiators) : []
  const exact =
    rest === '' || people.some((each) => each.token.value === rest) ? [] : [{ token: { name, value: rest } }]
  return [...people.slice(0, suggestionsMax), ...exact]
}

function suggestNamed(name: 'severity' | 'outcome', values: readonly string[], text: string): Suggestion[] {
  return values.filter((value) => value.startsWith(text.toLowerCase())).map((value) => ({ token: { name, value } }))
}

function suggestInitiators(text: string, initiators: readonly SeenInitiator[]): Suggestion[] {
  const wanted = text.toLowerCase()
  return initiators
    .filter(({ id, name }) => name.toLowerCase().includes(wanted) || id.toLowerCase().startsWith(wanted))
    .slice(0, 4)
    .map(({ id, name }) => ({ token: { name: 'initiator', value: id }, title: name }))
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A pasted id: what it can be the id of. */
function suggestIds(text: string): Suggestion[] {
  if (text.startsWith('crn:')) return [{ token: { name: 'target', value: text } }]
  if (!uuid.test(text)) return []
  return (['key', 'request', 'instance'] as const).map((name) => ({ token: { name, value: text } }))
}

function suggestActions(text: string, actions: readonly ActionWords[]): Suggestion[] {
  const words = text.toLowerCase().split(/\s+/)
  const scored = actions.flatMap((entry) => {
    const match = scoreAction(entry, words)
    return match === undefined ? [] : [{ entry, ...match }]
  })
  // Equal ones stay in the catalogue's order, which begins with keys.
  scored.sort((a, b) => b.score - a.score)
  return scored.map(({ entry, formerly }) => ({
    token: { name: 'action', value: entry.action },
    title: entry.title,
    ...(formerly === undefined ? {} : { formerly }),
  }))
}

function scoreAction(entry: ActionWords, words: readonly string[]): { score: number; formerly?: string } | undefined {
  const action = entry.action.toLowerCase()
  const title = entry.title.toLowerCase()
  const verb = action.slice(action.lastIndexOf('.') + 1)
  let score = 0
  const former = entry.formerNames.find((name) => words.every((word) => name.toLowerCase().includes(word)))
  for (const word of words) {
    if (verb.startsWith(word)) score += 4
    else if (action.includes(word)) score += 2
    else if (title.includes(word)) score += 1
    else return former === undefined ? undefined : { score: 3, formerly: former }
  }
  return { score }
}
