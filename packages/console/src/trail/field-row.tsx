/** One value of the panel, with what can be done with it: filter for it or out, copy it. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { FilterIcon, MinusIcon } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { FieldName } from './field-name.tsx'
import { filteredFor, filteredOut } from './query-text.ts'
import type { TrailSearch } from './search.ts'
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
  /** The field of the query language that has the value. */
  readonly field?: string | undefined
  /** The value as the event has it, where it is shown in other words. */
  readonly raw?: string | undefined
  readonly filtering?: Filtering
}

/** What a filter is put into, and what is told when it is. */
export interface Filtering {
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

export function FieldRow(props: FieldRowProps): ReactElement | null {
  const { label, value, isCode = false, hint, field, raw = value, filtering } = props
  const { t } = useTranslation()
  if (value === undefined || value === '') return null
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
          {filtering !== undefined && field !== undefined && (
            <FilterTools label={label} field={field} value={raw ?? value} filtering={filtering} />
          )}
          <CopyButton text={value} label={t('copy.what', { what: label })} />
        </span>
      </dd>
    </div>
  )
}

interface FilterToolsProps {
  readonly label: string
  readonly field: string
  readonly value: string
  readonly filtering: Filtering
}

function FilterTools({ label, field, value, filtering }: FilterToolsProps): ReactElement {
  const { t } = useTranslation(['trail', 'translation'])
  const { search, onChange } = filtering
  const toThis = filteredFor(search, field, value)
  const without = filteredOut(search, field, value)
  return (
    <>
      {toThis !== undefined && (
        <button
          type="button"
          className={styles.tool}
          aria-label={t('panel.filterFor', { label, value, ns: 'translation' })}
          title={t('panel.filterForThis', { ns: 'translation' })}
          onClick={() => onChange(toThis)}
        >
          <FilterIcon size={14} />
        </button>
      )}
      {without !== undefined && (
        <button
          type="button"
          className={styles.tool}
          aria-label={t('facets.filterOut', { field: label, value })}
          title={t('facets.filterOutThis')}
          onClick={() => onChange(without)}
        >
          <MinusIcon size={14} />
        </button>
      )}
    </>
  )
}
