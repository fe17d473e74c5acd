/** The way from a thing to what happened to it. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { TrailIcon } from '../app/icons.tsx'
import { usePlace } from '../app/place.tsx'
import styles from './trail-link.module.css'

/** @param words what its events say of it: an id */
export function TrailLink({ words }: { readonly words: string }): ReactElement | null {
  const { t } = useTranslation()
  const { tracker } = usePlace()
  if (tracker === undefined) return null
  return (
    <Link
      to="/trail/$location"
      params={{ location: tracker.location }}
      search={{ words }}
      className={styles.link ?? ''}
    >
      <TrailIcon size={14} />
      {t('trail.of')}
    </Link>
  )
}
