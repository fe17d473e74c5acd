/** What a report is made from, as it stands in the address: opened again, it gives the same report. */

export interface ReportSearch {
  /** RFC 3339 in UTC, at the beginning of a day. */
  readonly from?: string
  /** The same; exclusive. */
  readonly to?: string
  /** Of the checkpoint. */
  readonly size?: number
  /** Of the sample: what decides which events are drawn, and how many. */
  readonly seed?: string
  readonly draws?: number
}

/** What of it makes sense at another location. */
export const reportKept: readonly (keyof ReportSearch)[] = ['from', 'to', 'seed', 'draws']

/** The report whose query is drawn. */
export const sampleId = 'sample'

/** As many values as a list of a query may have, and as many as auditors usually take. */
export const drawsMax = 60
export const drawsUsual = 25

const day = /^\d{4}-\d\d-\d\d$/
const dayBegin = 'T00:00:00Z'

/** Reads an address. What is malformed is left out, never guessed. */
export function parseReportSearch(raw: Readonly<Record<string, unknown>>): ReportSearch {
  const [from, to] = [raw['from'], raw['to']].map((value) => {
    if (typeof value !== 'string' || !value.endsWith(dayBegin)) return undefined
    return beginOf(value.slice(0, -dayBegin.length))
  })
  const isPeriod = from !== undefined && to !== undefined && from < to
  const size = Number(raw['size'] ?? Number.NaN)
  const { seed } = raw
  const draws = Number(raw['draws'] ?? Number.NaN)
  return {
    ...(isPeriod && { from, to }),
    ...(Number.isSafeInteger(size) && size > 0 && { size }),
    ...(typeof seed === 'string' && seed !== '' && seed.length <= 64 && { seed }),
    ...(Number.isSafeInteger(draws) && draws > 0 && draws <= drawsMax && { draws }),
  }
}

/** The beginning of a day; undefined when there is no such day. */
export function beginOf(text: string): string | undefined {
  if (!day.test(text)) return undefined
  const time = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text) ? `${text}${dayBegin}` : undefined
}
