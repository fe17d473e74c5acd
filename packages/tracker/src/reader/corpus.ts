/** The log as a query runs over it: segments, the indexed part of the head, and what no index has yet. */
import type { Corpus, Stretch } from '../search/run.ts'
import type { Bounds } from '../search/table-search.ts'
import type { IndexView } from './head-index.ts'
import type { LogEntries, LogView } from './log-entries.ts'
import type { SegmentPool } from './segment-pool.ts'

export interface CorpusParts {
  readonly view: LogView
  readonly index: IndexView | undefined
  readonly pool: SegmentPool
  readonly entries: LogEntries
}

/**
 * The whole log, or with `around` only the stretches that events of that time (milliseconds) may be in: usually one.
 */
export function corpusOf(parts: CorpusParts, around?: number): Corpus {
  const all = [...segmentStretches(parts), ...headStretches(parts)]
  const ascending = around === undefined ? all : stretchesAround(all, around)
  return {
    stretches: (bounds, order) => {
      const within = ascending.flatMap((stretch) => {
        const from = Math.max(bounds.from, stretch.from)
        const to = Math.min(bounds.to, stretch.to)
        return from < to ? [{ ...stretch, from, to }] : []
      })
      return order === 'asc' ? within : within.toReversed()
    },
    entry: (index) => parts.entries.entry(parts.view, index),
  }
}

/** How far an event's time and that of its id may lie apart, milliseconds. */
const slackMs = 60_000

function stretchesAround(stretches: readonly Stretch[], time: number): readonly Stretch[] {
  const sealed = stretches.filter(
    ({ times }) =>
      times?.min !== undefined && times.max !== undefined && time >= times.min - slackMs && time <= times.max + slackMs,
  )
  return sealed.length > 0 ? sealed : stretches.filter(({ times }) => times === undefined)
}

function segmentStretches({ view, pool }: CorpusParts): Stretch[] {
  return view.segments.map((segment) => ({
    from: segment.first,
    to: segment.last,
    times: { min: segment.timeMin, max: segment.timeMax },
    search: () => pool.get(segment).search,
  }))
}

/** The head from the last segment on; between and after the indexed stretches every entry is looked at. */
function headStretches({ view, index }: CorpusParts): Stretch[] {
  const stretches: Stretch[] = []
  let at = view.sealed
  for (const stretch of index?.stretches ?? []) {
    const { from, to } = indexedPart(stretch, index?.cursor ?? 0, view)
    if (to <= at || from < at) continue
    if (from > at) stretches.push({ from: at, to: from })
    stretches.push({ from, to, search: () => index!.search(stretch) })
    at = to
  }
  if (at < view.size) stretches.push({ from: at, to: view.size })
  return stretches
}

function indexedPart({ first, last }: { first: number; last: number }, cursor: number, view: LogView): Bounds {
  return { from: Math.max(first, view.sealed), to: Math.min(last, cursor, view.size) }
}
