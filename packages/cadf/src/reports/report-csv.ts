/** A table of a report as comma-separated values (RFC 4180): its own names, no words, the same bytes for the same report. */
import { csvCell } from '../render/csv.ts'
import type { ReportTable } from './report.ts'

/**
 * Lines end in CR LF, the last one too. Behind the table's own columns stand how many events a row rests on, and which; in a
 * table of how things stand, as of when instead: that is what tells the two apart.
 */
export function reportCsv({ columns, rows, asOf }: ReportTable): string {
  const head = [...columns.map(({ id }) => id), ...(asOf === undefined ? ['eventCount', 'eventIndexes'] : ['asOf'])]
  const lines = rows.map(({ cells, events, eventCount }) =>
    [
      ...cells.map((cell) => (cell === undefined ? '' : String(cell))),
      ...(asOf === undefined ? [String(eventCount), events.join(' ')] : [asOf]),
    ].map(csvCell),
  )
  return [head, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

/** What a file of a table is called, without what comes before: of how things stand, with the time. */
export function reportCsvName({ id, asOf }: Pick<ReportTable, 'id' | 'asOf'>, isPartial = false): string {
  const time = asOf === undefined ? '' : `-as-of-${asOf.replaceAll(/[-:]|\.\d+/g, '')}`
  return `${id}${time}${isPartial ? '-partial' : ''}.csv`
}
