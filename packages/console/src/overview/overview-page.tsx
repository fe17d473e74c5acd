/** All locations and instances at a glance: what needs somebody first, what happened, how logs and alerting are. */
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { usePlace } from '../app/place.tsx'
import { StateView } from '../app/state-view.tsx'
import alerts from '../i18n/en/alerts.json'
import texts from '../i18n/en/overview.json'
import { addTexts } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { Page, PageViews } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { AttentionList } from './attention-list.tsx'
import { FirstSteps } from './first-steps-list.tsx'
import { InstancesSection } from './instances-section.tsx'
import { LocationSection } from './location-section.tsx'
import { recentRanges } from '../shared/recent-range.ts'
import { useOverview } from './use-overview.ts'
import sheet from '../shared/sheet.module.css'
import styles from './overview.module.css'

addTexts('overview', texts)
// Why nothing reaches a channel is said in the same words as there.
addTexts('alerts', alerts)

const route = getRouteApi('/overview')

export function OverviewPage(): ReactElement {
  const { t } = useTranslation('overview')
  const { trackers } = usePlace()
  const range = route.useSearch().range ?? '24h'
  const navigate = route.useNavigate()
  const overview = useOverview(trackers, range)
  const { locations, instances, readAt, isReading, refresh } = overview
  return (
    <Page
      title={t('title')}
      tools={
        <PageViews
          label={t('range.label')}
          views={recentRanges.map((name) => ({ name, text: t(`range.${name}`) }))}
          view={range}
          onView={(name) => void navigate({ search: name === '24h' ? {} : { range: name } })}
        />
      }
    >
      <section className={sheet.body} aria-label={t('title')} tabIndex={0}>
        <div className={styles.asOf}>
          {readAt === 0 && <p role="status">{t('reading')}</p>}
          <AsOf at={readAt} isReading={isReading} onRefresh={refresh} />
          {trackers.length > 0 && <p className={sheet.note}>{t('recorded')}</p>}
        </div>
        {trackers.length === 0 && <StateView kind="forbidden" title={t('noTrail')} text={t('noTrailText')} />}
        <div className={styles.parts} data-places={placesOf(locations.length)}>
          {trackers.length > 0 && (
            <div className={styles.now}>
              <AttentionList overview={overview} />
              <FirstSteps overview={overview} />
            </div>
          )}
          {locations.length > 0 && (
            <div className={styles.places}>
              {locations.map((location) => (
                <LocationSection key={location.tracker.location} overview={location} range={range} onRetry={refresh} />
              ))}
            </div>
          )}
          <div className={styles.held}>
            {instances.value === undefined && instances.error !== undefined && (
              <ReadFailed title={t('instances.failed')} error={instances.error} onRetry={refresh} />
            )}
            {instances.value !== undefined && <InstancesSection overview={overview} />}
          </div>
        </div>
      </section>
    </Page>
  )
}

/** On a wall, two locations stand beside what needs attention; more of them stand beside each other, below it. */
function placesOf(count: number): 'none' | 'few' | 'many' {
  return count === 0 ? 'none' : count <= 2 ? 'few' : 'many'
}
