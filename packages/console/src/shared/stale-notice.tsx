/** Reading a page anew has failed: what is shown is older than it looks, and whoever asked is told. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { Notice } from './notice.tsx'

/** @param error of the last reading; null when it went well */
export function StaleNotice({ error }: { readonly error: Error | null }): ReactElement | null {
  const { t } = useTranslation()
  if (error === null) return null
  return (
    <div role="alert">
      <Notice tone="warning" title={t('asOf.stale', { message: asApiError(error).message })} />
    </div>
  )
}
