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
  const { t: parts } = useTranslation('trail')
  const state = useReceipt(event, index)
  const { proven } = useWitnessState()
  switch (state.kind) {
    case 'waiting':
      return <StateView kind="loading" title={parts('proof.waiting')} text={parts('proof.waitingText')} />
    case 'checking':
      return <StateView kind="loading" title={parts('proof.checking')} />
    case 'failed': {
      const error = state.error instanceof ApiError ? state.error : undefined
      const kind = error?.kind === 'network' ? 'offline' : error?.kind === 'forbidden' ? 'forbidden' : 'error'
      return (
        <StateView
          kind={kind}
          title={parts('proof.unread')}
          text={`${parts('proof.unreadText', { message: state.error.message })}${proven.has(index) ? ` ${parts('proof.before')}` : ''}`}
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
  const { t: parts } = useTranslation('trail')
  const { zone } = useZone()
  const { tracker } = useRoom()
  const { trace, key, keySeenAt, remembered } = check
  const status = statusesOf(check)
  const isProven = Object.values(status).every((each) => each === 'ok')
  const { climb = [], checkpoint } = trace
  const seen = `${formatTypedTime(Date.parse(keySeenAt), zone)} ${zoneName(Date.parse(keySeenAt), zone)}`
  return (
    <div className={styles.proof}>
      <ProofVerdict isProven={isProven} title={parts(isProven ? 'proof.proven' : 'proof.broken')}>
        {isProven
          ? parts('proof.provenText', { index: formatCount(index), size: formatCount(checkpoint?.size ?? 0) })
          : parts(`proof.fault.${trace.fault ?? 'continuity'}`)}
      </ProofVerdict>
      <ol className={styles.steps}>
        <ProofStep status={status.bytes} name={parts('proof.step.bytes')}>
          {parts('proof.stepText.bytes', {
            count: trace.entryBytes ?? 0,
            formatted: formatCount(trace.entryBytes ?? 0),
          })}
        </ProofStep>
        <ProofStep status={status.leaf} name={parts('proof.step.leaf')} hash={trace.leaf}>
          {parts('proof.stepText.leaf')}
        </ProofStep>
        <ProofStep status={status.climb} name={parts('proof.step.climb')}>
          {parts('proof.stepText.climb', { count: climb.length, size: formatCount(checkpoint?.size ?? 0) })}
          {climb.length > 0 && <Climb steps={climb} />}
        </ProofStep>
        <ProofStep
          status={status.root}
          name={parts(status.root === 'failed' ? 'proof.step.rootFailed' : 'proof.step.root')}
          hash={trace.root}
        >
          {status.root === 'failed' ? parts('proof.stepText.rootFailed') : parts('proof.stepText.root')}
          {status.root === 'failed' && checkpoint !== undefined && (
            <HashLine label={parts('proof.signedRoot')} hash={checkpoint.root} />
          )}
        </ProofStep>
        <ProofStep status={status.signature} name={parts('proof.step.signature')} hash={key} hashName={t('log.key')}>
          {parts('proof.stepText.signature', { origin: tracker.origin, seen })}
        </ProofStep>
        <ProofStep status={status.continuity} name={parts('proof.step.continuity')}>
          {parts(remembered?.size === checkpoint?.size ? 'proof.stepText.sameHead' : 'proof.stepText.continuity', {
            size: formatCount(remembered?.size ?? 0),
          })}
        </ProofStep>
      </ol>
      <div className={styles.actions}>
        <Button leftSection={<DownloadIcon />} onClick={() => downloadText(`${eventId}.tlog-proof`, check.receipt)}>
          {parts('proof.download')}
        </Button>
        <Button variant="default" onClick={onAgain}>
          {parts('proof.again')}
        </Button>
        {checkpoint !== undefined && (
          <Link
            to="/integrity/$location"
            params={{ location: tracker.location }}
            search={{ view: 'checkpoints', checkpoint: checkpoint.size }}
            className={styles.under ?? ''}
          >
            <CoveredMark size={14} />
            {parts('proof.checkpoint', { size: formatCount(checkpoint.size) })}
          </Link>
        )}
      </div>
      {isProven && <p className={styles.offline}>{parts('proof.order')}</p>}
      <p className={styles.offline}>
        {parts('proof.offline')} <code>npx keywitness verify {eventId}.tlog-proof</code>
      </p>
    </div>
  )
}

/** Every join on the way up: the neighbour's hash, the side on which it stands, and what comes out. */
function Climb({ steps }: { readonly steps: readonly ClimbStep[] }): ReactElement {
  const { t: parts } = useTranslation('trail')
  return (
    <details className={styles.climb}>
      <summary>{parts('proof.showJoins', { count: steps.length })}</summary>
      <ol>
        {steps.map((step, i) => (
          <li key={step.result} className={styles.join}>
            <p className={styles.joinName}>
              {parts('proof.join', { number: i + 1, first: formatCount(step.first), last: formatCount(step.last) })}
            </p>
            <dl>
              <div>
                <dt>{parts(step.side === 'left' ? 'proof.leftNeighbour' : 'proof.rightNeighbour')}</dt>
                <dd>{step.sibling}</dd>
              </div>
              <div>
                <dt>{parts('proof.joined')}</dt>
                <dd>{step.result}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ol>
    </details>
  )
}
