/** What keeps something of alerting from being written, in words: what it means here, and what can be done. */
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type ApiError, asApiError } from '../api/problem.ts'
import { formatCount } from '../i18n/texts.ts'
import type { Fault } from './rule-faults.ts'

type Kept = 'rule' | 'channel' | 'calendar'

interface RefusalWords {
  /** Undefined where the usual words say it. */
  readonly said: (error: Error) => string | undefined
  readonly fault: (fault: Fault | undefined) => string | undefined
}

const coded = [
  'CONFLICT',
  'ALREADY_EXISTS',
  'QUOTA_EXCEEDED',
  'IN_USE',
  'TRACKER_ELSEWHERE',
  'RULE_NEEDS',
  'NOT_FOUND',
] as const

/** @param of what is written */
export function useRefusalWords(of: Kept): RefusalWords {
  const { t } = useTranslation('alerts')
  const said = useCallback(
    (error: Error): string | undefined => {
      const { code, kind, message } = asApiError(error)
      const own = coded.find((each) => each === code)
      if (own !== undefined) return t(`refusal.${own}`, { message, what: t(`what.${of}`) })
      if (kind === 'forbidden') return t(of === 'channel' ? 'refusal.forbiddenChannel' : 'refusal.forbidden')
      return undefined
    },
    [t, of],
  )
  const fault = useCallback(
    (found: Fault | undefined): string | undefined => {
      if (found === undefined) return undefined
      if ('said' in found) return found.said
      const { code, least = 0, most = 0, name = '' } = found
      return t(`fault.${code}`, { least: formatCount(least), most: formatCount(most), name })
    },
    [t],
  )
  return useMemo(() => ({ said, fault }), [said, fault])
}

export function placeOfError(error: Error | null): Pick<ApiError, 'at' | 'message'> | undefined {
  if (error === null) return undefined
  const known = asApiError(error)
  return known.at === undefined ? undefined : known
}
