/** The proof of one event, step by step, in plain words and with every hash: computed here, from the receipt's bytes. */
import type { ActivityEvent } from '@keywitness/cadf'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/problem.ts'
import { CoveredMark, DownloadIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { formatTypedTime, zoneName } from '../trail/time-range.ts'
import { downloadText } from '../shared/download.ts'
import { HashLine, ProofStep, ProofVerdict, type StepStatus } from './proof-steps.tsx'
import type { ClimbStep, ReceiptFault } from './receipt-steps.ts'
import { type ReceiptCheck, useReceipt } from './use-receipt.ts'
import styles from './proof-view.module.css'

export function ProofView({ event, index }: { readonly event: ActivityEvent; readonly index: number }): ReactElement {
  const { t } = useTranslation()
  const state = useReceipt(event, index)
  const { proven } = useWitnessState()
  switch (state.kind) {
    case 'waiting':
      return <StateView kind="loading" title={t('proof.waiting')} text={t('proof.waitingText')} />
    case 'checking':
      return <StateView kind="loading" title={t('proof.checking')} />
    case 'failed': {
      const error = state.error instanceof ApiError ? state.error : undefined
      const kind = error?.kind === 'network' ? 'offline' : error?.kind === 'forbidden' ? 'forbidden' : 'error'
      return (
        <StateView
          kind={kind}
          title={t('proof.unread')}
          text={`${t('proof.unreadText', { message: state.error.message })}${proven.has(index) ? ` ${t('proof.before')}` : ''}`}
          error={error}
          onRetry={state.retry}
        />
      )
    }
    default:
      return <Steps check={state.check} index={index} eventId={event.id} onAgain={state.again} />
  }
}

const stepNames = ['bytes', 'leaf', 'climb', 'root', 'signature', 'continuity'] as const
type StepName = (typeof stepNames)[number]

/** At which step each fault shows. */
const faultSteps: { readonly [Fault in ReceiptFault]: StepName } = {
  form: 'bytes',
  entry: 'bytes',
  event: 'bytes',
  path: 'root',
  signature: 'signature',
  origin: 'signature',
}

function statusesOf({ trace, isContinuous }: ReceiptCheck): Record<StepName, StepStatus> {
  const failed =
    trace.fault === undefined ? (isContinuous === false ? 'continuity' : undefined) : faultSteps[trace.fault]
  const at = failed === undefined ? stepNames.length : stepNames.indexOf(failed)
  return Object.fromEntries(stepNames.map((name, i) => [name, i < at ? 'ok' : i === at ? 'failed' : 'open'])) as Record<
    StepName,
    StepStatus
  >
}

interface StepsProps {
  readonly check: ReceiptCheck
  readonly index: number
  readonly eventId: string
  readonly onAgain: () => void
}

function Steps({ check, index, eventId, onAgain }: StepsProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const { tracker } = useRoom()
  const { trace, key, keySeenAt, remembered } = check
  const status = statusesOf(check)
  const isProven = Object.values(status).every((each) => each === 'ok')
  const { climb = [], checkpoint } = trace
  const seen = `${formatTypedTime(Date.parse(keySeenAt), zone)} ${zoneName(Date.parse(keySeenAt), zone)}`
  return (
    <div className={styles.proof}>
      <ProofVerdict isProven={isProven} title={t(isProven ? 'proof.proven' : 'proof.broken')}>
        {isProven
          ? t('proof.provenText', { index: formatCount(index), size: formatCount(checkpoint?.size ?? 0) })
          : t(`proof.fault.${trace.fault ?? 'continuity'}`)}
      </ProofVerdict>
      <ol className={styles.steps}>
        <ProofStep status={status.bytes} name={t('proof.step.bytes')}>
          {t('proof.stepText.bytes', { count: trace.entryBytes ?? 0, formatted: formatCount(trace.entryBytes ?? 0) })}
        </ProofStep>
        <ProofStep status={status.leaf} name={t('proof.step.leaf')} hash={trace.leaf}>
          {t('proof.stepText.leaf')}
        </ProofStep>
        <ProofStep status={status.climb} name={t('proof.step.climb')}>
          {t('proof.stepText.climb', { count: climb.length, size: formatCount(checkpoint?.size ?? 0) })}
          {climb.length > 0 && <Climb steps={climb} />}
        </ProofStep>
        <ProofStep
          status={status.root}
          name={t(status.root === 'failed' ? 'proof.step.rootFailed' : 'proof.step.root')}
          hash={trace.root}
        >
          {status.root === 'failed' ? t('proof.stepText.rootFailed') : t('proof.stepText.root')}
          {status.root === 'failed' && checkpoint !== undefined && (
            <HashLine label={t('proof.signedRoot')} hash={checkpoint.root} />
          )}
        </ProofStep>
        <ProofStep status={status.signature} name={t('proof.step.signature')} hash={key} hashName={t('log.key')}>
          {t('proof.stepText.signature', { origin: tracker.origin, seen })}
        </ProofStep>
        <ProofStep status={status.continuity} name={t('proof.step.continuity')}>
          {t(remembered?.size === checkpoint?.size ? 'proof.stepText.sameHead' : 'proof.stepText.continuity', {
            size: formatCount(remembered?.size ?? 0),
          })}
        </ProofStep>
      </ol>
      <div className={styles.actions}>
        <Button leftSection={<DownloadIcon />} onClick={() => downloadText(`${eventId}.tlog-proof`, check.receipt)}>
          {t('proof.download')}
        </Button>
        <Button variant="default" onClick={onAgain}>
          {t('proof.again')}
        </Button>
        {checkpoint !== undefined && (
          <Link
            to="/integrity/$location"
            params={{ location: tracker.location }}
            search={{ view: 'checkpoints', checkpoint: checkpoint.size }}
            className={styles.under ?? ''}
          >
            <CoveredMark size={14} />
            {t('proof.checkpoint', { size: formatCount(checkpoint.size) })}
          </Link>
        )}
      </div>
      {isProven && <p className={styles.offline}>{t('proof.order')}</p>}
      <p className={styles.offline}>
        {t('proof.offline')} <code>npx keywitness verify {eventId}.tlog-proof</code>
      </p>
    </div>
  )
}

/** Every join on the way up: the neighbour's hash, the side on which it stands, and what comes out. */
function Climb({ steps }: { readonly steps: readonly ClimbStep[] }): ReactElement {
  const { t } = useTranslation()
  return (
    <details className={styles.climb}>
      <summary>{t('proof.showJoins', { count: steps.length })}</summary>
      <ol>
        {steps.map((step, i) => (
          <li key={step.result} className={styles.join}>
            <p className={styles.joinName}>
              {t('proof.join', { number: i + 1, first: formatCount(step.first), last: formatCount(step.last) })}
            </p>
            <dl>
              <div>
                <dt>{t(step.side === 'left' ? 'proof.leftNeighbour' : 'proof.rightNeighbour')}</dt>
                <dd>{step.sibling}</dd>
              </div>
              <div>
                <dt>{t('proof.joined')}</dt>
                <dd>{step.result}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ol>
    </details>
  )
}
