/** Makes a report and shows its sheet; meanwhile how far it is, and when it fails why. */
import { useQuery } from '@tanstack/react-query'
import type { ReportKind } from '@keywitness/cadf'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import type { ReportQuestion, ReportsApi } from '../api/reports-api.ts'
import { usePlace } from '../app/place.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ReadFailed } from '../shared/read-failed.tsx'
import { makeReport } from './make-report.ts'
import type { Period } from './periods.ts'
import { ReportSheet } from './report-sheet.tsx'

interface MadeSheetProps {
  readonly kind: ReportKind
  readonly api: ReportsApi
  readonly location: string
  readonly period: Period
  readonly question: ReportQuestion
  readonly choice?: ReactNode
}

export function MadeSheet({ kind, api, location, period, question, choice }: MadeSheetProps): ReactElement {
  const { t } = useTranslation('reports')
  const { tracker } = usePlace()
  const [read, setRead] = useState(0)
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['report', location, kind.id, question.query, question.from, question.to, question.size],
    queryFn: ({ signal }) => makeReport(kind, api, question, { signal, onCount: setRead }),
    retry: false,
  })
  if (error !== null && !isFetching) {
    return <ReadFailed title={t('failed')} error={asApiError(error)} onRetry={() => void refetch()} />
  }
  if (data === undefined) {
    const text = read === 0 ? t('reading') : t('readSoFar', { count: read, formatted: formatCount(read) })
    return <StateView kind="loading" title={text} />
  }
  return (
    <ReportSheet
      kind={kind}
      api={api}
      location={location}
      origin={tracker?.origin}
      question={question}
      period={period}
      made={data}
      choice={choice}
    />
  )
}
