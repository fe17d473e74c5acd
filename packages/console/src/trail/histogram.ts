/** Bars of the histogram: what the server counted, and on top of it what the live tail brought since. */
import type { Histogram } from '../api/summaries-api.ts'
import type { TrailItem } from '../api/types.ts'
import { describe } from './describe.ts'
import { type Division, type TrailSearch, isOpenRange, outcomes, severities } from './search.ts'
import { type Zone, timeOf } from './time-range.ts'

export interface Bar {
  /** Milliseconds since the epoch; `to` is exclusive. */
  readonly from: number
  readonly to: number
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
}

/** What a histogram was asked for, so that events that came later can be told from those it has. */
export interface Asked {
  /** Newest entry of the list at that time; -1 for none. */
  readonly newest: number
  /** The answer holds events before this time, in milliseconds; undefined when the range itself has an end. */
  readonly before: number | undefined
  readonly interval: string | undefined
  /** When it was asked: where the axis of a range without an end is to end. */
  readonly now: number
}

const barsWanted = 60
/** With more bars than this two become one. */
const barsMax = 2 * barsWanted
/** Rows looked at for the latest time: producers' clocks differ a little from the order in the log. */
const rowsForTime = 50

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const widths = ['1s', '5s', '15s', '1m', '5m', '15m', '1h', '3h', '12h', '1d', '7d', '30d'] as const

export const barsAsked = barsWanted

/** Parts of a bar, the gravest first: it stands at the bottom, where bars can be compared. */
export function partsOf(by: Division): readonly string[] {
  return by === 'severity' ? severities : outcomes
}

/** What to ask for, so that the list's newer events can be added afterwards without counting one twice. */
export function askFor(search: TrailSearch, rows: readonly TrailItem[], now: number, zone: Zone): Asked {
  const newest = rows[0]?.index ?? -1
  if (!isOpenRange(search)) return { newest, before: undefined, interval: undefined, now }
  const times = rows.slice(0, rowsForTime).map((item) => describe(item.event).time ?? 0)
  const before = times.length === 0 ? undefined : Math.max(...times) + 1
  const start = timeOf(search.from, zone, now)
  return { newest, before, interval: start === undefined ? undefined : widthFor(now - start), now }
}

/** The narrowest width by which a span has at most so many bars. */
function widthFor(spanMs: number): string {
  return widths.find((width) => spanMs / msOf(width) <= barsWanted) ?? `${Math.ceil(spanMs / unitMs.d / barsWanted)}d`
}

function msOf(width: string): number {
  const unit = width.at(-1) as keyof typeof unitMs
  return Number.parseInt(width, 10) * (unitMs[unit] ?? unitMs.m)
}

/** The bars of an answer with what came since. The axis of the whole trail ends with its last event. */
export function barsOf(answer: Histogram, asked: Asked, by: Division, rows: readonly TrailItem[]): readonly Bar[] {
  const bars = answer.buckets.map(({ from, to, counts }) => barOf(Date.parse(from), Date.parse(to), counts))
  const last = bars.at(-1)
  if (last === undefined || asked.before === undefined) return bars
  const since = laterThan(rows, asked)
  const until = asked.interval === undefined ? 0 : asked.now
  const end = since.reduce((latest, { time }) => Math.max(latest, time + 1), until)
  const width = Math.max(msOf(answer.interval), 1_000)
  const full = coarse([...bars, ...following(last.to, end, width)])
  return withEvents(full, since, by)
}

function barOf(from: number, to: number, counts: Readonly<Record<string, number>>): Bar {
  return { from, to, counts, total: Object.values(counts).reduce((sum, count) => sum + count, 0) }
}

interface Later {
  readonly time: number
  readonly item: TrailItem
}

function laterThan(rows: readonly TrailItem[], { newest, before = Infinity }: Asked): Later[] {
  const later: Later[] = []
  for (const item of rows) {
    if (item.index <= newest) break
    const { time } = describe(item.event)
    if (time !== undefined && time >= before) later.push({ time, item })
  }
  return later
}

/** Empty bars after the last one, so wide that there are not too many. */
function following(from: number, end: number, width: number): Bar[] {
  const bars: Bar[] = []
  const step = width * Math.max(1, Math.ceil((end - from) / width / barsMax))
  for (let at = from; at < end; at += step) bars.push(barOf(at, at + step, {}))
  return bars
}

/** Two bars become one as long as there are too many. */
function coarse(bars: readonly Bar[]): readonly Bar[] {
  if (bars.length <= barsMax) return bars
  const halved: Bar[] = []
  for (let i = 0; i < bars.length; i += 2) {
    const [left, right] = [bars[i], bars[i + 1]]
    if (left !== undefined) halved.push(right === undefined ? left : joined(left, right))
  }
  return coarse(halved)
}

function joined(left: Bar, right: Bar): Bar {
  const counts: Record<string, number> = { ...left.counts }
  for (const [name, count] of Object.entries(right.counts)) counts[name] = (counts[name] ?? 0) + count
  return barOf(left.from, right.to, counts)
}

function withEvents(bars: readonly Bar[], later: readonly Later[], by: Division): readonly Bar[] {
  if (later.length === 0) return bars
  const more = new Map<number, Record<string, number>>()
  for (const { time, item } of later) {
    const at = bars.findLastIndex((bar) => time >= bar.from)
    const counts = more.get(at) ?? {}
    const name = item.event[by]
    more.set(at, { ...counts, [name]: (counts[name] ?? 0) + 1 })
  }
  return bars.map((bar, at) => {
    const counts = more.get(at)
    return counts === undefined ? bar : joined(bar, barOf(bar.from, bar.to, counts))
  })
}

/** What a run of bars stands for. */
export function spanOf(bars: readonly Bar[], first: number, last: number): Bar | undefined {
  const run = bars.slice(Math.min(first, last), Math.max(first, last) + 1)
  return run.length === 0 ? undefined : run.reduce(joined)
}

/** The search narrowed to a run of bars; where it ends with the last one of an open range it stays open. */
export function narrowed(search: TrailSearch, bars: readonly Bar[], first: number, last: number): TrailSearch {
  const span = spanOf(bars, first, last)
  if (span === undefined) return search
  const isToEnd = Math.max(first, last) === bars.length - 1 && isOpenRange(search)
  const { to: _, ...rest } = search
  return {
    ...rest,
    from: new Date(span.from).toISOString(),
    ...(!isToEnd && { to: new Date(span.to).toISOString() }),
  }
}
