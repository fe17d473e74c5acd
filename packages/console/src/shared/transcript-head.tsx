/** What a transcript is of and what it rests on, first: on paper nothing else tells when, where and by which checkpoint. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { usePlace } from '../app/place.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import texts from '../i18n/en/transcript.json'
import { addTexts, formatCount } from '../i18n/texts.ts'
import { zoneName } from '../trail/time-range.ts'
import { DatedMoment } from './dated-moment.tsx'
import { isoOf } from './event-time.ts'
import { Fact } from './fact.tsx'
import { StateLabel } from './state-label.tsx'
import sheet from './sheet.module.css'
import styles from './transcript-head.module.css'

addTexts('transcript', texts)

/** An event of the log that a transcript tells of. */
interface Told {
  readonly index: number
  /** As the event has it. */
  readonly time: string
}

interface TranscriptHeadProps {
  readonly title: string
  /** Of the instance. */
  readonly guid: string
  /** In the order of the log. */
  readonly steps: readonly Told[]
  /** How many of them were refused. */
  readonly refused: number
  /** When they were read; milliseconds since the epoch. */
  readonly madeAt: number
}

export function TranscriptHead({ title, guid, steps, refused, madeAt }: TranscriptHeadProps): ReactElement {
  const { t } = useTranslation('transcript')
  const { instance } = usePlace()
  const { tracker } = useRoom()
  const { memory } = useWitnessState()
  const { zone } = useZone()
  const [first, last] = [steps[0], steps.at(-1)]
  const head = memory?.head
  return (
    <header className={styles.head}>
      <h2 className={styles.title}>{title}</h2>
      <dl className={sheet.facts}>
        <Fact name={t('of')}>
          {instance !== undefined && <bdi>{instance.name}</bdi>} <code>{guid}</code>
        </Fact>
        {first !== undefined && last !== undefined && (
          <Fact name={t('when')}>
            <span>
              <DatedMoment at={isoOf(first.time)} /> {t('until')} <DatedMoment at={isoOf(last.time)} />,{' '}
              {zoneName(madeAt, zone)}
            </span>
          </Fact>
        )}
        <Fact name={t('steps')}>
          {t('stepCount', { count: steps.length, formatted: formatCount(steps.length) })}
          {refused > 0 && (
            <StateLabel tone="warning">{t('refused', { count: refused, formatted: formatCount(refused) })}</StateLabel>
          )}
        </Fact>
        <Fact name={t('log')}>
          <code>{tracker.origin}</code>
        </Fact>
        {head !== undefined && (
          <Fact name={t('checkpoint')}>
            <span>
              {t('checkpointText', { formatted: formatCount(head.size) })} <code>{head.root}</code>
            </span>
          </Fact>
        )}
        <Fact name={t('proved')}>
          <span className={styles.proved}>
            <Proved steps={steps} />
          </span>
        </Fact>
        <Fact name={t('made')}>
          <DatedMoment at={new Date(madeAt).toISOString()} />
        </Fact>
      </dl>
    </header>
  )
}

/** How many of the steps this browser has proved to be in the log, as they are shown. */
function Proved({ steps }: Pick<TranscriptHeadProps, 'steps'>): ReactElement {
  const { t } = useTranslation('transcript')
  const { proven, phase } = useWitnessState()
  const count = steps.filter(({ index }) => proven.has(index)).length
  const numbers = { done: formatCount(count), of: formatCount(steps.length) }
  if (phase === 'alarm') return <StateLabel tone="critical">{t('provedAlarm')}</StateLabel>
  if (count < steps.length) return <StateLabel tone="pending">{t('provedPart', numbers)}</StateLabel>
  return <StateLabel tone="good">{t('provedAll', numbers)}</StateLabel>
}
