/** What a transcript is of and what it rests on, first: on paper nothing else tells when, where and by which checkpoint. */
import type { Step, Transcript } from '@keywitness/cadf/transcripts'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { usePlace } from '../app/place.tsx'
import { useZone } from '../app/zone.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { DatedMoment } from '../shared/dated-moment.tsx'
import { isoOf } from '../shared/event-time.ts'
import { Fact } from '../shared/fact.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { zoneName } from '../trail/time-range.ts'
import sheet from '../shared/sheet.module.css'
import styles from './transcript.module.css'

interface TranscriptHeadProps {
  readonly guid: string
  readonly transcript: Transcript
  /** When its events were read; milliseconds since the epoch. */
  readonly madeAt: number
}

export function TranscriptHead({ guid, transcript: { steps }, madeAt }: TranscriptHeadProps): ReactElement {
  const { t } = useTranslation('units')
  const { instance } = usePlace()
  const { tracker } = useRoom()
  const { memory } = useWitnessState()
  const { zone } = useZone()
  const [first, last] = [steps[0], steps.at(-1)]
  const refused = steps.filter(({ isDone }) => !isDone).length
  const head = memory?.head
  return (
    <header>
      <h2 className={styles.title}>{t('transcript.title')}</h2>
      <dl className={sheet.facts}>
        <Fact name={t('transcript.of')}>
          {instance !== undefined && <bdi>{instance.name}</bdi>} <code>{guid}</code>
        </Fact>
        {first !== undefined && last !== undefined && (
          <Fact name={t('transcript.when')}>
            <span>
              <DatedMoment at={isoOf(first.time)} /> {t('transcript.until')} <DatedMoment at={isoOf(last.time)} />,{' '}
              {zoneName(madeAt, zone)}
            </span>
          </Fact>
        )}
        <Fact name={t('transcript.steps')}>
          {t('transcript.stepCount', { count: steps.length, formatted: formatCount(steps.length) })}
          {refused > 0 && (
            <StateLabel tone="warning">
              {t('transcript.refused', { count: refused, formatted: formatCount(refused) })}
            </StateLabel>
          )}
        </Fact>
        <Fact name={t('transcript.log')}>
          <code>{tracker.origin}</code>
        </Fact>
        {head !== undefined && (
          <Fact name={t('transcript.checkpoint')}>
            <span>
              {t('transcript.checkpointText', { formatted: formatCount(head.size) })} <code>{head.root}</code>
            </span>
          </Fact>
        )}
        <Fact name={t('transcript.proved')}>
          <Proved steps={steps} />
        </Fact>
        <Fact name={t('transcript.made')}>
          <DatedMoment at={new Date(madeAt).toISOString()} />
        </Fact>
      </dl>
      <p className={sheet.text}>{t('transcript.intro')}</p>
    </header>
  )
}

/** How many of the steps this browser has proved to be in the log, as they are shown. */
function Proved({ steps }: { readonly steps: readonly Step[] }): ReactElement {
  const { t } = useTranslation('units')
  const { proven, phase } = useWitnessState()
  const count = steps.filter(({ index }) => proven.has(index)).length
  const numbers = { done: formatCount(count), of: formatCount(steps.length) }
  if (phase === 'alarm') return <StateLabel tone="critical">{t('transcript.provedAlarm')}</StateLabel>
  if (count < steps.length) return <StateLabel tone="plain">{t('transcript.provedPart', numbers)}</StateLabel>
  return <StateLabel tone="good">{t('transcript.provedAll', numbers)}</StateLabel>
}
