/** What administrators did to client certificates, key by key: each command's signature is checked again in this browser. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  type AdministratorAccount,
  certificateActions,
  type Command,
  type CommandHistory,
  historyOf,
  type KeyAccount,
} from '@keywitness/cadf/transcripts'
import { type ReactElement, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { readHistory } from '../api/history-api.ts'
import { asApiError } from '../api/problem.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { EventLink } from '../shared/event-link.tsx'
import { isoOf } from '../shared/event-time.ts'
import { InstancePage } from '../shared/instance-page.tsx'
import { Moment } from '../shared/moment.tsx'
import { Notice } from '../shared/notice.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StaleNotice } from '../shared/stale-notice.tsx'
import { TranscriptHead } from '../shared/transcript-head.tsx'
import { useStepProofs } from '../shared/use-step-proofs.ts'
import type { ViewProps } from './certificates-page.tsx'
import { certCommand } from './commands.ts'
import { VerdictLabel } from './verdict-label.tsx'
import cards from '../shared/cards.module.css'
import styles from './certificates.module.css'

export function HistoryView({ guid, views }: ViewProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { tracker } = usePlace()
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  return (
    <InstancePage title={t('title')} views={views}>
      {tracker === undefined ? (
        <StateView kind="forbidden" title={t('history.noTrail')} text={t('history.noTrailText')} />
      ) : (
        <TrailHistory guid={guid} location={tracker.location} />
      )}
    </InstancePage>
  )
}

function TrailHistory({ guid, location }: { readonly guid: string; readonly location: string }): ReactElement {
  const { t } = useTranslation('certificates')
  const { calls } = useApi()
  const { data, error, refetch, dataUpdatedAt, isFetching } = useQuery({
    queryKey: ['certificate-history', location, guid],
    queryFn: async ({ signal }) => {
      const search = { action: certificateActions.join(','), instance: guid }
      const { events, isCut } = await readHistory(calls, location, search, signal)
      return { history: await historyOf(events), isCut, events }
    },
  })
  const retry = (): void => void refetch()
  useStepProofs(data?.events)
  if (data === undefined) {
    if (error === null) return <StateView kind="loading" title={t('history.loading')} />
    return <ReadFailed title={t('history.failed')} error={asApiError(error)} onRetry={retry} />
  }
  const { history, isCut, events } = data
  if (history.administrators.length === 0) {
    return <StateView kind="empty" title={t('history.empty')} text={t('history.emptyText', { location })} />
  }
  return (
    <div className={cards.cards} tabIndex={0} role="group" aria-label={t('views.transcript')} data-printable>
      <div className={styles.tools}>
        <Button variant="default" onClick={() => window.print()}>
          {t('history.print')}
        </Button>
        <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={retry} />
      </div>
      <StaleNotice error={error} />
      <TranscriptHead
        title={t('history.title')}
        guid={guid}
        steps={commandsIn(history)}
        refused={history.counts.refused}
        madeAt={dataUpdatedAt}
      />
      <Verdicts history={history} />
      {isCut && <Notice tone="warning" title={t('history.cut', { formatted: formatCount(events.length) })} />}
      {history.administrators.map((account) => (
        <Account key={account.id} account={account} />
      ))}
      <section className={cards.hint}>
        <h2 className={cards.heading}>{t('history.ground')}</h2>
        <p>{t('history.groundText', { location })}</p>
        <CommandLine command="keywitness evidence make --complete -o certificates.evidence" />
        <CommandLine command={certCommand('transcript certificates.evidence', guid)} />
      </section>
    </div>
  )
}

/** In the order of the log. */
function commandsIn({ administrators }: CommandHistory): readonly Command[] {
  return administrators
    .flatMap(({ keys }) => keys.flatMap(({ commands }) => commands))
    .toSorted((a, b) => a.index - b.index)
}

/** How much of it is proved, first. */
function Verdicts({ history: { counts } }: { readonly history: CommandHistory }): ReactElement {
  const { t } = useTranslation('certificates')
  const { good, bad, unknown, recovery, refused } = counts
  const rest = [
    t('history.good', { count: good, formatted: formatCount(good) }),
    ...(recovery > 0 ? [t('history.recovery', { count: recovery, formatted: formatCount(recovery) })] : []),
    ...(refused > 0 ? [t('history.refused', { count: refused, formatted: formatCount(refused) })] : []),
  ].join(' · ')
  if (bad + unknown === 0) {
    return (
      <Notice tone="good" title={t('history.allProved')}>
        <p>{rest}</p>
      </Notice>
    )
  }
  const count = bad + unknown
  return (
    <Notice tone="critical" title={t('history.unproved', { count, formatted: formatCount(count) })}>
      <p>{t(bad === 0 ? 'history.unknownText' : 'history.badText')}</p>
      <p>{rest}</p>
    </Notice>
  )
}

function Account({ account }: { readonly account: AdministratorAccount }): ReactElement {
  const { t } = useTranslation('certificates')
  const { id, name, keys } = account
  return (
    <section className={styles.account}>
      <h2 className={cards.name}>{name === '' || name === id ? id : `${name} (${id})`}</h2>
      {keys.map((key) => (
        <div key={key.keyId ?? ''} className={styles.key}>
          <p className={cards.note}>
            {t(key.wasInForce ? 'history.key' : 'history.otherKey')} <code>{key.keyId ?? t('history.noKey')}</code>
          </p>
          <Owners account={key} />
          <ol className={styles.commands}>
            {key.commands.map((command) => (
              <CommandItem key={command.index} command={command} />
            ))}
          </ol>
        </div>
      ))}
    </section>
  )
}

function Owners({ account: { owners } }: { readonly account: KeyAccount }): ReactElement | null {
  const { t } = useTranslation('certificates')
  if (owners.length === 0) return null
  return (
    <p className={cards.failing}>
      {t('history.ownedBy', { who: owners.map(({ id, name }) => name || id).join(', ') })}
    </p>
  )
}

function CommandItem({ command }: { readonly command: Command }): ReactElement {
  const { t } = useTranslation('certificates')
  const { index, time, what, detail, switched, verdict, why } = command
  return (
    <li className={styles.command}>
      <div className={styles.commandHead}>
        <VerdictLabel verdict={verdict} />
        <span className={styles.what}>{what}</span>
        <Moment at={isoOf(time)} />
      </div>
      {detail !== '' && <code className={styles.detail}>{detail}</code>}
      {switched !== undefined && <p>{t(`history.switched.${switched}`)}</p>}
      {why !== '' && (
        <p className={`${styles.why} ${verdict === 'bad' || verdict === 'unknown' ? cards.failing : cards.note}`}>
          {why}
        </p>
      )}
      <div className={styles.links}>
        <EventLink index={index}>{t('history.event')}</EventLink>
        <EventLink index={index} isProof>
          {t('history.proof')}
        </EventLink>
      </div>
    </li>
  )
}
