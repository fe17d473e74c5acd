/** What differs between two rules, member by member. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { MemberDifference } from './rule-difference.ts'
import styles from './difference-table.module.css'

interface DifferenceTableProps {
  readonly differences: readonly MemberDifference[]
  /** What the two sides are called. */
  readonly before: string
  readonly after: string
}

export function DifferenceTable({ differences, before, after }: DifferenceTableProps): ReactElement {
  const { t } = useTranslation('alerts')
  if (differences.length === 0) return <p className={styles.none}>{t('difference.none')}</p>
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('difference.member')}</th>
          <th scope="col">{before}</th>
          <th scope="col">{after}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((difference) => (
          <tr key={difference.path}>
            <th scope="row">
              <code>{difference.path}</code>
            </th>
            <td data-side="before">{difference.before ?? t('difference.absent')}</td>
            <td data-side="after">{difference.after ?? t('difference.absent')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
