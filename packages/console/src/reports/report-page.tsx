/** One report: pinned to a checkpoint first, then made; everything that it is made from stands in its address. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { type ReportKind, reports } from '@keywitness/cadf'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { type ReactElement, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { createReportsApi, type ReportsApi } from '../api/reports-api.ts'
import { useApi } from '../app/session.tsx'
import { StateView } from '../app/state-view.tsx'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/reports.json'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { periodOf } from './periods.ts'
import { MadeSheet } from './made-sheet.tsx'
import { SamplePage } from './sample-page.tsx'
import { type ReportSearch, sampleId } from './search.ts'
import { wordFor } from './words.ts'
import '../shared/paper.css'
import styles from './reports.module.css'

addTexts('reports', texts)

const route = getRouteApi('/reports/$location/$report')

export function ReportPage(): ReactElement {
  const { t } = useTranslation('reports')
  const { location, report: id } = route.useParams()
  const search = route.useSearch()
  const { calls } = useApi()
  const api = useMemo(() => createReportsApi(calls, location), [calls, location])
  const kind = reports.find((each) => each.id === id)
  const isSample = id === sampleId
  return (
    <Page
      title={kind === undefined && !isSample ? t('title') : wordFor('titles', id)}
      of={location}
      tools={
        <Link to="/reports/$location" params={{ location }} search={withoutSize(search)} className={styles.link ?? ''}>
          {t('all')}
        </Link>
      }
    >
      {kind === undefined && !isSample ? (
        <StateView kind="missing" title={t('unknown')} text={t('unknownText')} />
      ) : (
        <Pinned key={id} id={id} kind={kind} api={api} location={location} search={search} />
      )}
    </Page>
  )
}

interface PinnedProps {
  readonly id: string
  /** Undefined: the sample, whose query depends on what is drawn. */
  readonly kind: ReportKind | undefined
  readonly api: ReportsApi
  readonly location: string
  readonly search: ReportSearch
}

/** An address without a checkpoint goes on to the one that names the newest. */
function Pinned({ id, kind, api, location, search }: PinnedProps): ReactElement {
  const { t } = useTranslation('reports')
  const { from, to, size } = search
  const [usual] = useState(() => periodOf('this-quarter', Date.now()))
  const newest = useQuery({
    queryKey: ['report-pin', location, id],
    queryFn: async ({ signal }) => parseCheckpoint(parseNote(await api.newest(signal)).text).size,
    enabled: size === undefined,
    gcTime: 0,
  })
  if (from !== undefined && to !== undefined && size !== undefined) {
    const period = { from, to }
    if (kind === undefined)
      return <SamplePage api={api} location={location} period={period} size={size} search={search} />
    const question = { query: kind.query, ...period, size }
    return <MadeSheet kind={kind} api={api} location={location} period={period} question={question} />
  }
  if (newest.error !== null) {
    return (
      <ReadFailed title={t('noCheckpoint')} error={asApiError(newest.error)} onRetry={() => void newest.refetch()} />
    )
  }
  const pinned = size ?? newest.data
  if (pinned === undefined) return <StateView kind="loading" title={t('pinning')} />
  const period = from === undefined || to === undefined ? usual : { from, to }
  return (
    <Navigate
      to="/reports/$location/$report"
      params={{ location, report: id }}
      search={{ ...search, ...period, size: pinned }}
      replace
    />
  )
}

function withoutSize({ from, to }: ReportSearch): ReportSearch {
  return from === undefined || to === undefined ? {} : { from, to }
}
