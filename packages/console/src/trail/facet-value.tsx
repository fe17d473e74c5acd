/** One value of a field: what it is, how many events have it, and the two ways to filter by it. */
import { wordsOf } from '@keywitness/cadf'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { FacetValue } from '../api/summaries-api.ts'
import { MinusIcon } from '../app/icons.tsx'
import { partName } from './part-name.ts'
import { filteredFor, filteredOut } from './query-text.ts'
import type { TrailSearch } from './search.ts'
import type { FacetField } from './use-facets.ts'
import styles from './facets.module.css'

interface FacetValueRowProps {
  readonly field: FacetField
  readonly value: FacetValue
  readonly count: string
  /** Of the most frequent value, from 0 to 1. */
  readonly share: number
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function FacetValueRow(props: FacetValueRowProps): ReactElement {
  const { field, value, count, share, search, onChange } = props
  const { t } = useTranslation(['trail', 'translation'])
  const isWord = field === 'severity' || field === 'outcome'
  const name = isWord ? partName(value.value, t) : (value.name ?? '') || value.value
  const about = field === 'action' ? wordsOf(value.value)?.title : undefined
  const hint = about === undefined ? value.value : `${value.value}: ${about}`
  const label = { field: t(`facets.fields.${field}`), value: name, count }
  const toThis = filteredFor(search, field, value.value)
  const without = filteredOut(search, field, value.value)
  return (
    <li className={styles.value} data-part={isWord ? value.value : undefined}>
      <button
        type="button"
        className={styles.filterFor}
        title={hint}
        aria-label={t('facets.filterFor', label)}
        disabled={toThis === undefined}
        onClick={() => toThis !== undefined && onChange(toThis)}
      >
        <svg className={styles.share} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={share * 100} height={1} />
        </svg>
        <span className={styles.name}>{name}</span> <span className={styles.count}>{count}</span>
      </button>
      {without !== undefined && (
        <button
          type="button"
          className={styles.filterOut}
          title={t('facets.filterOutThis')}
          aria-label={t('facets.filterOut', label)}
          onClick={() => onChange(without)}
        >
          <MinusIcon size={14} />
        </button>
      )}
    </li>
  )
}
