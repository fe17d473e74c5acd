/**
 * What a report is: a question that auditors ask, answered from the events of one query in one period up to one checkpoint.
 * The same events always give the same report. Texts stand nowhere in it: names of tables, columns and codes are for
 * whoever shows it to word.
 */
import type { FoundGroups } from './found-groups.ts'
import type { NowPart } from './now-part.ts'
import type { ReportEvent } from './report-event.ts'

/** Which events are looked at. Milliseconds since the epoch; `to` itself is no longer in it. */
export interface ReportPeriod {
  readonly from: number
  readonly to: number
}

/**
 * How the values of a column, or of a fact, are to be shown: times as RFC 3339, durations in milliseconds; `codes` are
 * several, with spaces between; `scope` is where a role counts, as events write it.
 */
export type CellKind = 'text' | 'code' | 'codes' | 'scope' | 'action' | 'time' | 'count' | 'duration'

export type Cell = string | number | undefined

export interface ReportColumn {
  readonly id: string
  readonly kind: CellKind
}

export interface ReportRow {
  /** In the order of the columns. */
  readonly cells: readonly Cell[]
  /** Indexes of the events that the row was made from, oldest first; the first fifty of them. */
  readonly events: readonly number[]
  /** How many there are. */
  readonly eventCount: number
}

export interface ReportTable {
  readonly id: string
  readonly columns: readonly [ReportColumn, ...ReportColumn[]]
  readonly rows: readonly ReportRow[]
  /** A code: what must be known to read it. */
  readonly note?: string
  /** RFC 3339: it tells how things stood then, by the server's clock, and not what the log proves. */
  readonly asOf?: string
}

export interface ReportFact {
  readonly id: string
  readonly kind: CellKind
  readonly value: Cell
}

export interface Report {
  readonly summary: readonly ReportFact[]
  readonly tables: readonly ReportTable[]
}

/** A report that can be made. */
export interface ReportKind {
  readonly id: string
  /** Its place in the list that auditors ask by. */
  readonly number: number
  /** The events it is made from, in the query language; the same everywhere. */
  readonly query: string
  /** Requirements of frameworks that it helps to answer, as these number them. */
  readonly clauses: readonly string[]
  /** @param events oldest first, as they stand in the log */
  readonly make: (events: readonly ReportEvent[], period: ReportPeriod) => Report
  /** Where counts do instead of events, of which there may be too many: by which fields, and the same report from them. */
  readonly groups?: {
    readonly by: readonly string[]
    readonly make: (found: FoundGroups) => Report
  }
  /** What it tells beside its events, of how things stand when it is made. */
  readonly now?: readonly NowPart[]
}

const eventsMax = 50

/** A row, with what it was made from. */
export function row(cells: readonly Cell[], events: readonly ReportEvent[]): ReportRow {
  return { cells, events: events.slice(0, eventsMax).map(({ index }) => index), eventCount: events.length }
}

/** `name:kind`, or `name` of a text. */
type ColumnText = string

export function columns(first: ColumnText, ...others: readonly ColumnText[]): [ReportColumn, ...ReportColumn[]] {
  return [columnOf(first), ...others.map(columnOf)]
}

function columnOf(text: ColumnText): ReportColumn {
  const [id = text, kind = 'text'] = text.split(':')
  return { id, kind: kind as CellKind }
}

export const count = (id: string, value: number): ReportFact => ({ id, kind: 'count', value })

/** A query for these actions and no others. */
export const actionsQuery = (...actions: readonly string[]): string => `action:==[${actions.join(', ')}]`

/**
 * What a report knows of its period: it ends where its checkpoint knows no more, for what is due later is not overdue yet.
 *
 * @param to RFC 3339, as `from`; both undefined where the query names its events
 * @param signedAt of the checkpoint; undefined when nobody knows
 */
export function reportPeriod(from: string | undefined, to: string | undefined, signedAt?: string): ReportPeriod {
  const end = to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to)
  return {
    from: from === undefined ? 0 : Date.parse(from),
    to: Math.min(end, signedAt === undefined ? end : Date.parse(signedAt)),
  }
}

/** The query of a report for what takes no size of a checkpoint: only events below it. */
export function queryBelow(query: string, size: number): string {
  const below = `index:<${size}`
  return query === '' ? below : `(${query}) ${below}`
}
