/** The search of the key list: its grammar, and what it finds (reference: kms-rest-api.md, section 7.1). */

type SearchScope = 'name' | 'alias'

export interface Search {
  readonly query: string
  readonly scopes: readonly SearchScope[]
  readonly not: boolean
  readonly exact: boolean
  /** Whether the query as a key's id finds that key: not when names or aliases are to equal it. */
  readonly byId: boolean
}

const words = ['not', 'exact', 'escape', 'name', 'alias'] as const

/**
 * `[option:]…[scope:]…text`, the options in any order. `escape:` ends them: what follows is the text itself. One comma
 * at the end is a habit of a published client and no part of the text. Undefined: there is nothing to search for.
 */
export function parseSearch(text: string): Search | undefined {
  let rest = text.endsWith(',') ? text.slice(0, -1) : text
  const given = new Set<(typeof words)[number]>()
  while (!given.has('escape')) {
    const word = words.find((one) => rest.startsWith(`${one}:`))
    if (word === undefined) break
    given.add(word)
    rest = rest.slice(word.length + 1)
  }
  if (rest === '') return undefined
  const scopes = (['name', 'alias'] as const).filter((scope) => given.has(scope))
  const exact = given.has('exact')
  const not = given.has('not')
  return {
    query: rest,
    scopes: scopes.length === 0 ? ['name', 'alias'] : scopes,
    not,
    exact,
    byId: !not && !(exact && scopes.length > 0),
  }
}

/** Whether a key's name and aliases answer the search. Upper and lower case are one, in every script. */
export function answers(search: Search, name: string, aliases: readonly string[]): boolean {
  const { scopes } = search
  return isFound(search, [...(scopes.includes('name') ? [name] : []), ...(scopes.includes('alias') ? aliases : [])])
}

/** Whether a thing of these names answers the search, whatever its scopes. */
export function isFound(search: Search, names: readonly string[]): boolean {
  const query = folded(search.query)
  const fits = (value: string): boolean => (search.exact ? folded(value) === query : folded(value).includes(query))
  return names.some(fits) !== search.not
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
