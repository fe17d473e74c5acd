/** Whether the checkpoint of a report is the log's, by what this browser trusts: made here, with nothing of the server's word. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { pairQuestion, type PairTrace, useContradiction } from '../proof/pair-question.ts'
import { StateLabel, type StateTone } from '../shared/state-label.tsx'

export function CheckpointCheck({ note }: { readonly note: string }): ReactElement {
  const { t } = useTranslation('reports')
  const { tracker, prover, witness } = useRoom()
  const { phase, memory } = useWitnessState()
  const head = memory?.head
  const { data, error } = useQuery({
    queryKey: ['report-checkpoint', tracker.location, note],
    queryFn: () =>
      prover.provePair(tracker.location, pairQuestion(witness, tracker.origin, [note, head?.note ?? note])),
    enabled: phase !== 'waiting' && head !== undefined,
    gcTime: 0,
    retry: false,
  })
  useContradiction(data, [note, head?.note ?? note])
  if (error !== null) return <Said tone="warning" name="not" text={t('checkedNot', { message: error.message })} />
  if (data === undefined) return <StateLabel tone="pending">{t('checking')}</StateLabel>
  return <Verdict trace={data} />
}

function Verdict({ trace }: { readonly trace: PairTrace }): ReactElement {
  const { t } = useTranslation('reports')
  const { fault, older, newer, headSize } = trace
  if (fault !== undefined) return <Said tone="critical" name="bad" text={t('checkedBad')} />
  if (older?.signature !== 'good' || newer?.signature !== 'good') {
    return <Said tone="warning" name="unknown" text={t('checkedUnknown')} />
  }
  return <Said tone="good" name="good" text={t('checkedGood', { size: formatCount(headSize ?? 0) })} />
}

interface SaidProps {
  readonly tone: StateTone
  readonly name: 'good' | 'unknown' | 'bad' | 'not'
  readonly text: string
}

function Said({ tone, name, text }: SaidProps): ReactElement {
  const { t } = useTranslation('reports')
  return (
    <>
      <StateLabel tone={tone}>{t(`checkedShort.${name}`)}</StateLabel>
      {' · '}
      <span>{text}</span>
    </>
  )
}
