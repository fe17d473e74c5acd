/** What left the log by its retention, as the log has signed it; only where something was pruned, or is said to be. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { formatTypedTime, zoneName } from '../trail/time-range.ts'
import { checkPruned } from './pruned.ts'

interface PrunedFactProps {
  readonly logKey: string
  readonly children: (text: string) => ReactElement
}

export function PrunedFact({ logKey, children }: PrunedFactProps): ReactElement | null {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { zone } = useZone()
  const { data } = useQuery({
    queryKey: ['minimum-index', tracker.location, logKey],
    queryFn: async () => checkPruned(await api.log(tracker.location).minimumIndex(), logKey, tracker.origin),
    enabled: logKey !== '',
    gcTime: 0,
  })
  if (data === undefined || data.kind === 'none') return null
  if (data.kind === 'unsigned') return children(t('log.prunedUnsigned', { why: data.why }))
  const { index, keepDays, time } = data.minimum
  const values = {
    index: formatCount(index),
    days: formatCount(keepDays),
    time: `${formatTypedTime(time, zone)} ${zoneName(time, zone)}`,
  }
  return children(t('log.prunedBelow', values))
}
