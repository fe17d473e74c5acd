/** The random sample: a seed and a number choose events of the log, which whoever knows both chooses again. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { drawSample, sampleReport } from '@keywitness/cadf'
import { sha256 } from '@keywitness/tlog'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import type { ReportsApi } from '../api/reports-api.ts'
import { StateView } from '../app/state-view.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { MadeSheet } from './made-sheet.tsx'
import { OtherPeriod } from './other-period.tsx'
import type { Period } from './periods.ts'
import { drawsMax, drawsUsual, type ReportSearch, sampleId } from './search.ts'
import styles from './period-choice.module.css'

interface SamplePageProps {
  readonly api: ReportsApi
  readonly location: string
  readonly period: Period
  readonly size: number
  readonly search: ReportSearch
}

export function SamplePage(props: SamplePageProps): ReactElement {
  const { api, location, period, size, search } = props
  const { t } = useTranslation('reports')
  const { seed = String(size), draws = drawsUsual } = search
  const { data, error, refetch } = useQuery({
    queryKey: ['report-range', location, period.from, period.to, size],
    queryFn: async ({ signal }) => {
      const question = { query: '', ...period, size }
      const first = await api.edge(question, 'asc', signal)
      const last = first === undefined ? undefined : await api.edge(question, 'desc', signal)
      return first === undefined || last === undefined ? null : { first, last }
    },
  })
  if (error !== null) {
    return <ReadFailed title={t('failed')} error={asApiError(error)} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <StateView kind="loading" title={t('reading')} />
  if (data === null) {
    return (
      <StateView kind="empty" title={t('emptyPeriod')} text={t('emptyPeriodText')}>
        <OtherPeriod location={location} period={period} />
      </StateView>
    )
  }
  const draw = { seed, ...data, count: draws }
  const kind = sampleReport(draw, drawSample(draw, sha256))
  return (
    <MadeSheet
      kind={kind}
      api={api}
      location={location}
      period={period}
      question={{ query: kind.query, size }}
      choice={<DrawChoice key={`${seed} ${draws}`} {...props} seed={seed} draws={draws} />}
    />
  )
}

/** Another seed, or another number of events. */
function DrawChoice(props: SamplePageProps & { readonly seed: string; readonly draws: number }): ReactElement {
  const { t } = useTranslation('reports')
  const navigate = useNavigate()
  const { location, search } = props
  const [seed, setSeed] = useState(props.seed)
  const [draws, setDraws] = useState(props.draws)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (seed.trim() === '' || !(draws >= 1 && draws <= drawsMax)) return
    void navigate({
      to: '/reports/$location/$report',
      params: { location, report: sampleId },
      search: { ...search, seed: seed.trim(), draws },
    })
  }
  return (
    <form className={styles.days} onSubmit={submit} data-screen>
      <label className={styles.day}>
        {t('seed')}
        <input
          type="text"
          required
          maxLength={64}
          value={seed}
          onChange={(event) => setSeed(event.currentTarget.value)}
        />
      </label>
      <label className={styles.day}>
        {t('draws')}
        <input
          type="number"
          required
          min={1}
          max={drawsMax}
          value={draws}
          onChange={(event) => setDraws(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Button type="submit" variant="default">
        {t('drawAgain')}
      </Button>
    </form>
  )
}
