/** One value of the panel, with what can be done with it: filter for it, copy it. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { FilterIcon } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { FieldName } from './field-name.tsx'
import type { FilterToken } from './search.ts'
import styles from './field-row.module.css'

export function FieldSection({
  title,
  children,
}: {
  readonly title: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      <dl>{children}</dl>
    </section>
  )
}

interface FieldRowProps {
  readonly label: string
  /** Nothing is shown for an absent or empty value. */
  readonly value: string | undefined
  /** Ids, hashes, names of actions: in the monospaced face. */
  readonly isCode?: boolean
  /** What the value means, in smaller words below it. */
  readonly hint?: string | undefined
  readonly filter?: FilterToken | undefined
  readonly onFilter?: (token: FilterToken) => void
}

/** Longest value that can be searched for. */
const filterCharsMax = 256

export function FieldRow({ label, value, isCode = false, hint, filter, onFilter }: FieldRowProps): ReactElement | null {
  const { t } = useTranslation()
  if (value === undefined || value === '') return null
  const canFilter = filter !== undefined && filter.value.length <= filterCharsMax && !filter.value.includes('\n')
  return (
    <div className={styles.row}>
      <dt>
        <FieldName name={label} />
      </dt>
      <dd>
        <span className={styles.value}>
          <span className={isCode ? styles.code : undefined}>{value}</span>
          {hint !== undefined && <span className={styles.hint}>{hint}</span>}
        </span>
        <span className={styles.tools}>
          {canFilter && onFilter !== undefined && (
            <button
              type="button"
              className={styles.tool}
              aria-label={t('panel.filterFor', { label, value })}
              title={t('panel.filterForThis')}
              onClick={() => onFilter(filter)}
            >
              <FilterIcon size={14} />
            </button>
          )}
          <CopyButton text={value} label={t('copy.what', { what: label })} />
        </span>
      </dd>
    </div>
  )
}
