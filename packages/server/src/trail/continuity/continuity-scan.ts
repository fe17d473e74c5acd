/** Examines a stretch of a log entry by entry: what it proves of its own completeness, and what it does not. */
import { type EntryFacts, entryFactsOf, type SignedSize, type StoredEntry } from '@keywitness/tracker'
import { CheckpointScan } from './continuity-checkpoints.ts'
import { Finds, ProducerScan } from './continuity-producer.ts'
import type { ContinuityReport, CountedPeriod, PeriodDifference, ReconciliationReport } from './continuity-report.ts'

export interface ScanParts {
  readonly from: number
  /** Clock of the report, milliseconds since the epoch. */
  readonly now: number
  /** Checkpoints of sizes above `from`, smallest first. */
  readonly checkpoints: readonly SignedSize[]
  /** What the service counted, in the order of its numbers. */
  readonly periods: readonly CountedPeriod[]
  /** Producers of which nothing waits to be delivered any more. */
  readonly delivered: readonly string[]
}

/** Producers that a report follows: more than any log of ours has. */
const producersMax = 1_000

export class ContinuityScan {
  readonly #parts: ScanParts
  readonly #producers = new Map<string, ProducerScan>()
  readonly #tallies: Tallies
  readonly #checkpoints: CheckpointScan
  #unreadable = 0
  #firstTime: number | undefined
  #lastTime: number | undefined

  constructor(parts: ScanParts) {
    this.#parts = parts
    this.#tallies = new Tallies(parts.periods)
    this.#checkpoints = new CheckpointScan(parts.checkpoints, parts.from, parts.now)
  }

  add({ index, bytes }: StoredEntry): void {
    const { numbered, action, outcome, time } = entryFactsOf(bytes)
    this.#checkpoints.add(index, time)
    if (time !== undefined) {
      this.#firstTime = Math.min(this.#firstTime ?? time, time)
      this.#lastTime = Math.max(this.#lastTime ?? time, time)
    }
    if (numbered === undefined) {
      this.#unreadable += 1
      return
    }
    const promise = promiseOf(action, bytes)
    this.#scanOf(numbered)?.add({ index, numbered, time, action, ...promise })
    this.#tallies.add(numbered, `${action} ${outcome}`)
  }

  report(log: Pick<ContinuityReport, 'origin' | 'size' | 'covered' | 'looked'>): ContinuityReport {
    const reachesEnd = log.looked.to >= log.size
    return {
      ...log,
      firstTime: this.#firstTime,
      lastTime: this.#lastTime,
      unreadable: this.#unreadable,
      producers: [...this.#producers.values()].map((scan) => scan.report(reachesEnd)),
      checkpoints: this.#checkpoints.report(log.looked.to),
      reconciliation: this.#reconciliation(reachesEnd),
    }
  }

  #scanOf({ producer }: NonNullable<EntryFacts['numbered']>): ProducerScan | undefined {
    let scan = this.#producers.get(producer)
    if (scan === undefined && this.#producers.size < producersMax) {
      scan = new ProducerScan(producer, this.#parts.from === 0, this.#parts.now)
      this.#producers.set(producer, scan)
    }
    return scan
  }

  #reconciliation(reachesEnd: boolean): ReconciliationReport {
    const differing = new Finds<PeriodDifference>()
    let compared = 0
    let agreeing = 0
    for (const [period, logged] of this.#tallies.all()) {
      const scan = this.#producers.get(period.producer)
      const isFromStart = this.#parts.from === 0 || (scan !== undefined && scan.first <= period.first)
      const isToEnd =
        (scan !== undefined && scan.last >= period.last) ||
        (reachesEnd && this.#parts.delivered.includes(period.producer))
      if (!isFromStart || !isToEnd) continue
      compared += 1
      const difference = differenceOf(period, logged)
      if (difference === undefined) agreeing += 1
      else differing.add(difference)
    }
    const notCompared = this.#parts.periods.length - compared
    return { compared, agreeing, differing: differing.found(), notCompared }
  }
}

/** What an opening event or a heartbeat promises; others are not parsed. */
function promiseOf(
  action: string | undefined,
  bytes: Uint8Array,
): { readonly heartbeatSeconds: number | undefined; readonly isTracker: boolean | undefined } {
  const nothing = { heartbeatSeconds: undefined, isTracker: undefined }
  if (action?.startsWith('hs-crypto.producer.') !== true) return nothing
  try {
    const { event } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as {
      event: { logSourceCRN?: unknown; requestData?: { heartbeatSeconds?: unknown } }
    }
    const seconds = event.requestData?.heartbeatSeconds
    return {
      heartbeatSeconds: Number.isSafeInteger(seconds) && Number(seconds) > 0 ? Number(seconds) : undefined,
      isTracker: action.endsWith('.start') ? String(event.logSourceCRN).includes(':activity-tracker:') : undefined,
    }
  } catch {
    return nothing
  }
}

/** Counts entries by the periods that their numbers belong to. */
export class Tallies {
  /** By producer: its periods, ascending, each with what was counted in the log. */
  readonly #byProducer = new Map<string, [period: CountedPeriod, logged: Map<string, number>][]>()
  readonly #at = new Map<string, number>()

  constructor(periods: readonly CountedPeriod[]) {
    for (const period of periods) {
      const list = this.#byProducer.get(period.producer) ?? []
      this.#byProducer.set(period.producer, list)
      list.push([period, new Map()])
    }
    for (const list of this.#byProducer.values()) list.sort(([a], [b]) => a.first - b.first)
  }

  add({ producer, sequence }: { readonly producer: string; readonly sequence: number }, what: string): void {
    const list = this.#byProducer.get(producer)
    if (list === undefined) return
    let at = this.#at.get(producer) ?? 0
    if (!holds(list[at]?.[0], sequence)) {
      at = list.findIndex(([period]) => holds(period, sequence))
      if (at === -1) return
      this.#at.set(producer, at)
    }
    const logged = list[at]![1]
    logged.set(what, (logged.get(what) ?? 0) + 1)
  }

  all(): (readonly [period: CountedPeriod, logged: ReadonlyMap<string, number>])[] {
    return [...this.#byProducer.values()].flat()
  }
}

function holds(period: CountedPeriod | undefined, sequence: number): boolean {
  return period !== undefined && period.first <= sequence && sequence <= period.last
}

/** Actions of a difference that are named. */
const actionsMax = 32

/** Undefined when both counts are the same. */
export function differenceOf(
  { producer, first, last, began, counts }: CountedPeriod,
  logged: ReadonlyMap<string, number>,
): PeriodDifference | undefined {
  const names = new Set([...Object.keys(counts), ...logged.keys()])
  const actions = [...names]
    .map((name) => [name.replace(' ', '/'), counts[name] ?? 0, logged.get(name) ?? 0] as const)
    .filter(([, a, b]) => a !== b)
    .map(([name, a, b]) => `${name}:${a}:${b}`)
    .toSorted()
  if (actions.length === 0) return undefined
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0)
  return {
    producer,
    first,
    last,
    began,
    recorded: sum(Object.values(counts)),
    logged: sum(logged.values()),
    actions: actions.slice(0, actionsMax),
  }
}
