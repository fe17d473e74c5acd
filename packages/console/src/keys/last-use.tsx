/** When a key was used last, with the way to that event; or that no use was found. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeyUse } from '../api/key-events-api.ts'
import { usePlace } from '../app/place.tsx'
import { Moment } from '../shared/moment.tsx'
import styles from './last-use.module.css'

/** @param use undefined while it is being asked for, or could not be */
export function LastUse({ use }: { readonly use: KeyUse | undefined }): ReactElement | null {
  const { t } = useTranslation('keys')
  const { tracker } = usePlace()
  if (use === undefined) return <span>…</span>
  const { last } = use
  if (last === undefined) return <span>{t('use.none')}</span>
  const text = last.time === undefined ? t('use.event', { index: last.index }) : <Moment at={last.time} />
  if (tracker === undefined) return <span>{text}</span>
  return (
    <Link
      to="/trail/$location"
      params={{ location: tracker.location }}
      search={{ event: last.index }}
      className={styles.link ?? ''}
      onClick={(event) => event.stopPropagation()}
    >
      {text}
    </Link>
  )
}
