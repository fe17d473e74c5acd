/** What differs between two rules, member by member, in the words of the form. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { differenceWords } from './difference-words.ts'
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
        {differences.map((difference) => {
          const words = differenceWords(difference, t)
          return (
            <tr key={difference.path}>
              <th scope="row">{words.label}</th>
              {(['before', 'after'] as const).map((side) => (
                <td key={side} data-side={side}>
                  <Value text={words[side]} isCode={words.isCode} />
                </td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Value({ text, isCode }: { readonly text: string | undefined; readonly isCode: boolean }): ReactElement {
  const { t } = useTranslation('alerts')
  if (text === undefined) return <span className={styles.absent}>{t('difference.absent')}</span>
  return isCode ? <code>{text}</code> : <bdi>{text}</bdi>
}
