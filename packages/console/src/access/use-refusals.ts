/** What refusals about identities and roles mean, and what to do, where one knows better than the server's words. */
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'

const codes = ['LAST_ADMINISTRATOR', 'ALREADY_EXISTS', 'QUOTA_EXCEEDED', 'NOT_FOUND'] as const

export function useRefusals(): (error: ApiError) => string | undefined {
  const { t } = useTranslation('access')
  return (error) => {
    if (error.kind === 'forbidden') return t('refusals.forbidden')
    const code = codes.find((each) => each === error.code)
    return code === undefined ? undefined : t(`refusals.${code}`)
  }
}
