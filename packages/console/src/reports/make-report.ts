/** Makes a report: the events of its question are streamed, and what it stands on is looked up. */
import { type Report, type ReportKind, reportPeriod } from '@keywitness/cadf'
import { ApiError, networkError } from '../api/problem.ts'
import type { ListedCheckpoint, ReportQuestion, ReportsApi } from '../api/reports-api.ts'
import { readEvents } from './read-events.ts'

export interface MadeReport {
  readonly report: Report
  /** How many events it was made from. */
  readonly events: number
  /** Whether there were more than a browser reads; the report says so. */
  readonly isCut: boolean
  /** Time of the last event that was read, where the report was cut. */
  readonly cutAt: string | undefined
  readonly checkpoint: ListedCheckpoint | undefined
  /** RFC 3339. */
  readonly madeAt: string
}

interface MakeOptions {
  readonly signal: AbortSignal
  readonly onCount: (count: number) => void
}

/** @throws ApiError */
export async function makeReport(
  kind: ReportKind,
  api: ReportsApi,
  question: ReportQuestion,
  options: MakeOptions,
): Promise<MadeReport> {
  const found = await (kind.groups === undefined
    ? fromEvents(kind, api, question, options)
    : fromCounts(kind.groups, api, question, options))
  return { ...found, madeAt: new Date().toISOString() }
}

type Found = Omit<MadeReport, 'madeAt'>

async function fromEvents(
  kind: ReportKind,
  api: ReportsApi,
  question: ReportQuestion,
  { signal, onCount }: MakeOptions,
): Promise<Found> {
  const response = await api.events(question, signal)
  const { events, isCut } = await read(response, onCount, signal)
  // An export keeps its checkpoint for ever: it is listed from then on.
  const checkpoint = await api.checkpoint(question.size, signal)
  const period = reportPeriod(question.from, question.to, checkpoint?.signedAt)
  return {
    report: kind.make(events, period),
    events: events.length,
    isCut,
    cutAt: isCut ? events.at(-1)?.time : undefined,
    checkpoint,
  }
}

async function fromCounts(
  { by, make }: NonNullable<ReportKind['groups']>,
  api: ReportsApi,
  question: ReportQuestion,
  { signal }: MakeOptions,
): Promise<Found> {
  const found = await api.groups(question, by, signal)
  const checkpoint = await api.checkpoint(question.size, signal)
  const isCut = !found.isComplete || found.others > 0
  return { report: make(found), events: found.count, isCut, cutAt: undefined, checkpoint }
}

async function read(
  response: Response,
  onCount: (count: number) => void,
  signal: AbortSignal,
): ReturnType<typeof readEvents> {
  const { body } = response
  if (body === null) return { events: [], isCut: false }
  try {
    return await readEvents(body, { onCount })
  } catch (cause) {
    if (signal.aborted) throw cause
    if (!(cause instanceof SyntaxError)) throw networkError(cause)
    throw new ApiError({ status: response.status, code: 'NOT_AN_EXPORT', message: `${cause.message}.` })
  }
}
