/** Whether the checkpoint of a report is the log's, by what this browser trusts: made here, with nothing of the server's word. */
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { pairQuestion, type PairTrace, useContradiction } from '../proof/pair-question.ts'
import { StateLabel } from '../shared/state-label.tsx'

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
  if (error !== null) return <StateLabel tone="warning">{t('checkedNot', { message: error.message })}</StateLabel>
  if (data === undefined) return <StateLabel tone="pending">{t('checking')}</StateLabel>
  return <Verdict trace={data} />
}

function Verdict({ trace }: { readonly trace: PairTrace }): ReactElement {
  const { t } = useTranslation('reports')
  const { fault, older, newer, headSize } = trace
  if (fault !== undefined) return <StateLabel tone="critical">{t('checkedBad')}</StateLabel>
  if (older?.signature !== 'good' || newer?.signature !== 'good') {
    return <StateLabel tone="warning">{t('checkedUnknown')}</StateLabel>
  }
  return <StateLabel tone="good">{t('checkedGood', { size: formatCount(headSize ?? 0) })}</StateLabel>
}
