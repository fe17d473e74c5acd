/** Above the list: what is searched for, over which time, live or paused. */
import type { ReactElement, ReactNode, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { ZoneButton } from '../app/zone-button.tsx'
import { formatCount } from '../i18n/texts.ts'
import type { FeedState } from './feed.ts'
import { LiveSwitch } from './live-switch.tsx'
import { QueryField } from './query-field.tsx'
import {
  type OutcomeName,
  type SeverityName,
  type TrailSearch,
  isOpenRange,
  outcomes,
  parseTrailSearch,
  severities,
} from './search.ts'
import { AlertAbout } from './alert-about.tsx'
import { ChangedView, SavedViewsButton } from './saved-views-button.tsx'
import { TimeRangeMenu } from './time-range-menu.tsx'
import { ToggleGroup } from '../shared/toggle-group.tsx'
import { outcomeMarks, severityMarks } from '../shared/labels.tsx'
import styles from './toolbar.module.css'

interface ToolbarProps {
  readonly search: TrailSearch
  readonly state: FeedState
  readonly isPaused: boolean
  readonly onPause: (isPaused: boolean) => void
  readonly onChange: (search: TrailSearch) => void
  readonly input: RefObject<HTMLInputElement | null>
  /** Goes to the list. */
  readonly onLeaveInput: () => void
  /** Switches for what is shown beside the list. */
  readonly views: ReactNode
  /** Whether the search can be asked at all. */
  readonly isReadable: boolean
}

/** Outcomes that the toolbar offers; the rarer ones are found by the query line. */
const shownOutcomes = outcomes.filter((outcome) => outcome === 'failure' || outcome === 'success')

export function Toolbar(props: ToolbarProps): ReactElement {
  const { search, state, isPaused, onPause, onChange, input, onLeaveInput, views, isReadable } = props
  const { t } = useTranslation()
  const set = (change: Readonly<Record<string, unknown>>): void => onChange(parseTrailSearch({ ...search, ...change }))
  const { rows, older } = state
  return (
    <div className={styles.toolbar}>
      <div className={styles.line}>
        <h1 className={styles.title}>{t('trail.title')}</h1>
        <div className={styles.query}>
          <QueryField search={search} rows={rows} onChange={onChange} input={input} onLeave={onLeaveInput} />
        </div>
        <SavedViewsButton search={search} onChange={onChange} />
        <TimeRangeMenu search={search} onChange={onChange} />
        {isReadable && state.phase !== 'failed' && (
          <LiveSwitch tail={state.tail} isOpenRange={isOpenRange(search)} isPaused={isPaused} onPause={onPause} />
        )}
      </div>
      <div className={`${styles.line} ${styles.filters}`}>
        <ToggleGroup<SeverityName>
          label={t('trail.columns.severity')}
          values={severities}
          chosen={search.severity ?? []}
          marks={severityMarks}
          nameOf={(value) => t(`severity.${value}`)}
          onChange={(severity) => set({ severity })}
        />
        <ToggleGroup<OutcomeName>
          label={t('trail.columns.outcome')}
          values={shownOutcomes}
          chosen={search.outcome ?? []}
          marks={outcomeMarks}
          nameOf={(value) => t(`outcome.${value}`)}
          onChange={(outcome) => set({ outcome })}
        />
        {views}
        <AlertAbout search={search} isReadable={isReadable} />
        <p className={styles.count}>
          {state.phase === 'ready' &&
            t(older === 'end' ? 'trail.countAll' : 'trail.countLoaded', {
              count: rows.length,
              formatted: formatCount(rows.length),
            })}
        </p>
        <ZoneButton />
      </div>
      <ChangedView search={search} onChange={onChange} />
    </div>
  )
}
