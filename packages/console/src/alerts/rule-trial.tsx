/** What a rule would have fired on what was recorded: how often, on which days, and what of. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleTest } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Moment } from '../shared/moment.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { firingDays, type FiringDay } from './firing-days.ts'
import { placeOfError, useRefusalWords } from './use-refusal-words.ts'
import form from '../shared/say-form.module.css'
import styles from './rule-trial.module.css'

interface RuleTrialProps {
  /** The rule; undefined when it is not one yet, which whoever gives it says. */
  readonly prepare: () => object | undefined
  /** Given what the server refuses at a place of the rule, which is shown there. */
  readonly onRefused?: (error: Error) => void
}

const spans = ['-1d', '-7d', '-30d'] as const

export function RuleTrial({ prepare, onRefused }: RuleTrialProps): ReactElement {
  const { t } = useTranslation('alerts')
  const api = useApi()
  const words = useRefusalWords('rule')
  const { tracker } = useRoom()
  const [span, setSpan] = useState<(typeof spans)[number]>('-7d')
  const { data, error, isPending, mutate, reset } = useMutation({
    mutationFn: ({ rule, from }: { rule: object; from: string }) => api.alerts(tracker.location).testRule(rule, from),
    networkMode: 'always',
    onError: (cause) => onRefused?.(cause),
  })
  const test = (): void => {
    const rule = prepare()
    if (rule === undefined) reset()
    else mutate({ rule, from: span })
  }
  const isElsewhere = onRefused !== undefined && placeOfError(error) !== undefined
  return (
    <div className={styles.trial}>
      <div className={styles.ask}>
        <select
          className={form.field}
          aria-label={t('trial.span')}
          value={span}
          onChange={(event) => setSpan(spans.find((each) => each === event.currentTarget.value) ?? '-7d')}
        >
          {spans.map((each) => (
            <option key={each} value={each}>
              {t(`trial.spans.${each}`)}
            </option>
          ))}
        </select>
        <Button variant="default" disabled={isPending} onClick={test}>
          {t(isPending ? 'trial.testing' : 'trial.test')}
        </Button>
      </div>
      {error !== null && isElsewhere && (
        <p className={form.error} role="alert">
          {t('trial.refused')}
        </p>
      )}
      {error !== null && !isElsewhere && (
        <ActProblem error={asApiError(error)} said={words.said(error)} onDismiss={reset} />
      )}
      <div role="status">{data !== undefined && <Result test={data} />}</div>
    </div>
  )
}

function Result({ test }: { readonly test: RuleTest }): ReactElement {
  const { t } = useTranslation('alerts')
  const { zone } = useZone()
  const { looked, total, firings, isComplete } = test
  return (
    <div className={styles.result}>
      <p>
        <strong>{t('trial.tested', { count: total, formatted: formatCount(total) })}</strong>
      </p>
      <p className={styles.note}>
        <Sentence
          parts={{ from: <Moment at={looked.from} />, to: <Moment at={looked.to} /> }}
          say={(places) =>
            t('trial.looked', { count: looked.events, formatted: formatCount(looked.events), ...places })
          }
        />
      </p>
      {!isComplete && <p className={styles.partly}>{t('trial.partly')}</p>}
      {total > 0 && <Days days={firingDays(test, zone)} />}
      {total > firings.length && (
        <p className={styles.note}>{t('trial.first', { formatted: formatCount(firings.length) })}</p>
      )}
      <Firings firings={firings} />
    </div>
  )
}

const barHeight = 40

/** A bar for each day; what it stands for is said of each. */
function Days({ days }: { readonly days: readonly FiringDay[] }): ReactElement {
  const { t } = useTranslation('alerts')
  const most = Math.max(1, ...days.map(({ count = 0 }) => count))
  const [first, last] = [days[0], days.at(-1)]
  return (
    <figure className={styles.days}>
      <figcaption className="kw-hidden">{t('trial.days')}</figcaption>
      <ol className={styles.bars}>
        {days.map(({ date, count }) => {
          const words =
            count === undefined
              ? t('trial.dayUnknown', { date })
              : t('trial.day', { date, count, formatted: formatCount(count) })
          const height = count === undefined ? 0 : Math.round((count / most) * barHeight)
          return (
            <li key={date} className={styles.bar} title={words} data-unknown={count === undefined || undefined}>
              <span className="kw-hidden">{words}</span>
              <svg viewBox={`0 0 10 ${barHeight}`} preserveAspectRatio="none" aria-hidden="true">
                <rect x="0" y={barHeight - height} width="10" height={height} />
              </svg>
            </li>
          )
        })}
      </ol>
      <p className={styles.ends} aria-hidden="true">
        <span>{first?.date}</span>
        <span>{last?.date}</span>
      </p>
    </figure>
  )
}

function Firings({ firings }: Pick<RuleTest, 'firings'>): ReactElement {
  const { tracker } = useRoom()
  return (
    <ol className={styles.firings}>
      {firings.map(({ at, text, group, events }, i) => {
        const newest = events.at(-1)
        const what = text === '' ? group.map(({ name, value }) => name ?? value).join(', ') : text
        return (
          <li key={i} className={styles.firing}>
            <span className={styles.note}>
              <Moment at={at} />
            </span>
            {newest === undefined ? (
              <span>{what}</span>
            ) : (
              <Link
                to="/trail/$location"
                params={{ location: tracker.location }}
                search={{ event: newest.index }}
                className={styles.link ?? ''}
              >
                {what}
              </Link>
            )}
          </li>
        )
      })}
    </ol>
  )
}
