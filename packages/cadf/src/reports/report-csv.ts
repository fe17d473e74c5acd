/** A table of a report as comma-separated values (RFC 4180): its own names, no words, the same bytes for the same report. */
import { csvCell } from '../render/csv.ts'
import type { ReportTable } from './report.ts'

/** Lines end in CR LF, the last one too. Behind the table's own columns stand how many events a row rests on, and which. */
export function reportCsv({ columns, rows }: ReportTable): string {
  const head = [...columns.map(({ id }) => id), 'eventCount', 'eventIndexes']
  const lines = rows.map(({ cells, events, eventCount }) =>
    [...cells.map((cell) => (cell === undefined ? '' : String(cell))), String(eventCount), events.join(' ')].map(
      csvCell,
    ),
  )
  return [head, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}
