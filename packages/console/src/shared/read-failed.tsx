/** That something of alerts could not be read, told by why: no right, no server, or something else. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'

interface ReadFailedProps {
  readonly title: string
  /** What it takes to read it; the trail's when not given. */
  readonly forbidden?: string
  readonly error: ApiError
  readonly onRetry: () => void
}

export function ReadFailed({ title, forbidden, error, onRetry }: ReadFailedProps): ReactElement {
  const { t } = useTranslation()
  if (error.kind === 'forbidden') {
    return forbidden === undefined ? (
      <StateView kind="forbidden" title={t('forbidden.title')} text={t('forbidden.text')} error={error} />
    ) : (
      <StateView kind="forbidden" title={t('forbidden.page')} text={forbidden} error={error} />
    )
  }
  const isOffline = error.kind === 'network'
  return (
    <StateView
      kind={isOffline ? 'offline' : 'error'}
      title={isOffline ? t('session.unreachable') : title}
      text={isOffline ? t('session.unreachableText') : error.message}
      error={error}
      onRetry={onRetry}
    />
  )
}
