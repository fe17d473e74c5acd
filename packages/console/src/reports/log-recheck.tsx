/** The log checked again in this browser: each kept checkpoint of the period continues the one before, up to the report's. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import type { ListedCheckpoint, ReportQuestion, ReportsApi } from '../api/reports-api.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { contradictionIn, pairQuestion, type PairTrace } from '../proof/pair-question.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import type { Period } from './periods.ts'
import { chosenPairs } from './recheck-pairs.ts'
import styles from './reports.module.css'

interface LogRecheckProps {
  readonly api: ReportsApi
  readonly question: ReportQuestion
  readonly period: Period
}

interface Checked {
  readonly older: ListedCheckpoint
  readonly newer: ListedCheckpoint
  readonly trace: PairTrace
}

/** As many as the server lists at once. */
const listedMax = 1_000

export function LogRecheck({ api, question, period }: LogRecheckProps): ReactElement {
  const { t } = useTranslation('reports')
  const { tracker, prover, witness } = useRoom()
  const { phase, memory } = useWitnessState()
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['report-recheck', tracker.location, question.size, period.from, period.to],
    queryFn: async ({ signal }) => {
      const pairs = chosenPairs(await api.checkpoints(question.size + 1, listedMax, signal), period)
      const checked: Checked[] = []
      for (const [older, newer] of pairs) {
        const notes = [older.note, newer.note] as const
        const trace = await prover.provePair(tracker.location, pairQuestion(witness, tracker.origin, notes))
        checked.push({ older, newer, trace })
        const found = contradictionIn(trace, notes)
        if (found !== undefined) witness.report('inconsistent', { origin: tracker.origin, ...found })
      }
      return checked
    },
    enabled: phase !== 'waiting' && memory !== undefined && memory.key !== '',
    gcTime: 0,
    retry: false,
  })
  return (
    <section className={styles.section}>
      <div className={styles.tableHead}>
        <h2 className={styles.heading}>{t('recheck')}</h2>
        <Button variant="default" size="compact-xs" data-screen loading={isFetching} onClick={() => void refetch()}>
          {t('recheckAgain')}
        </Button>
      </div>
      <p className={styles.note}>{t('recheckText')}</p>
      {error !== null && !isFetching ? (
        <ReadFailed title={t('recheckFailed')} error={asApiError(error)} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <StateView kind="loading" title={t('rechecking')} />
      ) : (
        <div className={styles.table}>
          <DataTable
            label={t('recheck')}
            rows={data}
            keyOf={({ newer }) => String(newer.size)}
            none={t('recheckNone')}
            columns={columnsIn(t)}
          />
        </div>
      )}
    </section>
  )
}

function columnsIn(t: TFunction<'reports'>): readonly [Column<Checked>, ...Column<Checked>[]] {
  return [
    { id: 'older', title: t('recheckOlder'), cell: ({ older }) => formatCount(older.size), isNumber: true },
    { id: 'newer', title: t('recheckNewer'), cell: ({ newer }) => formatCount(newer.size), isNumber: true },
    { id: 'verdict', title: t('recheckVerdict'), cell: ({ trace }) => <PairVerdict trace={trace} /> },
    { id: 'root', title: t('recheckRoot'), cell: ({ newer }) => <code>{newer.root}</code> },
  ]
}

function PairVerdict({ trace: { fault, older, newer } }: { readonly trace: PairTrace }): ReactElement {
  const { t } = useTranslation('reports')
  if (fault !== undefined) return <StateLabel tone="critical">{t('recheckBad')}</StateLabel>
  const isKnown = older?.signature === 'good' && newer?.signature === 'good'
  return <StateLabel tone={isKnown ? 'good' : 'warning'}>{t(isKnown ? 'recheckGood' : 'recheckUnknown')}</StateLabel>
}
