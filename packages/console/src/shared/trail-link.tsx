/** The way from a thing to what happened to it. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { TrailIcon } from '../app/icons.tsx'
import { usePlace } from '../app/place.tsx'
import styles from './trail-link.module.css'

interface TrailLinkProps {
  /** What its events say of it: an id. */
  readonly words?: string
  /** In the query language, where words would find more than its events: searches for it, above all. */
  readonly query?: string
}

export function TrailLink({ words, query }: TrailLinkProps): ReactElement | null {
  const { t } = useTranslation()
  const { tracker } = usePlace()
  if (tracker === undefined) return null
  return (
    <Link
      to="/trail/$location"
      params={{ location: tracker.location }}
      search={{ ...(words !== undefined && { words }), ...(query !== undefined && { query }) }}
      className={styles.link ?? ''}
    >
      <TrailIcon size={14} />
      {t('trail.of')}
    </Link>
  )
}
