/** What the trail page shows, as it stands in the address: filters, time range, the open event. */
import type { EventsQuery } from '../api/types.ts'
import { ianaOf, zoneOf } from '../app/zones.ts'

export const severities = ['critical', 'warning', 'normal'] as const
export const outcomes = ['failure', 'success', 'pending', 'unknown'] as const
export const panelViews = ['event', 'proof', 'json'] as const
/** What bars of the histogram are divided by; the first is what the address need not say. */
export const divisions = ['severity', 'outcome'] as const

export type SeverityName = (typeof severities)[number]
export type OutcomeName = (typeof outcomes)[number]
export type PanelView = (typeof panelViews)[number]
export type Division = (typeof divisions)[number]

/** Filters with one value that is free text. Names are those of the address. */
export const textFilters = ['initiator', 'target', 'instance', 'key', 'request', 'code', 'words'] as const
type TextFilter = (typeof textFilters)[number]

/** Every filter that can stand in the query line. */
export type FilterName = TextFilter | 'action' | 'severity' | 'outcome'

export type TrailSearch = { readonly [Name in TextFilter]?: string } & {
  /** RFC 3339, or relative (`-24h`). */
  readonly from?: string
  readonly to?: string
  readonly severity?: readonly SeverityName[]
  readonly outcome?: readonly OutcomeName[]
  readonly action?: readonly string[]
  /** In the query language (docs/reference/query.md); holds together with the filters. */
  readonly query?: string
  /** Index of the open event. */
  readonly event?: number
  readonly view?: PanelView
  readonly by?: Division
  /** Whether the column of values is open. */
  readonly facets?: true
  /** In which zone times are shown and days begin: an IANA name. */
  readonly tz?: string
  /** Id of the saved view that the search began with. */
  readonly saved?: string
}

/** What of it makes sense at another location. */
export const trailKept: readonly (keyof TrailSearch)[] = [
  'from',
  'to',
  'severity',
  'outcome',
  'action',
  'initiator',
  'code',
  'words',
  'query',
  'by',
  'facets',
  'tz',
]

/** What concerns how the page shows events, not which. */
const pageMembers: readonly string[] = ['event', 'view', 'by', 'facets', 'tz']
/** What is no filter, and goes when there is none any more. */
const originMembers: readonly string[] = ['saved']

/** Longest value taken from an address, and most values of one filter: the API's own bounds. */
const valueCharsMax = 512
const valuesMax = 50
/** Longest query. */
export const queryCharsMax = 2_000
const viewId = /^[0-9a-f-]{1,64}$/

/** Reads an address. What is malformed is left out, never guessed. */
export function parseTrailSearch(raw: Readonly<Record<string, unknown>>): TrailSearch {
  const text = (name: string, charsMax = valueCharsMax): string | undefined => {
    const value = raw[name]
    const string = typeof value === 'number' ? String(value) : value
    return typeof string === 'string' && string !== '' && string.length <= charsMax ? string : undefined
  }
  const list = (name: string): string[] => {
    const value = raw[name]
    const values = Array.isArray(value) ? value.map(String) : (text(name)?.split(',') ?? [])
    return [...new Set(values)].filter((each) => each !== '' && each.length <= valueCharsMax).slice(0, valuesMax)
  }
  const severity = severities.filter((name) => list('severity').includes(name))
  const outcome = outcomes.filter((name) => list('outcome').includes(name))
  const action = list('action')
  const event = Number(text('event') ?? Number.NaN)
  const view = panelViews.find((name) => name === text('view'))
  const by = divisions.find((name) => name === text('by'))
  const zone = zoneOf(text('tz'))
  const saved = text('saved')
  const query = (text('query', queryCharsMax) ?? text('q', queryCharsMax))?.trim() ?? ''
  const single: { [Name in TextFilter | 'from' | 'to']?: string } = {}
  for (const name of [...textFilters, 'from', 'to'] as const) {
    const value = text(name)
    if (value !== undefined) single[name] = value
  }
  return {
    ...single,
    ...(severity.length > 0 && { severity }),
    ...(outcome.length > 0 && { outcome }),
    ...(action.length > 0 && { action }),
    ...(query !== '' && { query }),
    ...(Number.isSafeInteger(event) && event >= 0 && { event }),
    ...(view !== undefined && { view }),
    ...(by !== undefined && by !== divisions[0] && { by }),
    ...([true, 'true'].includes(raw['facets'] as string) && { facets: true as const }),
    ...(zone !== undefined && { tz: ianaOf(zone) }),
    ...(saved !== undefined && viewId.test(saved) && { saved }),
  }
}

/** A list is written with commas; what is no text, number or flag has no place in an address. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Writes an address's query; the inverse of `parseTrailSearch`, with lists joined by commas. */
export function formatSearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue
    params.set(name, textOf(value))
  }
  // Commas and colons are harmless in a query and read better as they are.
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}

/** The raw members of an address's query. */
export function parseQueryString(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

/** The search as the API takes it: without what only concerns the page. */
export function toEventsQuery(search: TrailSearch): EventsQuery {
  const { from, to, severity, outcome, action, initiator, target, instance, key, request, code, words, query } = search
  return {
    ...(query !== undefined && { query }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(severity !== undefined && { severity }),
    ...(outcome !== undefined && { outcome }),
    ...(action !== undefined && { action }),
    ...(initiator !== undefined && { initiator }),
    ...(target !== undefined && { target }),
    ...(instance !== undefined && { instance }),
    ...(key !== undefined && { keyId: key }),
    ...(request !== undefined && { correlationId: request }),
    ...(code !== undefined && { reasonCode: code }),
    ...(words !== undefined && { text: words }),
  }
}

/** One filter as a token of the query line. */
export interface FilterToken {
  readonly name: FilterName
  readonly value: string
}

/** The filters of a search as tokens, in a fixed order. Severity and outcome have controls of their own. */
export function filterTokens(search: TrailSearch): FilterToken[] {
  return [
    ...(search.action ?? []).map((value) => ({ name: 'action' as const, value })),
    ...textFilters.flatMap((name) => {
      const value = search[name]
      return value === undefined ? [] : [{ name, value }]
    }),
  ]
}

/** Adds a value. A text filter has one value; the words of several searches are joined. */
export function withFilter(search: TrailSearch, token: FilterToken): TrailSearch {
  const { name, value } = token
  if (name === 'action') return { ...search, action: union(search.action, value) }
  if (name === 'severity' || name === 'outcome') {
    return parseTrailSearch({ ...search, [name]: union(search[name], value) })
  }
  if (name === 'words' && search.words !== undefined && search.words !== value) {
    return { ...search, words: `${search.words} ${value}` }
  }
  return { ...search, [name]: value }
}

export function withoutFilter(search: TrailSearch, token: FilterToken): TrailSearch {
  const { name, value } = token
  const rest = { ...search }
  if (name === 'action' || name === 'severity' || name === 'outcome') {
    const values = (search[name] ?? []).filter((each) => each !== value)
    return parseTrailSearch({ ...rest, [name]: values })
  }
  delete rest[name]
  return rest
}

/** The search without any filter or time range; the open event and how the page shows events stay. */
export function withoutFilters(search: TrailSearch): TrailSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => pageMembers.includes(name)))
}

export function hasFilters(search: TrailSearch): boolean {
  return Object.keys(search).some((name) => !pageMembers.includes(name) && !originMembers.includes(name))
}

/** Whether events that happen from now on can match: not when the range has an end. */
export function isOpenRange(search: TrailSearch): boolean {
  return search.to === undefined || search.to === 'now'
}

function union(values: readonly string[] | undefined, value: string): string[] {
  return [...new Set([...(values ?? []), value])]
}
