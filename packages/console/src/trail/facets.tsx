/** Beside the list: the values that its events have most, with their counts; each filters for it or out. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import texts from '../i18n/en/trail-parts.json'
import type { EventsQuery } from '../api/types.ts'
import { ChevronIcon, CloseIcon } from '../app/icons.tsx'
import { PanelTool } from '../app/side-panel.tsx'
import { addTexts, formatCount } from '../i18n/texts.ts'
import { FacetValueRow } from './facet-value.tsx'
import type { TrailSearch } from './search.ts'
import { type FacetField, type FacetState, facetFields, useFacet, useFacets, useOpenFields } from './use-facets.ts'
import styles from './facets.module.css'

addTexts('trail', texts)

interface FacetsProps {
  readonly search: TrailSearch
  readonly query: EventsQuery
  readonly begun: number
  /** Whether the first rows are there. */
  readonly isReady: boolean
  readonly onChange: (search: TrailSearch) => void
  readonly onClose: () => void
}

export function Facets(props: FacetsProps): ReactElement {
  const { search, query, begun, isReady, onChange, onClose } = props
  const { t } = useTranslation('trail')
  const [open, toggle] = useOpenFields()
  const { fields, stateOf, asked } = useFacets({ query, begun, open, isReady })
  return (
    <aside
      className={styles.facets}
      aria-label={t('facets.label')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onClose()
      }}
    >
      <header className={styles.head}>
        <h2 className={styles.heading}>{t('facets.open')}</h2>
        <PanelTool label={t('facets.close')} onClick={onClose}>
          <CloseIcon />
        </PanelTool>
      </header>
      <div className={styles.fields}>
        <FacetNotes {...asked} />
        {facetFields.map((field) => (
          <FacetSection
            key={field}
            field={field}
            isOpen={open.includes(field)}
            given={fields.includes(field) ? stateOf(field) : undefined}
            {...{ search, query, begun, isReady, onChange }}
            onToggle={() => toggle(field)}
          />
        ))}
      </div>
    </aside>
  )
}

interface FacetSectionProps extends Omit<FacetsProps, 'onClose'> {
  readonly field: FacetField
  readonly isOpen: boolean
  /** What the question of all open fields says of this one; undefined when it was not among them. */
  readonly given: FacetState | undefined
  readonly onToggle: () => void
}

function FacetSection(props: FacetSectionProps): ReactElement {
  const { field, isOpen, given, search, query, begun, isReady, onChange, onToggle } = props
  const { t } = useTranslation('trail')
  const [isAll, setIsAll] = useState(false)
  const isOwn = isAll || given === undefined
  const own = useFacet({ query, begun, field, isAll, isWanted: isOpen && isReady && isOwn })
  const state = isOwn ? own : given
  return (
    <section className={styles.section}>
      <h3>
        <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={onToggle}>
          <ChevronIcon size={12} className={styles.chevron} />
          {t(`facets.fields.${field}`)}
        </button>
      </h3>
      {isOpen && isOwn && <FacetNotes {...state} />}
      {isOpen && <FacetValues field={field} state={state} search={search} onChange={onChange} />}
      {isOpen && (state.facet?.others ?? 0) > 0 && !isAll && (
        <Button variant="subtle" size="compact-xs" className={styles.more} onClick={() => setIsAll(true)}>
          {t('facets.more')}
        </Button>
      )}
    </section>
  )
}

/** What there is to say of the answer to one question, whose values are those of one field or of several. */
function FacetNotes({
  isComplete,
  error,
  again,
}: Pick<FacetState, 'isComplete' | 'error' | 'again'>): ReactElement | null {
  const { t } = useTranslation(['trail', 'translation'])
  if (error !== undefined) {
    return (
      <div className={styles.notes}>
        <p className={styles.note} data-failed role="status">
          {t('facets.failed', { message: error.message })}
        </p>
        <Button variant="default" size="compact-xs" onClick={again}>
          {t('state.retry', { ns: 'translation' })}
        </Button>
      </div>
    )
  }
  return isComplete ? null : <p className={styles.note}>{t('histogram.atLeastHelp')}</p>
}

interface FacetValuesProps extends Pick<FacetsProps, 'search' | 'onChange'> {
  readonly field: FacetField
  readonly state: FacetState
}

function FacetValues({ field, state, search, onChange }: FacetValuesProps): ReactElement | null {
  const { t } = useTranslation('trail')
  const { facet, isComplete, isOld, error } = state
  if (error !== undefined) return null
  if (facet === undefined) return <p className={styles.note}>{t('histogram.loading')}</p>
  const most = Math.max(1, ...facet.values.map(({ count }) => count))
  const atLeast = (count: number): string => `${isComplete ? '' : '≥ '}${formatCount(count)}`
  return (
    <>
      <ul className={styles.values} data-old={isOld || undefined}>
        {facet.values.map((value) => (
          <FacetValueRow
            key={value.value}
            field={field}
            value={value}
            count={atLeast(value.count)}
            share={value.count / most}
            search={search}
            onChange={onChange}
          />
        ))}
      </ul>
      {facet.others > 0 && <p className={styles.note}>{t('facets.others', { formatted: atLeast(facet.others) })}</p>}
      {facet.missing > 0 && <p className={styles.note}>{t('facets.missing', { formatted: atLeast(facet.missing) })}</p>}
    </>
  )
}
