/** That two checkpoints are of one growing log, proved in this browser and told step by step. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { pairQuestion, useContradiction } from '../proof/pair-question.ts'
import { HashLine, ProofStep, ProofVerdict, type StepStatus } from '../proof/proof-steps.tsx'
import type { FoldStep, PairFault, PairTrace } from '../proof/prove-pair.ts'
import { ReadFailed } from '../shared/read-failed.tsx'
import styles from './pair-proof.module.css'

const stepNames = ['notes', 'signatures', 'trees', 'head'] as const
type StepName = (typeof stepNames)[number]

const faultSteps: { readonly [Fault in PairFault]: StepName } = {
  form: 'notes',
  origin: 'notes',
  signature: 'signatures',
  trees: 'trees',
  head: 'head',
}

interface PairProofProps {
  /** The signed notes of both, in any order. */
  readonly one: string
  readonly other: string
}

export function PairProof({ one, other }: PairProofProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker, prover, witness } = useRoom()
  const { phase, memory } = useWitnessState()
  const isReady = phase !== 'waiting' && memory !== undefined && memory.key !== ''
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['pair-proof', tracker.location, one, other],
    queryFn: () => prover.provePair(tracker.location, pairQuestion(witness, tracker.origin, [one, other])),
    enabled: isReady,
    // A proof belongs to the moment: it is made again whenever it is looked at again.
    gcTime: 0,
    retry: false,
  })
  useContradiction(data, [one, other])
  if (error !== null && data === undefined) {
    return <ReadFailed title={t('pair.unread')} error={asApiError(error)} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <StateView kind="loading" title={t('pair.proving')} />
  return (
    <>
      <Steps trace={data} />
      <div>
        <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
          {t('pair.again')}
        </Button>
      </div>
    </>
  )
}

function statusesOf({ fault, headSize, older, newer }: PairTrace): Record<StepName, StepStatus> {
  const at = fault === undefined ? stepNames.length : stepNames.indexOf(faultSteps[fault])
  const statuses = stepNames.map((name, i): [StepName, StepStatus] => [
    name,
    i < at ? 'ok' : i === at ? 'failed' : 'open',
  ])
  const found = Object.fromEntries(statuses) as Record<StepName, StepStatus>
  const isUnknown = older?.signature === 'unknown' || newer?.signature === 'unknown'
  return {
    ...found,
    ...(isUnknown && found.signatures === 'ok' && { signatures: 'open' }),
    ...(headSize === undefined && found.head === 'ok' && { head: 'open' }),
  }
}

function Steps({ trace }: { readonly trace: PairTrace }): ReactElement {
  const { t } = useTranslation('integrity')
  const { fault, older, newer, folds = [], foldedOlder, foldedNewer, headSize } = trace
  const status = statusesOf(trace)
  const sizes = {
    older: formatCount(older?.size ?? 0),
    newer: formatCount(newer?.size ?? 0),
    head: formatCount(headSize ?? 0),
    grown: formatCount((newer?.size ?? 0) - (older?.size ?? 0)),
  }
  const isUnknown = older?.signature === 'unknown' || newer?.signature === 'unknown'
  return (
    <div className={styles.proof}>
      <ProofVerdict isProven={fault === undefined} title={t(fault === undefined ? 'pair.holds' : 'pair.broken')}>
        {fault === undefined ? t('pair.holdsText', sizes) : t(`pair.fault.${fault}`, sizes)}
      </ProofVerdict>
      {isUnknown && fault !== 'signature' && <p className={styles.unknown}>{t('pair.unknownKey')}</p>}
      <ol>
        <ProofStep status={status.notes} name={t('pair.step.notes')}>
          {t('pair.stepText.notes', sizes)}
        </ProofStep>
        <ProofStep status={status.signatures} name={t('pair.step.signatures')}>
          {t('pair.stepText.signatures')}
        </ProofStep>
        <ProofStep status={status.trees} name={t('pair.step.trees')}>
          {folds.length === 0
            ? t('pair.stepText.same')
            : t(fault === 'trees' ? 'pair.stepText.treesBroken' : 'pair.stepText.trees', {
                count: folds.length,
                ...sizes,
              })}
          {foldedOlder !== undefined && <HashLine label={t('pair.foldedOlder', sizes)} hash={foldedOlder} />}
          {foldedNewer !== undefined && <HashLine label={t('pair.foldedNewer', sizes)} hash={foldedNewer} />}
          {fault === 'trees' && older !== undefined && newer !== undefined && (
            <>
              <p>{t('pair.signedRoots')}</p>
              <HashLine label={t('pair.signedOlder', sizes)} hash={older.root} />
              <HashLine label={t('pair.signedNewer', sizes)} hash={newer.root} />
            </>
          )}
          {folds.length > 0 && <Folds folds={folds} />}
        </ProofStep>
        <ProofStep status={status.head} name={t('pair.step.head')}>
          {t(headSize === newer?.size ? 'pair.stepText.isHead' : 'pair.stepText.head', sizes)}
        </ProofStep>
      </ol>
    </div>
  )
}

/** Every hash of the proof, and what the roots of both trees become with it. */
function Folds({ folds }: { readonly folds: readonly FoldStep[] }): ReactElement {
  const { t } = useTranslation('integrity')
  return (
    <details className={styles.folds}>
      <summary>{t('pair.folds', { count: folds.length })}</summary>
      <ol>
        {folds.map((fold, i) => (
          <li key={fold.hash} className={styles.fold}>
            <p className={styles.foldName}>
              {t(fold.isShared ? 'pair.sharedFold' : 'pair.newFold', { number: formatCount(i + 1) })}
            </p>
            <dl>
              <div>
                <dt>{t('pair.hash')}</dt>
                <dd>{fold.hash}</dd>
              </div>
              {fold.isShared && (
                <div>
                  <dt>{t('pair.olderBecomes')}</dt>
                  <dd>{fold.older}</dd>
                </div>
              )}
              <div>
                <dt>{t('pair.newerBecomes')}</dt>
                <dd>{fold.newer}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ol>
    </details>
  )
}
