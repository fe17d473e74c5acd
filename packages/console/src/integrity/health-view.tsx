/** The log's health: what this browser verified, what the server verified, what was odd, what is kept. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { TrackerStatus } from '../api/integrity-api.ts'
import { asApiError } from '../api/problem.ts'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { VerifiedHere } from '../proof/verified-here.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useTrackerStatus } from '../shared/use-tracker-status.ts'
import { Fact } from '../shared/fact.tsx'
import { oddityLines } from './oddities.ts'
import type { IntegrityViewName } from './search.ts'
import { verificationTone } from './verification-tone.ts'
import type { ViewProps } from './view-props.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

export function HealthView({ onChange, frame }: ViewProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const { data: status, error, refetch } = useTrackerStatus(tracker.location)
  const go = (view: IntegrityViewName): void => onChange({ view })
  return frame(
    <section className={sheet.body} aria-label={t('view.health')} tabIndex={0}>
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
        <p className={sheet.note} role="alert">
          {t('statusOld', { message: error.message })}
        </p>
      )}
    </section>,
  )
}

/** What this browser knows by itself, whatever the server says. */
function Verified({ onCheckpoints }: { readonly onCheckpoints: () => void }): ReactElement {
  const { t } = useTranslation('integrity')
  return (
    <section className={sheet.section} aria-labelledby="verified-here">
      <h2 id="verified-here" className={sheet.heading}>
        {t('here')}
      </h2>
      <VerifiedHere>
        <Button variant="default" onClick={onCheckpoints}>
          {t('toCheckpoints')}
        </Button>
      </VerifiedHere>
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
    <section className={sheet.section} aria-labelledby="server-checks">
      <h2 id="server-checks" className={sheet.heading}>
        {t('server')}
      </h2>
      <dl className={sheet.facts}>
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
            <ul className={`${sheet.list} ${styles.wholeLine}`}>
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
    <section className={sheet.section} aria-labelledby="what-is-kept">
      <h2 id="what-is-kept" className={sheet.heading}>
        {t('kept')}
      </h2>
      <dl className={sheet.facts}>
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
