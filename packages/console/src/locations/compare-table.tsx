/** Things side by side: one a column, what is known of them a row each, in groups. */
import type { ReactElement, ReactNode } from 'react'
import styles from './locations-page.module.css'

export interface CompareRow<Thing> {
  readonly id: string
  readonly name: string
  readonly cell: (thing: Thing) => ReactNode
}

export interface CompareGroup<Thing> {
  readonly title: string
  readonly rows: readonly CompareRow<Thing>[]
}

interface CompareTableProps<Thing> {
  readonly label: string
  readonly things: readonly Thing[]
  readonly keyOf: (thing: Thing) => string
  readonly head: (thing: Thing) => ReactNode
  readonly groups: readonly CompareGroup<Thing>[]
}

export function CompareTable<Thing>(props: CompareTableProps<Thing>): ReactElement {
  const { label, things, keyOf, head, groups } = props
  return (
    <div className={styles.side} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.compare} aria-label={label}>
        <thead>
          <tr>
            <td />
            {things.map((thing) => (
              <th key={keyOf(thing)} scope="col">
                {head(thing)}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(({ title, rows }) => (
          <tbody key={title}>
            <tr className={styles.group}>
              <th scope="rowgroup" colSpan={things.length + 1}>
                {title}
              </th>
            </tr>
            {rows.map(({ id, name, cell }) => (
              <tr key={id}>
                <th scope="row">{name}</th>
                {things.map((thing) => (
                  <td key={keyOf(thing)}>{cell(thing)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}
