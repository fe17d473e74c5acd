/** One table of a report: sorted by its heads, each row with its events, all of it as a CSV file. */
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type Cell, type CellKind, type ReportRow, type ReportTable, reportCsv, reportCsvName } from '@keywitness/cadf'
import { type ReactElement, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { downloadText } from '../shared/download.ts'
import { CellText } from './cell-text.tsx'
import { wordFor } from './words.ts'
import styles from './reports.module.css'

interface ReportTableViewProps {
  readonly table: ReportTable
  readonly location: string
  /** What the name of its file begins with. */
  readonly fileName: string
  /** Whether it was made from a part of the events. */
  readonly isPartial?: boolean
}

/** More are shown when somebody asks for them; the file has all. */
const rowsShown = 200
/** Events of a row that are linked. */
const eventsShown = 3

type NumberedRow = ReportRow & { readonly number: number }

export function ReportTableView({ table, location, fileName, isPartial = false }: ReportTableViewProps): ReactElement {
  const { t } = useTranslation('reports')
  const [isAll, setIsAll] = useState(false)
  const { id, rows, note } = table
  const columns = useMemo(() => columnsOf(table, location, t('events')), [table, location, t])
  const shown = useMemo(
    () => (isAll ? rows : rows.slice(0, rowsShown)).map((row, number) => ({ ...row, number })),
    [rows, isAll],
  )
  const title = wordFor('tables', id)
  return (
    <section className={styles.section}>
      <div className={styles.tableHead}>
        <h2 className={styles.heading}>{title}</h2>
        <span className={styles.note}>{t('rows', { count: rows.length, formatted: formatCount(rows.length) })}</span>
        <Button
          variant="default"
          size="compact-xs"
          data-screen
          aria-label={t('csvOf', { table: title })}
          onClick={() => downloadText(`${fileName}-${reportCsvName(table, isPartial)}`, reportCsv(table), 'text/csv')}
        >
          {t('csv')}
        </Button>
      </div>
      {note !== undefined && <p className={styles.note}>{wordFor('notes', note)}</p>}
      <div className={styles.table}>
        <DataTable
          label={title}
          columns={columns}
          rows={shown}
          keyOf={({ number }) => String(number)}
          none={t('noRows')}
        />
      </div>
      {shown.length < rows.length && (
        <p className={styles.note}>
          {t('shown', { shown: formatCount(shown.length), all: formatCount(rows.length) })}{' '}
          <Button variant="default" size="compact-xs" data-screen onClick={() => setIsAll(true)}>
            {t('showAll')}
          </Button>
        </p>
      )}
    </section>
  )
}

function columnsOf(
  { columns, asOf }: ReportTable,
  location: string,
  events: string,
): [Column<NumberedRow>, ...Column<NumberedRow>[]] {
  const [first, ...others] = columns.map(({ id, kind }, at): Column<NumberedRow> => ({
    id,
    title: wordFor('columns', id),
    isNumber: kind === 'count' || kind === 'duration',
    cell: ({ cells }) => <CellText {...saidOf(id, kind, cells[at])} />,
    sortBy: ({ cells }) => cells[at],
  })) as [Column<NumberedRow>, ...Column<NumberedRow>[]]
  // What is told as of now rests on no event.
  if (asOf !== undefined) return [first, ...others]
  return [
    first,
    ...others,
    { id: ' events', title: events, cell: (row) => <EventLinks row={row} location={location} /> },
  ]
}

/** A retention without end is 0 in the file. */
function saidOf(id: string, kind: CellKind, value: Cell): { readonly kind: CellKind; readonly value: Cell } {
  return id === 'retentionDays' && value === 0 ? { kind: 'code', value: 'for-ever' } : { kind, value }
}

function EventLinks({ row, location }: { readonly row: ReportRow; readonly location: string }): ReactElement {
  const { t } = useTranslation('reports')
  const shown = row.events.slice(0, eventsShown)
  return (
    <span className={styles.events}>
      {shown.map((index) => (
        <Link
          key={index}
          to="/trail/$location"
          params={{ location }}
          search={{ event: index }}
          preload={false}
          className={styles.link ?? ''}
          aria-label={t('event', { index })}
        >
          #{index}
        </Link>
      ))}
      {row.eventCount > shown.length && <span>+{formatCount(row.eventCount - shown.length)}</span>}
    </span>
  )
}
