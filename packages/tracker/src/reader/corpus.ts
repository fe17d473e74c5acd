/** The log as a query runs over it: segments, the indexed part of the head, and what no index has yet. */
import type { Corpus, Stretch } from '../search/run.ts'
import type { Bounds } from '../search/table-search.ts'
import type { RegisteredSegment } from '../segment/register.ts'
import type { IndexView } from './head-index.ts'
import type { LogEntries, LogView } from './log-entries.ts'
import type { SegmentPool } from './segment-pool.ts'

export interface CorpusParts {
  readonly view: LogView
  readonly index: IndexView | undefined
  readonly pool: SegmentPool
  readonly entries: LogEntries
}

/** The whole log. */
export function corpusOf(parts: CorpusParts): Corpus {
  return corpusFrom(parts, [
    ...keptSegments(parts.view).map((segment) => stretchOf(segment, parts.pool)),
    ...headStretches(parts),
  ])
}

/** How far an event's time and that of its id may lie apart, milliseconds. */
const slackMs = 60_000

/** The segments that hold events of about this time (milliseconds): usually one, and none when it is not sealed yet. */
export function segmentsNear(view: LogView, time: number): readonly RegisteredSegment[] {
  return keptSegments(view).filter(
    ({ timeMin, timeMax }) =>
      timeMin !== undefined && timeMax !== undefined && time >= timeMin - slackMs && time <= timeMax + slackMs,
  )
}

/** Segments whose entries are still there. */
function keptSegments({ segments, first }: LogView): readonly RegisteredSegment[] {
  return segments.filter(({ last }) => last > first)
}

function corpusFrom(parts: CorpusParts, ascending: readonly Stretch[]): Corpus {
  return {
    stretches: (bounds, order) => {
      const within = ascending.flatMap((stretch) => {
        const from = Math.max(bounds.from, stretch.from)
        const to = Math.min(bounds.to, stretch.to)
        const isWhole = stretch.isWhole === true && from === stretch.from && to === stretch.to
        return from < to ? [{ ...stretch, from, to, isWhole }] : []
      })
      return order === 'asc' ? within : within.toReversed()
    },
    entry: (index) => parts.entries.entry(parts.view, index),
  }
}

function stretchOf(segment: RegisteredSegment, pool: SegmentPool): Stretch {
  return {
    from: segment.first,
    to: segment.last,
    times: { min: segment.timeMin, max: segment.timeMax },
    search: () => pool.get(segment).search,
    isWhole: true,
  }
}

/** The head from the last segment on; between and after the indexed stretches every entry is looked at. */
function headStretches({ view, index }: CorpusParts): Stretch[] {
  const stretches: Stretch[] = []
  let at = view.sealed
  for (const stretch of index?.stretches ?? []) {
    const { from, to } = indexedPart(stretch, index?.cursor ?? 0, view)
    if (to <= at || from < at) continue
    if (from > at) stretches.push({ from: at, to: from })
    const isWhole = from === stretch.first && to === Math.min(stretch.last, index?.cursor ?? 0)
    stretches.push({ from, to, search: () => index!.search(stretch), isWhole })
    at = to
  }
  if (at < view.size) stretches.push({ from: at, to: view.size })
  return stretches
}

function indexedPart({ first, last }: { first: number; last: number }, cursor: number, view: LogView): Bounds {
  return { from: Math.max(first, view.sealed), to: Math.min(last, cursor, view.size) }
}
