/** Whether anything is missing from the log: read entry by entry by the server, told in words producer by producer. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ContinuityReport, ProducerReport, Progress } from '../api/integrity-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { durationText } from '../shared/duration-text.ts'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'
import { type Sentence, judge, sentencesOf } from './continuity-words.ts'
import { ProgressBar } from './progress-bar.tsx'
import { type ContinuityPeriod, continuityPeriods } from './search.ts'
import type { ViewProps } from './view-props.ts'
import { EntryLink } from './entry-link.tsx'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface Reading {
  readonly report: ContinuityReport
  readonly period: ContinuityPeriod
  /** RFC 3339. */
  readonly at: string
}

export function ContinuityView({ search, onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const period = search.period ?? 'all'
  const { reading, progress, error, start, stop } = useContinuity(period)
  const id = useId()
  return frame(
    <section className={sheet.body} aria-label={t('view.continuity')} tabIndex={0}>
      <p className={sheet.text}>{t('continuity.intro')}</p>
      <div className={styles.find}>
        <label htmlFor={id} className={styles.label}>
          {t('continuity.period')}
          <select
            id={id}
            className={styles.select}
            value={period}
            disabled={progress !== undefined}
            onChange={(event) => {
              const chosen = continuityPeriods.find((name) => name === event.currentTarget.value) ?? 'all'
              onChange({ view: 'continuity', ...(chosen !== 'all' && { period: chosen }) }, true)
            }}
          >
            {continuityPeriods.map((name) => (
              <option key={name} value={name}>
                {t(`continuity.periods.${name}`)}
              </option>
            ))}
          </select>
        </label>
        {progress === undefined ? (
          <Button onClick={start}>{t(reading === undefined ? 'continuity.start' : 'continuity.again')}</Button>
        ) : (
          <Button variant="default" onClick={stop}>
            {t('continuity.stop')}
          </Button>
        )}
      </div>
      {progress !== undefined && (
        <ProgressBar
          label={t('continuity.reading')}
          done={progress.done}
          total={progress.total}
          text={t('progress', { done: formatCount(progress.done), total: formatCount(progress.total) })}
        />
      )}
      {error !== undefined && <ReadFailed title={t('continuity.failed')} error={error} onRetry={start} />}
      {reading === undefined && progress === undefined && error === undefined && (
        <StateView kind="empty" title={t('continuity.none')} text={t('continuity.noneText')} />
      )}
      {reading !== undefined && <Report reading={reading} />}
    </section>,
  )
}

interface Continuity {
  readonly reading: Reading | undefined
  /** While one is read. */
  readonly progress: Progress | undefined
  readonly error: ApiError | undefined
  readonly start: () => void
  readonly stop: () => void
}

/** One reading at a time; its result stays while the console is open, the reading ends with the view. */
function useContinuity(period: ContinuityPeriod): Continuity {
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  const queries = useQueryClient()
  const key = ['continuity', tracker.location]
  const { data: reading } = useQuery<Reading>({ queryKey: key, enabled: false, gcTime: Infinity })
  const [state, setState] = useState<Pick<Continuity, 'progress' | 'error'>>({
    progress: undefined,
    error: undefined,
  })
  const control = useRef<AbortController>(undefined)
  useEffect(() => () => control.current?.abort(), [])

  const read = async (): Promise<void> => {
    const own = new AbortController()
    control.current = own
    setState({ progress: { done: 0, total: 0 }, error: undefined })
    const told = (progress: Progress): void => {
      if (!own.signal.aborted) setState({ progress, error: undefined })
    }
    try {
      const report = await api.continuity(period === 'all' ? undefined : `-${period}`, told, own.signal)
      queries.setQueryData<Reading>(key, { report, period, at: new Date().toISOString() })
      setState({ progress: undefined, error: undefined })
    } catch (cause) {
      if (!own.signal.aborted) setState({ progress: undefined, error: asApiError(cause) })
    }
  }
  return {
    reading,
    ...state,
    start: () => void read(),
    stop: () => {
      control.current?.abort()
      setState({ progress: undefined, error: undefined })
    },
  }
}

function Report({ reading }: { readonly reading: Reading }): ReactElement {
  const { t } = useTranslation('integrity')
  const { report, period, at } = reading
  const verdict = judge(report)
  const { looked, producers, reconciliation, checkpoints, unreadable } = report
  const isUncompared = verdict === 'whole' && reconciliation.agreeing === 0
  return (
    <>
      <section className={sheet.section}>
        <div
          className={sheet.lead}
          data-tone={verdict === 'whole' ? 'good' : verdict === 'odd' ? 'warning' : 'critical'}
          role={verdict === 'broken' ? 'alert' : 'status'}
        >
          <h2 className={sheet.heading}>{t(`continuity.verdict.${verdict}`)}</h2>
          <p>{t(`continuity.verdictText.${isUncompared ? 'uncompared' : verdict}`)}</p>
        </div>
        <p className={sheet.note}>
          {t('continuity.looked', {
            period: t(`continuity.periods.${period}`),
            count: looked.to - looked.from,
            formatted: formatCount(looked.to - looked.from),
          })}{' '}
          <Moment at={at} />
          {!looked.isWhole && ` ${t('continuity.notWhole')}`}
        </p>
        <ul className={sheet.list}>
          {unreadable > 0 && <Line tone="critical">{t('continuity.unreadable', withCount(unreadable))}</Line>}
          <Line tone={toneOf(reconciliation)}>
            {reconciliation.differing.count > 0
              ? t('continuity.differing', withCount(reconciliation.differing.count))
              : t('continuity.agreeing', withCount(reconciliation.agreeing))}
          </Line>
          {reconciliation.notCompared > 0 && (
            <Line tone="plain">{t('continuity.notCompared', withCount(reconciliation.notCompared))}</Line>
          )}
          <Line tone="plain">
            {t('continuity.checkpoints', {
              stored: formatCount(checkpoints.stored),
              kept: formatCount(checkpoints.kept),
            })}
          </Line>
        </ul>
      </section>
      {producers.map((producer) => (
        <ProducerSection key={producer.producer} producer={producer} />
      ))}
    </>
  )
}

function toneOf({ differing, agreeing }: ContinuityReport['reconciliation']): Sentence['tone'] {
  return differing.count > 0 ? 'critical' : agreeing > 0 ? 'good' : 'plain'
}

function withCount(count: number): { count: number; formatted: string } {
  return { count, formatted: formatCount(count) }
}

function Line({ tone, children }: { readonly tone: Sentence['tone']; readonly children: string }): ReactElement {
  return (
    <li className={styles.item}>
      <StateLabel tone={tone}>{''}</StateLabel>
      <span>{children}</span>
    </li>
  )
}

function ProducerSection({ producer }: { readonly producer: ProducerReport }): ReactElement {
  const { t } = useTranslation('integrity')
  const { producer: id, kind, events, first, last, epochs } = producer
  return (
    <section className={sheet.section}>
      <h2 className={sheet.heading}>{t(`continuity.producer.${kind}`)}</h2>
      <p className={sheet.note}>
        <code>{id}</code>
      </p>
      <p className={sheet.text}>
        {t('continuity.recorded', {
          ...withCount(events),
          first: formatCount(first),
          last: formatCount(last),
          epochs: t('continuity.epochs', withCount(epochs.count)),
        })}
      </p>
      <ul className={sheet.list}>
        {sentencesOf(producer).map((sentence) => (
          <SentenceLine key={sentence.name} sentence={sentence} />
        ))}
      </ul>
    </section>
  )
}

function SentenceLine({ sentence }: { readonly sentence: Sentence }): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const { name, tone, count, seconds, index, first, last } = sentence
  return (
    <li className={styles.item}>
      <StateLabel tone={tone}>{''}</StateLabel>
      <span>
        {t(`continuity.say.${name}`, {
          ...withCount(count),
          time: seconds === undefined ? '' : durationText(seconds, tAll),
          first: first === undefined ? '' : formatCount(first),
          last: last === undefined ? '' : formatCount(last),
        })}{' '}
        {index !== undefined && <EntryLink index={index} />}
      </span>
    </li>
  )
}
