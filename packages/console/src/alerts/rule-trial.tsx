/** What a rule would have fired on what was recorded in the last week. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Rule, RuleTest } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Moment, momentText } from '../shared/moment.tsx'
import styles from './rule-trial.module.css'

const from = '-7d'

export function RuleTrial({ rule }: { readonly rule: Rule }): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { data, error, isPending, mutate, reset } = useMutation({
    mutationFn: () => api.alerts(tracker.location).testRule(rule, from),
    networkMode: 'always',
  })
  return (
    <div className={styles.trial}>
      <Button variant="default" disabled={isPending} onClick={() => mutate()}>
        {t(isPending ? 'alerts.rules.panel.testing' : 'alerts.rules.panel.testNow')}
      </Button>
      {error !== null && <ActProblem error={asApiError(error)} onDismiss={reset} />}
      <div role="status">{data !== undefined && <Result test={data} />}</div>
    </div>
  )
}

function Result({ test }: { readonly test: RuleTest }): ReactElement {
  const { t } = useTranslation()
  const { tracker } = useRoom()
  const { zone } = useZone()
  const { looked, total, firings, isComplete } = test
  return (
    <div className={styles.result}>
      <p>
        <strong>{t('alerts.rules.panel.tested', { count: total, formatted: formatCount(total) })}</strong>
      </p>
      <p className={styles.note}>
        {t('alerts.rules.panel.testedLooked', {
          count: looked.events,
          formatted: formatCount(looked.events),
          from: momentText(looked.from, zone),
          to: momentText(looked.to, zone),
        })}
      </p>
      {!isComplete && <p className={styles.partly}>{t('alerts.rules.panel.testedPartly')}</p>}
      {total > firings.length && (
        <p className={styles.note}>{t('alerts.rules.panel.testedFirst', { formatted: formatCount(firings.length) })}</p>
      )}
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
    </div>
  )
}
