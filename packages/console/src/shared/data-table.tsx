/** A table of things, one a row: sorted by its heads, opened by a click or the keyboard, narrower where there is no room. */
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SortIcon } from '../app/icons.tsx'
import styles from './data-table.module.css'

export interface Column<Row> {
  readonly id: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** What the column is sorted by; without it, it cannot be. Rows without a value come last. */
  readonly sortBy?: (row: Row) => string | number | undefined
  readonly isNumber?: boolean
  /** Left out where the table is not so wide. */
  readonly needs?: 'middle' | 'wide'
}

interface Sorting {
  readonly column: string
  readonly isDescending: boolean
}

interface DataTableProps<Row> {
  /** What the table lists, for those who do not see it. */
  readonly label: string
  /** The first one names the row, and opens it. */
  readonly columns: readonly [Column<Row>, ...Column<Row>[]]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly openKey?: string | undefined
  readonly onOpen?: (row: Row) => void
  readonly sorting?: Sorting
  /** Said below the head when there is no row. */
  readonly none?: string
}

export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, columns, rows, keyOf, openKey, onOpen, none } = props
  const [sorting, setSorting] = useState(props.sorting)
  const sorted = sortRows(rows, columns, sorting)
  return (
    <div className={styles.box}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => {
            const key = keyOf(row)
            const isOpen = key === openKey
            return (
              <tr
                key={key}
                className={styles.row}
                data-open={isOpen || undefined}
                data-key={key}
                {...(onOpen !== undefined && { onClick: () => onOpen(row), 'data-opens': true })}
              >
                {columns.map((column, index) => (
                  <td key={column.id} data-needs={column.needs} data-number={column.isNumber}>
                    {index === 0 && onOpen !== undefined ? (
                      <button type="button" className={styles.name} aria-current={isOpen ? 'true' : undefined}>
                        {column.cell(row)}
                      </button>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      {rows.length === 0 && none !== undefined && (
        <p className={styles.none} role="status">
          {none}
        </p>
      )}
    </div>
  )
}

interface HeadProps<Row> {
  readonly column: Column<Row>
  readonly sorting: Sorting | undefined
  readonly onSort: (sorting: Sorting) => void
}

function Head<Row>({ column, sorting, onSort }: HeadProps<Row>): ReactElement {
  const { t } = useTranslation()
  const { id, title, sortBy, isNumber, needs } = column
  const isSorted = sorting?.column === id
  const isDescending = isSorted && sorting.isDescending
  return (
    <th
      scope="col"
      data-needs={needs}
      data-number={isNumber}
      // On paper, where there is no button.
      data-title={sortBy === undefined ? undefined : title}
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : undefined}
    >
      {sortBy === undefined ? (
        title
      ) : (
        <button
          type="button"
          className={styles.sort}
          title={t('table.sort', { column: title })}
          onClick={() => onSort({ column: id, isDescending: isSorted && !isDescending })}
        >
          {title}
          <SortIcon size={12} className={styles.arrow} />
        </button>
      )}
    </th>
  )
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const sortBy = columns.find(({ id }) => id === sorting?.column)?.sortBy
  if (sortBy === undefined) return rows
  const sign = sorting?.isDescending === true ? -1 : 1
  return rows.toSorted((one, other) => {
    const [a, b] = [sortBy(one), sortBy(other)]
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    return sign * (typeof a === 'string' && typeof b === 'string' ? compareNames(a, b) : a < b ? -1 : a > b ? 1 : 0)
  })
}

/** The order of names in lists. */
export const { compare: compareNames } = new Intl.Collator('en', { numeric: true })
