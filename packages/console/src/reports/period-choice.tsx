/** The choice of a period: a calendar one, or from one day to another, all in UTC. */
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { daysOf, type Period, periodNames, periodOf, periodOfDays } from './periods.ts'
import styles from './period-choice.module.css'

interface PeriodChoiceProps {
  readonly period: Period
  readonly onChoose: (period: Period) => void
}

export function PeriodChoice({ period, onChoose }: PeriodChoiceProps): ReactElement {
  const { t } = useTranslation('reports')
  const [now] = useState(() => Date.now())
  return (
    <section className={styles.choice} aria-label={t('period')}>
      <div className={styles.names} role="group" aria-label={t('periodCalendar')}>
        {periodNames.map((name) => {
          const its = periodOf(name, now)
          return (
            <button
              key={name}
              type="button"
              className={styles.name}
              aria-pressed={its.from === period.from && its.to === period.to}
              onClick={() => onChoose(its)}
            >
              {t(`periods.${name}`)}
            </button>
          )
        })}
      </div>
      <Days key={`${period.from} ${period.to}`} period={period} onChoose={onChoose} />
    </section>
  )
}

function Days({ period, onChoose }: PeriodChoiceProps): ReactElement {
  const { t } = useTranslation('reports')
  const id = useId()
  const given = daysOf(period)
  const [first, setFirst] = useState(given.first)
  const [last, setLast] = useState(given.last)
  const [wrong, setWrong] = useState<'noDays' | 'wrongDays'>()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const chosen = periodOfDays(first, last)
    setWrong(chosen !== undefined ? undefined : first === '' || last === '' ? 'noDays' : 'wrongDays')
    if (chosen !== undefined) onChoose(chosen)
  }
  return (
    <form className={styles.days} onSubmit={submit} noValidate>
      <label className={styles.day}>
        {t('firstDay')}
        <input
          type="date"
          value={first}
          aria-invalid={wrong === 'noDays' && first === ''}
          aria-describedby={wrong === 'noDays' ? id : undefined}
          onChange={(event) => setFirst(event.currentTarget.value)}
        />
      </label>
      <label className={styles.day}>
        {t('lastDay')}
        <input
          type="date"
          value={last}
          aria-invalid={wrong === 'wrongDays' || (wrong === 'noDays' && last === '')}
          aria-describedby={wrong === undefined ? undefined : id}
          onChange={(event) => setLast(event.currentTarget.value)}
        />
      </label>
      <Button type="submit" variant="default">
        {t('apply')}
      </Button>
      {wrong !== undefined && (
        <p id={id} className={styles.wrong} role="alert">
          {t(wrong)}
        </p>
      )}
    </form>
  )
}
