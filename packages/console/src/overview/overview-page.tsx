/** All locations and instances at a glance: what needs somebody first, what happened, how logs and alerting are. */
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { usePlace } from '../app/place.tsx'
import { StateView } from '../app/state-view.tsx'
import texts from '../i18n/en/overview.json'
import { addTexts } from '../i18n/texts.ts'
import { Moment } from '../shared/moment.tsx'
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
          <p role="status">
            {readAt === 0 ? (
              t('reading')
            ) : (
              <>
                {t('asOf')} <Moment at={new Date(readAt).toISOString()} />
              </>
            )}
          </p>
          <Button variant="default" size="compact-sm" loading={isReading} onClick={refresh}>
            {t('refresh')}
          </Button>
          <p className={sheet.note}>{t('recorded')}</p>
        </div>
        {trackers.length > 0 && <AttentionList overview={overview} />}
        <FirstSteps overview={overview} />
        {trackers.length === 0 && <StateView kind="empty" title={t('noTrail')} text={t('noTrailText')} />}
        {locations.map((location) => (
          <LocationSection key={location.tracker.location} overview={location} range={range} onRetry={refresh} />
        ))}
        {instances.value === undefined && instances.error !== undefined && (
          <ReadFailed title={t('instances.failed')} error={instances.error} onRetry={refresh} />
        )}
        {instances.value !== undefined && <InstancesSection overview={overview} />}
      </section>
    </Page>
  )
}
