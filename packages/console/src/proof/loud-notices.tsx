/**
 * What speaks against a log, above every page and in words: nothing when nothing does. What the server found in its own log, and
 * what this browser found in the logs of other locations, whose pages are not open.
 */
import { Link } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { AlertIcon } from '../app/icons.tsx'
import { useSession } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import { memoryName, readMemory } from './memory.ts'
import styles from './loud-notices.module.css'

/** On pages that ask for nothing else of it. */
const statusEveryMs = 30_000

export function LoudNotices(): ReactElement {
  return (
    <>
      <OtherAlarms />
      <ServerFindings />
    </>
  )
}

function ServerFindings(): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const { location } = tracker
  const { data: status } = useTrackerStatus(location, statusEveryMs)
  const last = status?.verification?.last
  const altered = status?.oddities?.altered ?? null
  return (
    <>
      {last?.state === 'bad' && (
        <Loud
          title={t('loud.bad', { location, count: last.findingsTotal, formatted: formatCount(last.findingsTotal) })}
          text={t('loud.badText')}
        >
          <Link
            to="/integrity/$location"
            params={{ location }}
            search={{ view: 'verifications', verification: last.id }}
            className={styles.link ?? ''}
          >
            {t('loud.badShow')}
          </Link>
        </Loud>
      )}
      {altered !== null && (
        <Loud title={t('loud.altered', { location, index: formatCount(altered) })} text={t('loud.alteredText')} />
      )}
      {status?.isFailing === true && <Loud title={t('loud.failing', { location })} text={t('loud.failingText')} />}
    </>
  )
}

/** The log at hand has a banner of its own; of the others this browser remembers what it found. */
function OtherAlarms(): ReactElement {
  const { t } = useTranslation()
  const { tracker, trackers } = useRoom()
  const { account } = useSession()
  const alarmed = useSyncExternalStore(subscribeToStorage, () =>
    trackers
      .filter(({ location }) => location !== tracker.location)
      .filter(({ location }) => readMemory(localStorage, memoryName(account, location))?.alarm !== undefined)
      .map(({ location }) => location)
      .join(' '),
  )
  return (
    <>
      {alarmed
        .split(' ')
        .filter((location) => location !== '')
        .map((location) => (
          <Loud key={location} title={t('loud.other', { location })} text={t('loud.otherText')}>
            <Link to="/integrity/$location" params={{ location }} className={styles.link ?? ''}>
              {t('loud.otherShow')}
            </Link>
          </Loud>
        ))}
    </>
  )
}

/** Another window may find something, too. */
function subscribeToStorage(listener: () => void): () => void {
  window.addEventListener('storage', listener)
  return () => window.removeEventListener('storage', listener)
}

interface LoudProps {
  readonly title: string
  readonly text: string
  readonly children?: ReactNode
}

function Loud({ title, text, children }: LoudProps): ReactElement {
  return (
    <section className={styles.loud} role="alert">
      <AlertIcon size={24} />
      <div className={styles.said}>
        <h2 className={styles.title}>{title}</h2>
        <p>{text}</p>
        {children}
      </div>
    </section>
  )
}
