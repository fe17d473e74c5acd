/** One filter of the query line, and the button that takes it away. */
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { CloseIcon } from '../app/icons.tsx'
import { whoIs } from './seen.ts'
import type { FilterToken } from './search.ts'
import styles from './query-field.module.css'

interface QueryTokenProps {
  readonly token: FilterToken
  /** Rows in sight: an initiator is shown by the name they have for it. */
  readonly rows: readonly TrailItem[]
  /** @param isByKey whether the keyboard did it, whose place then goes with the button */
  readonly onRemove: (isByKey: boolean) => void
}

export function QueryToken({ token, rows, onRemove }: QueryTokenProps): ReactElement {
  const { t } = useTranslation()
  const { name, value } = token
  const who = useMemo(
    () => (name === 'initiator' ? whoIs(rows).find((each) => each.id === value) : undefined),
    [name, rows, value],
  )
  const shown = (who?.name ?? '') || value
  return (
    <span className={styles.token} title={value}>
      <span className={styles.tokenName}>{t(`filter.${name}`)}</span>
      <span className={styles.tokenValue}>{shown}</span>
      <button
        type="button"
        className={styles.remove}
        aria-label={t('query.remove', { filter: t(`filter.${name}`), value: shown })}
        onClick={({ detail }) => onRemove(detail === 0)}
      >
        <CloseIcon size={12} />
      </button>
    </span>
  )
}
