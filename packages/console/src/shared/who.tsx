/** Who did something: by name where it is known, with the id at hand; else by the id. */
import type { ReactElement } from 'react'
import { useSession } from '../app/session.tsx'
import styles from './who.module.css'

/** The name of an identity: as the server told it, or one's own; the id when nobody told. */
export function useNameOf(): (id: string, name?: string) => string {
  const { identity } = useSession()
  return (id, name) => name ?? (id === identity.id ? identity.name : id)
}

interface WhoProps {
  readonly id: string
  /** As the server told it. */
  readonly name?: string | undefined
  /** Whether the id stands below the name; else it is at hand for whoever points at it. */
  readonly withId?: boolean
}

export function Who({ id, name, withId = false }: WhoProps): ReactElement {
  const shown = useNameOf()(id, name)
  if (shown === id) return <code className={styles.id}>{id}</code>
  return (
    <span title={id}>
      <bdi>{shown}</bdi>
      {withId && <code className={`${styles.id ?? ''} ${styles.below ?? ''}`}>{id}</code>}
    </span>
  )
}
