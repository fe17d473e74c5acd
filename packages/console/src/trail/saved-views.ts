/** Saved views beside the search of the address: what one becomes, whether it is still that, how many are listed. */
import type { SavedView, ViewContent } from '../api/views-api.ts'
import { type TrailSearch, filterTokens, parseTrailSearch } from './search.ts'

/** What of a page is not the view's. */
interface Shown {
  readonly facets?: true | undefined
  readonly tz?: string | undefined
}

/** The search that a view stands for; how the page shows events stays as it is. */
export function searchOf(view: SavedView, { facets, tz }: Shown): TrailSearch {
  const { id, query, from, to, by } = view
  return parseTrailSearch({ query, from, to, by, facets, tz, saved: id })
}

/** Whether the search is no longer what the view keeps. */
export function isChanged(view: SavedView, search: TrailSearch): boolean {
  const { severity, outcome, query = '', from, to, by = 'severity' } = search
  const isNarrowed = severity !== undefined || outcome !== undefined || filterTokens(search).length > 0
  const kept: ViewContent = { query, from: from ?? null, to: to ?? null, by }
  return (
    isNarrowed ||
    (Object.keys(kept) as (keyof ViewContent)[]).some((member) => kept[member] !== contentOf(view)[member])
  )
}

export function contentOf({ query, from, to, by }: SavedView): ViewContent {
  return { query, from, to, by }
}

interface ViewGroup {
  /** Empty for those without one, which come last. */
  readonly category: string
  readonly views: readonly SavedView[]
}

/** Those that go by what was typed, by category and name. */
export function groupsOf(views: readonly SavedView[], typed: string): readonly ViewGroup[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const found = views.filter(({ name, category, owner }) => {
    const text = `${name}\n${category}\n${owner.name}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Map<string, SavedView[]>()
  for (const view of found) groups.set(view.category, [...(groups.get(view.category) ?? []), view])
  return [...groups]
    .map(([category, ofIt]) => ({ category, views: ofIt.toSorted((a, b) => order(a.name, b.name)) }))
    .toSorted((a, b) => Number(a.category === '') - Number(b.category === '') || order(a.category, b.category))
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
const order = (one: string, other: string): number => collator.compare(one, other)
