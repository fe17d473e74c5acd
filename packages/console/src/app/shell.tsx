/** The signed-in frame: alarm on top, navigation and log health at the side, the page in the middle. */
import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams, useRouterState } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, asApiError } from '../api/problem.ts'
import type { Tracker } from '../api/types.ts'
import { AlertingNews } from '../alerts/alerting-news.tsx'
import { AlertingProvider } from '../alerts/alerting-room.tsx'
import { AlarmBanner } from '../proof/alarm-banner.tsx'
import { LoudNotices } from '../proof/loud-notices.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { ClockNews } from './clock-news.tsx'
import { CommandMenuProvider } from './command-menu.tsx'
import { useInstances } from './instances.ts'
import { pageOf } from './pages.ts'
import { PlaceProvider, WaysOn } from './place.tsx'
import { remember, remembered } from './remembered.ts'
import { useApi, useSession } from './session.tsx'
import { ShortcutsProvider } from './shortcuts.tsx'
import { Sidebar } from './sidebar.tsx'
import { SignOutButton } from './sign-out-button.tsx'
import { StateView } from './state-view.tsx'
import { WitnessRoom } from './witness-room.tsx'
import styles from './shell.module.css'

/**
 * Every page has a place: the location of its address, or of the instance in it, or where one was last. Of that location
 * the log is watched, when one may read it.
 */
export function Shell(): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { account } = useSession()
  const asked = useParams({ strict: false })
  const {
    data: trackers,
    error,
    refetch,
  } = useQuery({
    queryKey: ['trackers', account],
    queryFn: ({ signal }) => api.trackers(signal),
  })
  const instances = useInstances(asked.instance !== undefined)
  const page = pageOf(useRouterState({ select: ({ location }) => location.pathname }))

  if (error !== null) return <TrackersFailed error={error} onRetry={() => void refetch()} />
  if (trackers === undefined) return <StateView kind="loading" title={t('shell.loading')} isPage />
  if (asked.instance !== undefined && instances.isPending) {
    return <StateView kind="loading" title={t('shell.loading')} isPage />
  }
  const instance = instances.data?.find(({ guid }) => guid === asked.instance)
  const wanted = asked.location ?? instance?.location
  const tracker =
    wanted === undefined
      ? (trackers.find(({ location }) => location === remembered('location')) ?? trackers[0])
      : trackers.find(({ location }) => location === wanted)
  if (tracker !== undefined && wanted !== undefined) remember('location', tracker.location)
  if (instance !== undefined) remember('instance', instance.guid)
  const isTold = page?.isReadFromTrail === true && tracker !== undefined && instances.error === null
  return (
    <PlaceProvider trackers={trackers} tracker={tracker} instance={instance}>
      <Frame key={tracker?.location} tracker={tracker} trackers={trackers}>
        {asked.instance !== undefined && instance === undefined && !isTold ? (
          <UnknownInstance error={instances.error} onRetry={() => void instances.refetch()} />
        ) : asked.location !== undefined && tracker === undefined ? (
          <StateView
            kind="missing"
            title={t('shell.unknownLocation', { location: asked.location })}
            text={t('shell.unknownLocationText')}
          >
            <WaysOn />
          </StateView>
        ) : (
          <Outlet />
        )}
      </Frame>
    </PlaceProvider>
  )
}

/** The page is there before what keeps the keyboard's place in it. */
function keepingPlace(main: HTMLElement | null): () => void {
  const ended = new AbortController()
  const begin = async (): Promise<void> => {
    const { keepPlace } = await import('./kept-place.ts')
    if (main !== null && !ended.signal.aborted) ended.signal.addEventListener('abort', keepPlace(main))
  }
  // Without it the focus starts anew at the top, as in any page.
  begin().catch(() => undefined)
  return () => ended.abort()
}

interface FrameProps {
  readonly tracker: Tracker | undefined
  readonly trackers: readonly Tracker[]
  readonly children: ReactNode
}

function Frame({ tracker, trackers, children }: FrameProps): ReactElement {
  const { t } = useTranslation()
  const main = useRef<HTMLElement>(null)
  useEffect(() => keepingPlace(main.current), [])
  const frame = (
    <ShortcutsProvider>
      <CommandMenuProvider>
        <div className={styles.shell}>
          <button type="button" className="kw-skip" onClick={() => main.current?.focus()}>
            {t('shell.skip')}
          </button>
          {tracker !== undefined && (
            <div className={styles.alarms} data-alarm>
              <AlarmBanner />
              <LoudNotices />
            </div>
          )}
          <div className={styles.news}>
            <ClockNews />
            {tracker !== undefined && <AlertingNews />}
          </div>
          <Sidebar />
          <main ref={main} tabIndex={-1} className={styles.main}>
            {children}
          </main>
        </div>
      </CommandMenuProvider>
    </ShortcutsProvider>
  )
  if (tracker === undefined) return frame
  return (
    <WitnessRoom tracker={tracker} trackers={trackers}>
      <AlertingProvider>{frame}</AlertingProvider>
    </WitnessRoom>
  )
}

function UnknownInstance({ error, onRetry }: { error: Error | null; onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  if (error !== null) {
    return <ReadFailed title={t('shell.instancesFailed')} error={asApiError(error)} onRetry={onRetry} />
  }
  return (
    <StateView kind="missing" title={t('shell.unknownInstance')} text={t('shell.unknownInstanceText')}>
      <WaysOn />
    </StateView>
  )
}

function TrackersFailed({ error, onRetry }: { error: Error; onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  const known = error instanceof ApiError ? error : undefined
  if (known?.kind === 'forbidden') {
    return (
      <StateView kind="forbidden" title={t('forbidden.title')} text={t('forbidden.text')} isPage>
        <SignOutButton />
      </StateView>
    )
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
    >
      <SignOutButton />
    </StateView>
  )
}
