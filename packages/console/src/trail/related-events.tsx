/** Other events of the same request: those in the list at once, all of them by a search. */
import { Button } from '@mantine/core'
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrailItem } from '../api/types.ts'
import { describe } from './describe.ts'
import { type TrailSearch, withFilter, withoutFilters } from './search.ts'
import styles from './related-events.module.css'

interface RelatedEventsProps {
  readonly correlationId: string
  /** The event that is open. */
  readonly index: number
  readonly rows: readonly TrailItem[]
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch) => void
}

/** Related events listed; a request has few. */
const shownMax = 20

export function RelatedEvents(props: RelatedEventsProps): ReactElement {
  const { correlationId, index, rows, search, onChange } = props
  const { t } = useTranslation()
  const related = useMemo(
    () => rows.filter((item) => item.event.correlationId === correlationId && item.index !== index).slice(0, shownMax),
    [rows, correlationId, index],
  )
  return (
    <section className={styles.related}>
      <h3 className={styles.title}>{t('panel.related')}</h3>
      {related.length === 0 ? (
        <p className={styles.none}>{t('panel.relatedNone')}</p>
      ) : (
        <ul>
          {related.map((item) => (
            <li key={item.index}>
              <button type="button" className={styles.item} onClick={() => onChange({ ...search, event: item.index })}>
                {describe(item.event).sentence}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Button
        variant="default"
        size="xs"
        className={styles.all}
        onClick={() => onChange(withFilter(withoutFilters(search), { name: 'request', value: correlationId }))}
      >
        {t('panel.relatedAll')}
      </Button>
    </section>
  )
}
