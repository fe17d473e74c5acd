/** The thread of one continuity report: reads a stretch of a log from its disk, entry by entry, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { entryFactsOf, openReader, type SignedSize, type TrackerReader } from '@keywitness/tracker'
import type { ContinuityReport } from './continuity-report.ts'
import { ContinuityScan, type ScanParts } from './continuity-scan.ts'
import type { TrackerPlace } from '../messages.ts'

/** What a report is asked for. */
export interface ContinuityOrder extends Pick<ScanParts, 'now' | 'periods' | 'delivered'> {
  readonly place: TrackerPlace
  /** Event times, milliseconds since the epoch; undefined: from the first entry, to the last. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** Entries looked at at most: of more, the newest. */
  readonly entriesMax: number
  readonly checkpointsMax: number
  /** How long reading may take, milliseconds: what was not looked at by then is said to be so. */
  readonly lastsMs: number
}

export type FromContinuity =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly bytes: number }
  | { readonly kind: 'report'; readonly report: ContinuityReport }

/** Entries read at once, and between two words of progress. */
const step = 2_000

const port = parentPort as NonNullable<typeof parentPort>
const order = workerData as ContinuityOrder
const say = (message: FromContinuity): void => port.postMessage(message)

const reader = openReader(order.place)
say({ kind: 'report', report: examine() })
reader.close()

function examine(): ContinuityReport {
  const size = reader.size()
  const start = order.from === undefined ? reader.first() : firstFrom(reader, size, order.from)
  const end = order.to === undefined ? size : firstFrom(reader, size, order.to)
  const to = Math.max(start, end)
  const from = Math.max(start, to - order.entriesMax)
  const scan = new ContinuityScan({ ...order, from, checkpoints: checkpointsFrom(from, to) })
  const until = performance.now() + order.lastsMs
  let bytes = 0
  let at = from
  while (at < to && performance.now() < until) {
    const entries = reader.range(at, to, step)
    for (const entry of entries) {
      scan.add(entry)
      bytes += entry.bytes.length
    }
    at = (entries.at(-1)?.index ?? to - 1) + 1
    say({ kind: 'progress', done: at - from, total: to - from, bytes })
  }
  const looked = { from, to: at, isWhole: from === start && at >= to }
  return scan.report({ origin: reader.origin, size, covered: reader.covered(), looked })
}

function checkpointsFrom(from: number, to: number): SignedSize[] {
  const found: SignedSize[] = []
  for (;;) {
    const page = reader.signedAfter(found.at(-1)?.size ?? from, 10_000)
    found.push(...page)
    // One beyond the end is wanted: it covers the last entries.
    if (page.length === 0 || (page.at(-1)?.size ?? 0) > to || found.length >= order.checkpointsMax) return found
  }
}

/** The first index whose event is not before a time, taking times to grow with the log. */
function firstFrom(log: TrackerReader, size: number, time: number): number {
  let low = log.first()
  let high = size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (timeAt(log, middle) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** An entry without a time counts as of the one before it; before what was pruned there is none. */
function timeAt(log: TrackerReader, index: number): number {
  for (let at = index; at >= 0; at--) {
    const [entry] = log.range(at, at + 1, 1)
    if (entry === undefined) break
    const { time } = entryFactsOf(entry.bytes)
    if (time !== undefined) return time
  }
  return Number.NEGATIVE_INFINITY
}
