/** The log's health: what this browser verified, what the server verified, what was odd, what is kept. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrackerStatus } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { DownloadIcon } from '../app/icons.tsx'
import { StateView } from '../app/state-view.tsx'
import { useGrowth, useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { PrunedFact } from '../proof/pruned-fact.tsx'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import { Fact } from './fact.tsx'
import { oddityLines } from './oddities.ts'
import type { IntegrityViewName } from './search.ts'
import { verificationTone } from './verification-tone.ts'
import type { ViewProps } from './view-props.ts'
import styles from './integrity.module.css'

export function HealthView({ onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const { data: status, error, refetch } = useTrackerStatus(tracker.location)
  const go = (view: IntegrityViewName): void => onChange({ view })
  return frame(
    <section className={styles.body} aria-label={t('view.health')} tabIndex={0}>
      <Verified onCheckpoints={() => go('checkpoints')} />
      {status === undefined && error === null && <StateView kind="loading" title={t('statusLoading')} />}
      {status === undefined && error !== null && (
        <ReadFailed title={t('statusFailed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {status !== undefined && (
        <>
          <ServerChecks status={status} go={go} />
          <Kept status={status} go={go} />
        </>
      )}
      {status !== undefined && error !== null && (
        <p className={styles.note} role="alert">
          {t('statusOld', { message: error.message })}
        </p>
      )}
    </section>,
  )
}

const tones = { waiting: 'plain', verified: 'good', unchecked: 'warning', alarm: 'critical' } as const

/** What this browser knows by itself, whatever the server says. */
function Verified({ onCheckpoints }: { readonly onCheckpoints: () => void }): ReactElement {
  const { t } = useTranslation()
  const { t: tOwn } = useTranslation('integrity')
  const { witness, tracker } = useRoom()
  const { phase, memory, problem } = useWitnessState()
  const { size, covered } = useGrowth()
  const [isChecking, setIsChecking] = useState(false)
  const head = memory?.head
  // While the log contradicts itself, what the server says stands beside what was verified, as it is.
  const known = phase === 'alarm' ? 0 : (head?.size ?? 0)
  const check = (): void => {
    setIsChecking(true)
    void witness.checkNow().finally(() => setIsChecking(false))
  }
  return (
    <section className={styles.section} aria-labelledby="verified-here">
      <h2 id="verified-here" className={styles.heading}>
        {tOwn('here')}
      </h2>
      <p className={styles.lead} data-tone={tones[phase]} role={phase === 'alarm' ? 'alert' : undefined}>
        {t(`log.lead.${phase}`, { problem })}
      </p>
      <dl className={styles.facts}>
        <Fact name={t('log.origin')} copy={tracker.origin}>
          <code className={styles.hash}>{tracker.origin}</code>
        </Fact>
        <Fact name={t('log.recorded')}>{formatCount(Math.max(size, covered, known))}</Fact>
        <Fact name={t('log.covered')}>{formatCount(Math.max(covered, known))}</Fact>
        {head !== undefined && (
          <>
            <Fact name={t('log.verified')}>
              {formatCount(head.size)} <Moment at={head.verifiedAt} />
            </Fact>
            <Fact name={t('log.root')} copy={head.root}>
              <code className={styles.hash}>{head.root}</code>
            </Fact>
          </>
        )}
        {memory !== undefined && memory.key !== '' && (
          <>
            <Fact name={t('log.key')} copy={memory.key}>
              <code className={styles.hash}>{memory.key}</code>
            </Fact>
            <Fact name={t('log.keySeen')}>
              <Moment at={memory.keySeenAt} />
            </Fact>
            <PrunedFact logKey={memory.key}>{(text) => <Fact name={t('log.pruned')}>{text}</Fact>}</PrunedFact>
          </>
        )}
      </dl>
      <p className={styles.note}>{t('log.keyNote')}</p>
      <div className={styles.actions}>
        <Button onClick={check} disabled={isChecking || phase === 'alarm'}>
          {isChecking ? t('log.checking') : t('log.check')}
        </Button>
        {head !== undefined && (
          <Button
            variant="default"
            leftSection={<DownloadIcon />}
            onClick={() => downloadText(`${fileNamePart(tracker.origin)}-${head.size}.checkpoint`, head.note)}
          >
            {t('log.download')}
          </Button>
        )}
        <Button variant="default" onClick={onCheckpoints}>
          {tOwn('toCheckpoints')}
        </Button>
      </div>
    </section>
  )
}

interface PartProps {
  readonly status: TrackerStatus
  readonly go: (view: IntegrityViewName) => void
}

/** What the server says of its own bytes and of how entries came. */
function ServerChecks({ status, go }: PartProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { checkpoint, verification, oddities, undelivered } = status
  const { last, open } = verification ?? {}
  const odd = oddities === undefined ? [] : oddityLines(oddities)
  return (
    <section className={styles.section} aria-labelledby="server-checks">
      <h2 id="server-checks" className={styles.heading}>
        {t('server')}
      </h2>
      <dl className={styles.facts}>
        <Fact name={t('newestCheckpoint')}>
          {checkpoint === null || checkpoint === undefined ? (
            t('noCheckpoint')
          ) : (
            <>
              {t('atSize', { size: formatCount(checkpoint.size) })} <Moment at={checkpoint.signedAt} />
            </>
          )}
        </Fact>
        <Fact name={t('lastVerification')}>
          {last === null || last === undefined ? (
            <StateLabel tone="pending">{t('neverVerified')}</StateLabel>
          ) : (
            <>
              <StateLabel tone={verificationTone(last.state)}>{t(`verification.state.${last.state}`)}</StateLabel>
              <Moment at={last.endedAt} />
            </>
          )}
          {open !== null && open !== undefined && <StateLabel tone="pending">{t('oneRuns')}</StateLabel>}
          <Go onClick={() => go('verifications')}>{t('toVerifications')}</Go>
        </Fact>
        <Fact name={t('undelivered')}>{formatCount(undelivered)}</Fact>
        <Fact name={t('oddities')}>
          {odd.length === 0 ? (
            <StateLabel tone="good">{t('noOddities')}</StateLabel>
          ) : (
            <ul className={styles.list}>
              {odd.map(({ name, count, isGrave }) => (
                <li key={name}>
                  <StateLabel tone={isGrave ? 'critical' : 'warning'}>
                    {t(`oddity.${name}`, { count, formatted: formatCount(count) })}
                  </StateLabel>
                </li>
              ))}
            </ul>
          )}
          <Go onClick={() => go('continuity')}>{t('toContinuity')}</Go>
        </Fact>
      </dl>
    </section>
  )
}

function Kept({ status, go }: PartProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { retention, minimumIndex = 0, openHolds, openProposals } = status
  const days = retention?.days ?? 0
  return (
    <section className={styles.section} aria-labelledby="what-is-kept">
      <h2 id="what-is-kept" className={styles.heading}>
        {t('kept')}
      </h2>
      <dl className={styles.facts}>
        <Fact name={t('retention')}>
          {days === 0 ? t('forEver') : t('atLeast', { count: days, formatted: formatCount(days) })}
        </Fact>
        <Fact name={t('minimumIndex')}>
          {minimumIndex === 0 ? t('nothingLeft') : t('leftBelow', { index: formatCount(minimumIndex) })}
        </Fact>
        <Fact name={t('holds')}>{t('openHolds', { count: openHolds, formatted: formatCount(openHolds) })}</Fact>
        <Fact name={t('proposals')}>
          <StateLabel tone={openProposals === 0 ? 'plain' : 'pending'}>
            {t('openProposals', { count: openProposals, formatted: formatCount(openProposals) })}
          </StateLabel>
          <Go onClick={() => go('keeping')}>{t('toKeeping')}</Go>
        </Fact>
      </dl>
    </section>
  )
}

function Go({ onClick, children }: { readonly onClick: () => void; readonly children: string }): ReactElement {
  return (
    <Button variant="subtle" size="compact-sm" onClick={onClick}>
      {children}
    </Button>
  )
}
