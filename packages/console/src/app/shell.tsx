/** The signed-in frame: alarm on top, navigation and log health at the side, the page in the middle. */
import { useQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useParams } from '@tanstack/react-router'
import { type ReactElement, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/problem.ts'
import type { Tracker } from '../api/types.ts'
import { AlertingNews } from '../alerts/alerting-news.tsx'
import { AlertingProvider } from '../alerts/alerting-room.tsx'
import { AlarmBanner } from '../proof/alarm-banner.tsx'
import { useApi, useSession } from './session.tsx'
import { ShortcutsProvider } from './shortcuts.tsx'
import { Sidebar } from './sidebar.tsx'
import { StateView } from './state-view.tsx'
import { WitnessRoom } from './witness-room.tsx'
import styles from './shell.module.css'

const locationName = 'keywitness.location'

export function Shell(): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { account } = useSession()
  const { location } = useParams({ strict: false })
  const {
    data: trackers,
    error,
    refetch,
  } = useQuery({
    queryKey: ['trackers', account],
    queryFn: ({ signal }) => api.trackers(signal),
  })

  if (error !== null) return <TrackersFailed error={error} onRetry={() => void refetch()} />
  if (trackers === undefined) return <StateView kind="loading" title={t('shell.loading')} isPage />
  const [first] = trackers
  if (first === undefined) {
    return <StateView kind="empty" title={t('shell.noTrackers')} text={t('shell.noTrackersText')} isPage />
  }
  if (location === undefined) {
    const last = trackers.find((each) => each.location === localStorage.getItem(locationName)) ?? first
    return <Navigate to="/trail/$location" params={{ location: last.location }} replace />
  }
  const tracker = trackers.find((each) => each.location === location)
  if (tracker === undefined) {
    return (
      <StateView
        kind="missing"
        title={t('shell.unknownLocation', { location })}
        text={t('shell.unknownLocationText')}
        isPage
      />
    )
  }
  localStorage.setItem(locationName, location)
  return <Frame key={location} tracker={tracker} trackers={trackers} />
}

function Frame({ tracker, trackers }: { tracker: Tracker; trackers: readonly Tracker[] }): ReactElement {
  const { t } = useTranslation()
  const main = useRef<HTMLElement>(null)
  return (
    <WitnessRoom tracker={tracker} trackers={trackers}>
      <AlertingProvider>
        <ShortcutsProvider>
          <div className={styles.shell}>
            <button type="button" className="kw-skip" onClick={() => main.current?.focus()}>
              {t('shell.skip')}
            </button>
            <AlarmBanner />
            <AlertingNews />
            <Sidebar />
            <main ref={main} tabIndex={-1} className={styles.main}>
              <Outlet />
            </main>
          </div>
        </ShortcutsProvider>
      </AlertingProvider>
    </WitnessRoom>
  )
}

function TrackersFailed({ error, onRetry }: { error: Error; onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  const known = error instanceof ApiError ? error : undefined
  if (known?.kind === 'forbidden') {
    return <StateView kind="forbidden" title={t('forbidden.title')} text={t('forbidden.text')} error={known} isPage />
  }
  const isOffline = known?.kind === 'network'
  return (
    <StateView
      kind={isOffline ? 'offline' : 'error'}
      title={isOffline ? t('session.unreachable') : t('shell.failed')}
      text={isOffline ? t('session.unreachableText') : error.message}
      error={known}
      onRetry={onRetry}
      isPage
    />
  )
}
