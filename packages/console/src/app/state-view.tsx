/** What stands where there is nothing to show: loading, empty, quiet, missing, forbidden, failed, offline. */
import { Button } from '@mantine/core'
import { type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApiError, noAnswer } from '../api/problem.ts'
import { AlertIcon, BellIcon, LockIcon, OfflineIcon, SearchIcon, TrailIcon } from './icons.tsx'
import styles from './state-view.module.css'

type StateKind = 'loading' | 'empty' | 'quiet' | 'missing' | 'forbidden' | 'error' | 'offline'

interface StateViewProps {
  readonly kind: StateKind
  readonly title: string
  readonly text?: string | undefined
  readonly error?: ApiError | undefined
  readonly onRetry?: (() => void) | undefined
  /** Further actions or hints. */
  readonly children?: ReactNode
  /** Whether this is the whole page, outside of the shell. */
  readonly isPage?: boolean
}

const icons = {
  empty: TrailIcon,
  quiet: BellIcon,
  missing: SearchIcon,
  forbidden: LockIcon,
  error: AlertIcon,
  offline: OfflineIcon,
}

export function StateView(props: StateViewProps): ReactElement {
  const { kind, title, text, error, onRetry, children, isPage = false } = props
  const { t } = useTranslation()
  const titleId = useId()
  const Icon = kind === 'loading' ? undefined : icons[kind]
  const content = (
    <section className={styles.state} data-kind={kind} aria-labelledby={titleId}>
      {Icon === undefined ? <span className={styles.wait} /> : <Icon size={28} className={styles.icon} />}
      <h2 id={titleId} className={styles.title} role={kind === 'loading' ? 'status' : undefined}>
        {title}
      </h2>
      {text !== undefined && <p className={styles.text}>{text}</p>}
      {error !== undefined && error.code !== noAnswer && (
        <p className={styles.codes}>
          <code>{error.code}</code>
          {error.correlationId !== undefined && (
            <>
              {' '}
              · {t('state.correlation')} <code>{error.correlationId}</code>
            </>
          )}
        </p>
      )}
      {(onRetry !== undefined || children !== undefined) && (
        <div className={styles.actions}>
          {onRetry !== undefined && (
            <Button variant="default" onClick={onRetry}>
              {t('state.retry')}
            </Button>
          )}
          {children}
        </div>
      )}
    </section>
  )
  return isPage ? <main className={styles.page}>{content}</main> : content
}
