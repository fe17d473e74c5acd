/** The numbers of a report at a glance. */
import type { Report } from '@keywitness/cadf'
import type { ReactElement } from 'react'
import { CellText } from './cell-text.tsx'
import { wordFor } from './words.ts'
import styles from './reports.module.css'

export function FactList({ facts }: { readonly facts: Report['summary'] }): ReactElement {
  return (
    <dl className={styles.facts}>
      {facts.map(({ id, kind, value }) => (
        <div key={id} className={styles.fact} data-kind={kind}>
          <dt>{wordFor('facts', id)}</dt>
          <dd>{value === undefined ? '–' : <CellText kind={kind} value={value} />}</dd>
        </div>
      ))}
    </dl>
  )
}
