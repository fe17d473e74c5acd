/** On top of all alerts: whether the silence can be trusted, and if not, what is wrong, in sentences. */
import { Link } from '@tanstack/react-router'
import { Children, Fragment, type ReactElement, type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertingStatus, Trouble } from '../api/alert-types.ts'
import { CheckIcon, ClockIcon, WarningMark } from '../app/icons.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { useAlerting } from './alerting-room.tsx'
import { durationWords } from './condition-words.ts'
import { deliveryWords } from './delivery-words.ts'
import { Moment } from '../shared/moment.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { type Alerting, type Verdict, channelCounts, judge } from './silence.ts'
import styles from './status-strip.module.css'

const marks: Record<Verdict, typeof CheckIcon> = {
  asking: ClockIcon,
  unknown: WarningMark,
  trouble: WarningMark,
  untold: WarningMark,
  trusted: CheckIcon,
}

/** Troubles in sight; the others unfold. */
const shownTroubles = 3

export function StatusStrip(): ReactElement {
  const { t } = useTranslation()
  const alerting = useAlerting()
  const verdict = judge(alerting)
  const { status, error } = alerting
  const Mark = marks[verdict]
  return (
    <section className={styles.strip} data-verdict={verdict} aria-label={t('alerts.silence.label')}>
      <div className={styles.line}>
        <p className={styles.verdict} role="status">
          <Mark size={16} className={styles.mark} />
          {t(`alerts.silence.verdict.${verdict}`)}
        </p>
        {status !== undefined && <Facts status={status} isOld={error !== undefined} />}
      </div>
      {error !== undefined && <Unknown alerting={alerting} />}
      {status !== undefined && <Troubles troubles={status.troubles} isUntold={status.channels.length === 0} />}
    </section>
  )
}

function Facts({ status, isOld }: { readonly status: AlertingStatus; readonly isOld: boolean }): ReactElement {
  const { t } = useTranslation()
  const { engine, rules, mutes } = status
  const { on, failing, untried, waiting, dead } = channelCounts(status)
  const formatted = (count: number): { count: number; formatted: string } => ({ count, formatted: formatCount(count) })
  const lag = durationWords(`${Math.max(1, Math.round(engine.lagMs / 1_000))}s`, t)
  return (
    <dl className={styles.facts} data-old={isOld || undefined}>
      <Fact name={t('alerts.silence.engine')}>
        <Part isBad={engine.state !== 'running'}>{t(`alerts.silence.engineState.${engine.state}`, { lag })}</Part>
        {engine.state !== 'running' && engine.lagEvents > 0 && (
          <Part>{t('alerts.silence.engineWaiting', formatted(engine.lagEvents))}</Part>
        )}
      </Fact>
      <Fact name={t('alerts.silence.rules')}>
        <Part isBad={rules.on === 0}>{t('alerts.silence.rulesOn', formatted(rules.on))}</Part>
        {rules.suspended.length > 0 && (
          <Part isBad>{t('alerts.silence.rulesSuspended', formatted(rules.suspended.length))}</Part>
        )}
        {rules.needs > 0 && <Part>{t('alerts.silence.rulesNeed', formatted(rules.needs))}</Part>}
        {rules.dead.length > 0 && <Part>{t('alerts.silence.rulesDead', formatted(rules.dead.length))}</Part>}
      </Fact>
      <Fact name={t('alerts.silence.mutes')}>
        <Part>{mutes === 0 ? t('alerts.silence.mutesNone') : t('alerts.silence.mutesActive', formatted(mutes))}</Part>
      </Fact>
      <Fact name={t('alerts.silence.channels')}>
        <Part isBad={on === 0}>
          {status.channels.length === 0
            ? t('alerts.silence.channelsNone')
            : t('alerts.silence.channelsOn', formatted(on))}
        </Part>
        {failing > 0 && <Part isBad>{t('alerts.silence.channelsFailing', formatted(failing))}</Part>}
        {untried > 0 && <Part>{t('alerts.silence.channelsUntried', formatted(untried))}</Part>}
        {waiting > 0 && <Part>{t('alerts.silence.waiting', formatted(waiting))}</Part>}
        {dead > 0 && <Part isBad>{t('alerts.silence.dead', formatted(dead))}</Part>}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>
        {Children.toArray(children).map((part, i) => (
          <Fragment key={i}>
            {i > 0 && ', '}
            {part}
          </Fragment>
        ))}
      </dd>
    </div>
  )
}

function Part({ isBad = false, children }: { readonly isBad?: boolean; readonly children: ReactNode }): ReactElement {
  return (
    <span className={styles.part} data-bad={isBad || undefined}>
      {children}
    </span>
  )
}

/** Why nothing newer is known, and how old what is shown is. */
function Unknown({ alerting }: { readonly alerting: Alerting }): ReactElement {
  const { t } = useTranslation()
  const { error, at } = alerting
  const isEver = at > 0
  const isUnreachable = error?.kind === 'network'
  const words = isUnreachable
    ? (['alerts.silence.unreachable', 'alerts.silence.unreachableEver'] as const)
    : (['alerts.silence.unreadable', 'alerts.silence.unreadableEver'] as const)
  return (
    <p className={styles.why} role="alert">
      <Sentence
        parts={{
          message: error?.message ?? '',
          code: error?.code ?? '',
          time: isEver && <Moment at={new Date(at).toISOString()} />,
        }}
        say={(places) => t(words[isEver ? 0 : 1], places)}
      />
    </p>
  )
}

function Troubles(props: { readonly troubles: readonly Trouble[]; readonly isUntold: boolean }): ReactElement | null {
  const { t } = useTranslation()
  const titleId = useId()
  const { troubles, isUntold } = props
  if (troubles.length === 0) return null
  const rest = troubles.slice(shownTroubles)
  return (
    <div className={styles.troubles}>
      <h2 id={titleId} className="kw-hidden">
        {t('alerts.silence.troubles')}
      </h2>
      <ul aria-labelledby={titleId}>
        {troubles.slice(0, shownTroubles).map((trouble, i) => (
          <TroubleLine key={i} trouble={trouble} isUntold={isUntold} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details className={styles.rest}>
          <summary>
            {t('alerts.silence.moreTroubles', { count: rest.length, formatted: formatCount(rest.length) })}
          </summary>
          <ul>
            {rest.map((trouble, i) => (
              <TroubleLine key={i} trouble={trouble} isUntold={isUntold} />
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

const toRules = { view: 'rules', text: 'silence.openRules' } as const
const toMutes = { view: 'mutes', text: 'silence.openMutes' } as const
const toChannels = { view: 'channels', text: 'silence.openChannels' } as const

/** Where something can be done about it, unless it is about one channel. */
const ways: Readonly<Record<string, typeof toRules | typeof toMutes | typeof toChannels | undefined>> = {
  RULE_SUSPENDED: toRules,
  RULE_SATURATED: toRules,
  RULE_UNTOLD: toRules,
  NO_RULE: toRules,
  ALL_MUTED: toMutes,
  MUTE_BROKEN: toMutes,
  CHANNELS_OFF: toChannels,
}

function TroubleLine({ trouble, isUntold }: { readonly trouble: Trouble; readonly isUntold: boolean }): ReactElement {
  const { t } = useTranslation()
  const { t: words } = useTranslation('alerts')
  const { tracker } = useRoom()
  const { status } = useAlerting()
  const { code, text, since } = trouble
  const channel = status?.channels.find(({ id }) => id === trouble.channel)
  const toCode = ways[code]
  const way =
    channel !== undefined
      ? { search: { view: 'channels', channel: channel.id } as const, text: words('silence.openChannel') }
      : code === 'NO_CHANNEL' && isUntold
        ? { search: { view: 'channels', new: 'channel' } as const, text: t('alerts.silence.newChannel') }
        : toCode && { search: { view: toCode.view }, text: words(toCode.text) }
  return (
    <li className={styles.trouble}>
      <span>
        {code === 'CHANNEL_FAILING' && channel?.problem !== undefined
          ? words('silence.channelFailing', { name: channel.name, why: deliveryWords(channel.problem, words) })
          : text}
        {since !== undefined && (
          <span className={styles.since}>
            {' '}
            <Sentence parts={{ time: <Moment at={since} /> }} say={(places) => t('alerts.silence.since', places)} />
          </span>
        )}
      </span>
      {way !== undefined && (
        <Link
          to="/alerts/$location"
          params={{ location: tracker.location }}
          search={way.search}
          className={styles.link ?? ''}
        >
          {way.text}
        </Link>
      )}
    </li>
  )
}
