/** What stands around or instead of the list: loading, nothing yet, nothing found or not so far, forbidden, failed; broken off. */
import type { QueryError } from '@keywitness/cadf'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { OfflineIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import type { FeedState } from './feed.ts'
import { type TrailSearch, hasFilters, withoutFilters } from './search.ts'
import styles from './trail-state.module.css'

interface TrailStateProps {
  /** Why the query of the address cannot be read: then nothing was asked. */
  readonly fault: QueryError | undefined
  /** The query language could not be fetched: without it a query is not asked. */
  readonly missing: { readonly error: Error | null; readonly again: () => void } | undefined
  readonly search: TrailSearch
  readonly state: FeedState
  readonly onChange: (search: TrailSearch) => void
  readonly onRetry: () => void
  readonly onOlder: () => void
  readonly children: ReactNode
}

export function TrailState(props: TrailStateProps): ReactElement {
  const { fault, missing, search, state, onChange, onRetry, onOlder, children } = props
  const { t } = useTranslation(['translation', 'trail'])
  const { phase, error, rows, older, size } = state
  if (fault !== undefined) {
    return (
      <StateView
        kind="error"
        title={t('line.unreadable', { ns: 'trail' })}
        text={t('line.unreadableText', { ns: 'trail', message: fault.message })}
      />
    )
  }
  if (missing !== undefined && missing.error !== null) {
    return (
      <StateView
        kind="error"
        title={t('line.missingFile', { ns: 'trail' })}
        text={missing.error.message}
        onRetry={missing.again}
      />
    )
  }
  if (phase === 'loading') return <LoadingRows />
  if (phase === 'failed') {
    if (error?.kind === 'forbidden') {
      return <StateView kind="forbidden" title={t('forbidden.title')} text={t('forbidden.text')} error={error} />
    }
    if (error?.code === 'TRACKER_ELSEWHERE') return <KeptElsewhere />
    const isOffline = error?.kind === 'network'
    return (
      <StateView
        kind={isOffline ? 'offline' : 'error'}
        title={isOffline ? t('session.unreachable') : t('trail.failed')}
        text={isOffline ? t('session.unreachableText') : error?.message}
        error={error}
        onRetry={onRetry}
      />
    )
  }
  if (rows.length === 0 && older === 'end') {
    return hasFilters(search) ? (
      <StateView kind="missing" title={t('trail.noMatch')} text={t('trail.noMatchText', { size: formatCount(size) })}>
        <Button variant="default" onClick={() => onChange(withoutFilters(search))}>
          {t('trail.clear')}
        </Button>
      </StateView>
    ) : (
      <StateView kind="empty" title={t('trail.empty')} text={t('trail.emptyText')}>
        <Button variant="default" component={Link} to="/overview">
          {t('ways.overview')}
        </Button>
      </StateView>
    )
  }
  if (rows.length === 0 && older !== 'failed') return <StillSearching isPart={older === 'more'} onOlder={onOlder} />
  return (
    <>
      <BrokenTail state={state} />
      {children}
    </>
  )
}

/** The events of the location go to a server whose console has them. */
function KeptElsewhere(): ReactElement {
  const { t } = useTranslation('trail')
  const { location } = useRoom().tracker
  const { data } = useTrackerStatus(location)
  const { remote } = data ?? {}
  const text =
    remote === undefined
      ? t('state.elsewhereText', { location })
      : t('state.elsewhereAt', { location, url: remote.url, there: remote.location })
  // What the server says is an address only when it is one of the web; anything else stays text.
  const isWeb = /^https?:\/\//i.test(remote?.url ?? '')
  return (
    <StateView kind="missing" title={t('state.elsewhere')} text={text}>
      {isWeb && (
        <Button variant="default" component="a" href={remote?.url} target="_blank" rel="noreferrer">
          {t('state.openThere')}
        </Button>
      )}
    </StateView>
  )
}

/** Nothing in the part that was looked through, which is not all: the search goes on by itself. */
function StillSearching({ isPart, onOlder }: { isPart: boolean; onOlder: () => void }): ReactElement {
  const { t } = useTranslation('trail')
  useEffect(() => {
    if (isPart) onOlder()
  }, [isPart, onOlder])
  return <StateView kind="loading" title={t('state.searching')} text={t('state.searchingText')} />
}

/** A line above the list while the live stream is broken: what is shown is true, but may not be all. */
function BrokenTail({ state }: { readonly state: FeedState }): ReactElement | null {
  const { t } = useTranslation()
  const { tail } = state
  const [now, setNow] = useState(() => Date.now())
  const retryAt = tail.kind === 'reconnecting' ? tail.retryAt : undefined
  useEffect(() => {
    if (retryAt === undefined) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [retryAt])
  if (tail.kind !== 'reconnecting' && tail.kind !== 'refused') return null
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000))
  return (
    <div className={styles.broken}>
      <OfflineIcon />
      <p role="status">{tail.kind === 'refused' ? t('trail.refused') : t('trail.broken')}</p>
      {/* The countdown is for the eye: spoken every second it would drown everything else. */}
      {retryAt !== undefined && <p aria-hidden="true">{t('trail.retryIn', { seconds })}</p>}
    </div>
  )
}

function LoadingRows(): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={styles.loading}>
      <p className="kw-hidden" role="status">
        {t('trail.loading')}
      </p>
      {Array.from({ length: 14 }, (_, i) => (
        <div key={i} className={styles.ghost} aria-hidden="true">
          <span />
          <span />
          <span data-size={i % 3} />
        </div>
      ))}
    </div>
  )
}
