/**
 * What a report tells of how things stand when it is made: read from the server, proved by nothing, and not the same when the
 * report is made again. So it stands apart from what the events tell, and says as of when it is.
 */
import type { Cell, ReportColumn, ReportFact, ReportTable } from './report.ts'
import { dataOf, type ReportData } from './report-event.ts'

/** An answer of the server. */
export interface NowAnswer {
  readonly body: unknown
  /** When it was given, by the server's clock: RFC 3339. */
  readonly at: string
}

/** Asks the server. What it refuses, and what does not come, is thrown in the reader's own form. */
export type NowReader = (path: string, query?: Readonly<Record<string, string>>) => Promise<NowAnswer>

export interface NowQuestion {
  readonly location: string
  /** RFC 3339; `to` is exclusive. */
  readonly from: string
  readonly to: string
  /** Of the checkpoint that the report stands on. */
  readonly size: number
}

export interface NowPart {
  readonly id: string
  readonly read: (ask: NowReader, question: NowQuestion) => Promise<NowFound>
}

export interface NowFound {
  /** As of when it begins to be told: RFC 3339. */
  readonly asOf: string
  readonly facts: readonly ReportFact[]
  readonly tables: readonly ReportTable[]
  /** Codes of what it does not hold, each with what that is about. */
  readonly lacks: readonly NowLack[]
}

export interface NowLack {
  readonly code: string
  /** A name or a number; empty where the code says all. */
  readonly what: string
}

interface Listed {
  readonly items: readonly ReportData[]
  readonly at: string
  /** There were more than were read. */
  readonly isCut: boolean
}

/** Reads a list page by page: `{<name>: […], next: <id or null>}`, at most this many pages, of 200 where the query says nothing else. */
export async function readAll(
  ask: NowReader,
  path: string,
  name: string,
  options: { readonly pages: number; readonly query?: Readonly<Record<string, string>>; readonly pageBy?: string },
): Promise<Listed> {
  const { pages, query = { limit: '200' }, pageBy = 'after' } = options
  const items: ReportData[] = []
  let at = ''
  let next: string | undefined
  for (let page = 0; page < pages; page++) {
    const answer = await ask(path, { ...query, ...(next !== undefined && { [pageBy]: next }) })
    if (page === 0) ({ at } = answer)
    const body = dataOf(answer.body)
    items.push(...listIn(body[name]))
    const { next: following } = body
    next = typeof following === 'string' || typeof following === 'number' ? String(following) : undefined
    if (next === undefined) break
  }
  return { items, at, isCut: next !== undefined }
}

export function listIn(value: unknown): ReportData[] {
  return Array.isArray(value) ? value.map(dataOf) : []
}

/** A table of how things stand: its rows rest on no event. */
export function nowTable(
  id: string,
  columns: readonly [ReportColumn, ...ReportColumn[]],
  asOf: string,
  rows: readonly (readonly Cell[])[],
): ReportTable {
  return { id, columns, asOf, rows: rows.map((cells) => ({ cells, events: [], eventCount: 0 })) }
}

/** A number of an answer; undefined for anything else. */
export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A text of an answer; undefined for anything else, and for none. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `yes` or `no`; undefined where nothing is said. */
export function flagIn(value: unknown): 'yes' | 'no' | undefined {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : undefined
}

/** Seconds of an answer as milliseconds. */
export function secondsIn(value: unknown): number | undefined {
  const seconds = numberIn(value)
  return seconds === undefined ? undefined : Math.round(seconds * 1_000)
}

/** The code of what does not hold all, where it does not. */
export function lackWhere(isCut: boolean, code: string): NowLack[] {
  return isCut ? [{ code, what: '' }] : []
}

export const tracker = ({ location }: Pick<NowQuestion, 'location'>): string =>
  `/v1/trackers/${encodeURIComponent(location)}`
