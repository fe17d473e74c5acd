/** One rule: what it is for, how it has been, turning it on and off, and what it would have fired. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { AlertSeverityLabel, RuleStateLabel } from './alert-labels.tsx'
import { useAlerting } from './alerting-room.tsx'
import { Moment } from '../shared/moment.tsx'
import { RuleDeletion } from './rule-deletion.tsx'
import { RulesDownload } from './rules-download.tsx'
import { RuleTrial } from './rule-trial.tsx'
import { RuleVersions } from './rule-versions.tsx'
import { RuleCondition, RuleJson } from './rule-text.tsx'
import { SayForm } from '../shared/say-form.tsx'
import { Sentence } from '../shared/sentence.tsx'
import type { AlertsSearch } from './search.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import styles from './alert-panel.module.css'
import say from '../shared/say-form.module.css'

interface RulePanelProps {
  /** Undefined when there is no such rule. */
  readonly view: RuleView | undefined
  readonly onClose: () => void
  readonly onChange: (search: AlertsSearch) => void
}

export function RulePanel({ view, onClose, onChange }: RulePanelProps): ReactElement {
  const { t } = useTranslation()
  return (
    <SidePanel label={t('alerts.rules.panel.label')} closeLabel={t('alerts.rules.panel.close')} onClose={onClose}>
      {view === undefined ? (
        <StateView kind="missing" title={t('alerts.rules.panel.missing')} text={t('alerts.rules.panel.missingText')} />
      ) : (
        <Whole view={view} onChange={onChange} onClose={onClose} />
      )}
    </SidePanel>
  )
}

interface WholeProps {
  readonly view: RuleView
  readonly onChange: (search: AlertsSearch) => void
  readonly onClose: () => void
}

function Whole({ view, onChange, onClose }: WholeProps): ReactElement {
  const { t } = useTranslation(['translation', 'alerts'])
  const { rule, state, needs, suspended } = view
  return (
    <div className={styles.whole} tabIndex={0} role="group" aria-label={rule.name}>
      <div className={styles.headline}>
        <h2 className={styles.title}>{rule.name}</h2>
        <p className={styles.marks}>
          <RuleStateLabel state={state} />
          <AlertSeverityLabel severity={rule.severity} />
        </p>
        {needs !== undefined && <p>{needs}</p>}
        {suspended !== undefined && <p>{t('alerts.rules.panel.suspended', { why: suspended })}</p>}
      </div>
      <Turn view={view} onEdit={() => onChange({ view: 'rules', rule: rule.id, edit: true })} />
      <PanelSection title={t('alerts.panel.rule')}>
        <p className={styles.text}>{rule.description}</p>
        <RuleCondition rule={rule} />
        <RuleJson rule={rule} />
      </PanelSection>
      <PanelSection title={t('alerts.panel.toDo')}>
        <p className={styles.text}>{rule.remedy}</p>
      </PanelSection>
      <Facts view={view} onAlerts={() => onChange({ rule: rule.id, state: 'all' })} />
      <PanelSection title={t('alerts.rules.panel.test')}>
        <RuleTrial prepare={() => rule} />
      </PanelSection>
      <RuleVersions key={view.version} view={view} />
      <div className={styles.end}>
        <RulesDownload only={rule.id} />
      </div>
      <RuleDeletion view={view} onDeleted={onClose} />
    </div>
  )
}

interface FactsProps {
  readonly view: RuleView
  /** Shows the alerts that it raised. */
  readonly onAlerts: () => void
}

function Facts({ view, onAlerts }: FactsProps): ReactElement {
  const { t } = useTranslation()
  const { rule, version, pack, changedAt, changedBy, matched, lastMatch, fired, lastFired, isDead } = view
  return (
    <PanelSection title={t('alerts.rules.panel.facts')}>
      {isDead && <p>{t('alerts.rules.dead')}</p>}
      <dl>
        <PanelFact name={t('alerts.rules.fired')}>{formatCount(fired)}</PanelFact>
        <PanelFact name={t('alerts.rules.lastFired')}>
          {lastFired === undefined ? t('alerts.rules.never') : <Moment at={lastFired} />}
        </PanelFact>
        <PanelFact name={t('alerts.rules.panel.matched')}>{formatCount(matched)}</PanelFact>
        {lastMatch !== undefined && (
          <PanelFact name={t('alerts.rules.panel.lastMatch')}>
            <Moment at={lastMatch} />
          </PanelFact>
        )}
        <PanelFact name={t('alerts.rules.panel.channels')}>
          {rule.channels?.join(', ') ?? t('alerts.rules.panel.allChannels')}
        </PanelFact>
        <PanelFact name={t('alerts.rules.panel.version')}>{formatCount(version)}</PanelFact>
        <PanelFact name={t('alerts.rules.panel.origin')}>
          {pack === undefined ? t('alerts.rules.panel.own') : t(`alerts.rules.pack.${pack}`)}
        </PanelFact>
        <PanelFact name={t('alerts.rules.panel.changed')}>
          <Sentence
            parts={{ time: <Moment at={changedAt} />, name: <bdi>{changedBy.name}</bdi> }}
            say={(places) => t('alerts.rules.panel.changedBy', places)}
          />
        </PanelFact>
      </dl>
      <p className={styles.ways}>
        <button type="button" className={styles.way} onClick={onAlerts}>
          {t('alerts.panel.ruleAlerts')}
        </button>
      </p>
    </PanelSection>
  )
}

/** Turns the rule on or off, for a reason; or goes on to change it. */
function Turn({ view, onEdit }: { readonly view: RuleView; readonly onEdit: () => void }): ReactElement {
  const { t } = useTranslation(['translation', 'alerts'])
  const [isAsking, setIsAsking] = useState(false)
  const turning = useTurning(view.rule.id)
  const isOn = view.state === 'on' || view.state === 'learning'
  return (
    <div className={say.turn}>
      {!isAsking && (
        <div className={say.buttons}>
          <Button variant="default" onClick={() => setIsAsking(true)}>
            {t(isOn ? 'alerts.rules.panel.disable' : 'alerts.rules.panel.enable')}
          </Button>
          <Button variant="default" onClick={onEdit}>
            {t('rule.change', { ns: 'alerts' })}
          </Button>
        </div>
      )}
      {turning.error !== null && <ActProblem error={asApiError(turning.error)} onDismiss={turning.reset} />}
      {isAsking && (
        <SayForm
          label={t('alerts.rules.panel.reason')}
          confirm={t(isOn ? 'alerts.rules.panel.disableConfirm' : 'alerts.rules.panel.enableConfirm')}
          isBusy={turning.isPending}
          most={500}
          note={isOn ? <p className={say.note}>{t('alerts.rules.panel.disableNote')}</p> : undefined}
          onCancel={() => setIsAsking(false)}
          onSay={(reason) => turning.mutate({ isOn: !isOn, reason }, { onSuccess: () => setIsAsking(false) })}
        />
      )}
    </div>
  )
}

// What a mutation is made of is all there is to say about its type.
function useTurning(rule: string) {
  const api = useApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ isOn, reason }: { isOn: boolean; reason: string }) =>
      api.alerts(tracker.location).turnRule(rule, isOn, reason),
    networkMode: 'always',
    onSuccess: (view) => {
      queries.setQueryData<readonly RuleView[]>(['rules', tracker.location], (known) =>
        known?.map((each) => (each.rule.id === rule ? view : each)),
      )
      refresh()
    },
  })
}
