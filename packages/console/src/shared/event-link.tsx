/** The way to one event of the trail, or to its proof. */
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { ProvenMark, TrailIcon } from '../app/icons.tsx'
import { usePlace } from '../app/place.tsx'
import styles from './trail-link.module.css'

interface EventLinkProps {
  readonly index: number
  /** Its proof, rather than what it says. */
  readonly isProof?: boolean
  /** Whose trail it is in; the one that is watched when not given. */
  readonly location?: string
  readonly children: ReactNode
}

export function EventLink({ index, isProof = false, location, children }: EventLinkProps): ReactElement | null {
  const { tracker } = usePlace()
  const place = location ?? tracker?.location
  if (place === undefined) return null
  return (
    <Link
      to="/trail/$location"
      params={{ location: place }}
      search={{ event: index, ...(isProof && { view: 'proof' as const }) }}
      className={styles.link ?? ''}
    >
      {isProof ? <ProvenMark size={14} /> : <TrailIcon size={14} />}
      {children}
    </Link>
  )
}
