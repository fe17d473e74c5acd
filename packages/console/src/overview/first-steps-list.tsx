/** What to do next when the trail has only begun, each step with its command and place, ticked off by what the trail says. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon, CoveredMark } from '../app/icons.tsx'
import { addressOf, pageOf } from '../app/pages.ts'
import { usePlace } from '../app/place.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { type FirstStep, begunMax, firstSteps, stepsDone } from './first-steps.ts'
import { type Overview, useFirstGroups } from './use-overview.ts'
import sheet from '../shared/sheet.module.css'
import styles from './overview.module.css'

export function FirstSteps({ overview }: { readonly overview: Overview }): ReactElement | null {
  const { t } = useTranslation('overview')
  const { tracker } = usePlace()
  const { locations, details } = overview
  const here = locations.find((each) => each.tracker.location === tracker?.location)
  // Another location may have begun long ago: then nobody is new here.
  const sizes = locations.map(({ status }) => status.value?.size ?? 0)
  const isYoung = here?.status.value !== undefined && sizes.reduce((sum, size) => sum + size, 0) <= begunMax
  const { data: groups } = useFirstGroups(isYoung ? tracker?.location : undefined)
  if (!isYoung || tracker === undefined || groups === undefined) return null
  const keys = [...details.values()].reduce((sum, { value }) => {
    return sum + (value?.inventory.rootKeys ?? 0) + (value?.inventory.standardKeys ?? 0)
  }, 0)
  const done = stepsDone({ groups, keys, channels: here?.alerting.value?.channels.length ?? 0 })
  if (done.size === firstSteps.length) return null
  return (
    <section className={styles.first} aria-labelledby="first-steps">
      <h2 id="first-steps" className={sheet.heading}>
        {t('first.title')}
      </h2>
      <p className={sheet.note}>
        {t('first.done', { done: formatCount(done.size), all: formatCount(firstSteps.length) })}
      </p>
      <ol className={styles.steps}>
        {firstSteps.map((step) => (
          <Step key={step} step={step} isDone={done.has(step)} location={tracker.location} />
        ))}
      </ol>
    </section>
  )
}

interface StepProps {
  readonly step: FirstStep
  readonly isDone: boolean
  readonly location: string
}

/** Pages where a step can be done, where the console has them. */
const pagesOf: Partial<Record<FirstStep, string>> = {
  key: '/keys',
  colleague: '/access',
  channel: '/alerts',
  receipt: '/trail',
}

function Step({ step, isDone, location }: StepProps): ReactElement {
  const { t } = useTranslation('overview')
  const page = pageOf(pagesOf[step] ?? '')
  return (
    <li className={styles.step} data-done={isDone || undefined}>
      {isDone ? <CheckIcon className={styles.tick} /> : <CoveredMark className={styles.tick} />}
      <div className={styles.stepBody}>
        <h3 className={styles.small}>
          {t(`first.step.${step}`)}
          <span className="kw-hidden"> {t(isDone ? 'first.isDone' : 'first.isOpen')}</span>
        </h3>
        {!isDone && (
          <>
            <p className={sheet.text}>{t(`first.text.${step}`)}</p>
            <div className={styles.commands}>
              <CommandLine command={t(`first.command.${step}`, { location })} />
              {page !== undefined && (
                <Link
                  to={addressOf(page, { location })}
                  search={step === 'channel' ? { view: 'channels' } : {}}
                  className={sheet.link ?? ''}
                >
                  {t('first.go', { page: t(`first.page.${step}`) })}
                </Link>
              )}
            </div>
          </>
        )}
      </div>
    </li>
  )
}
