/** The rules: what is watched for, which of them are on, and how they have been; the open one beside them, or being written. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRights } from '../app/rights.ts'
import { useEscape } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AlertSeverityLabel, RuleStateLabel } from './alert-labels.tsx'
import { Moment } from '../shared/moment.tsx'
import { LazyRuleEditor, LazyRulesImport } from './lazy-rule-editor.tsx'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { RulesDownload } from './rules-download.tsx'
import { RulePanel } from './rule-panel.tsx'
import styles from './rules-view.module.css'

const states = ['all', 'on', 'off', 'learning', 'suspended', 'needs'] as const

export function RulesView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  const { data, error, refetch } = useQuery({
    queryKey: ['rules', tracker.location],
    queryFn: ({ signal }) => api.alerts(tracker.location).rules(signal),
    refetchOnMount: 'always',
  })
  const openId = search.rule
  const close = useCallback(() => onChange({ view: 'rules' }), [onChange])
  const openView = data?.find(({ rule }) => rule.id === openId)
  const isWriting = search.new !== undefined || (search.edit === true && openView !== undefined)
  const toRule = useCallback((rule: string) => onChange({ view: 'rules', rule }), [onChange])
  const cancel = useCallback(() => (openId === undefined ? close() : toRule(openId)), [openId, close, toRule])
  useEscape(isWriting ? cancel : openId === undefined ? undefined : close)

  if (search.new === 'import') {
    return (
      <PageFrame view="rules" search={search} onChange={onChange}>
        <LazyRulesImport onDone={close} />
      </PageFrame>
    )
  }
  if (isWriting) {
    return (
      <PageFrame view="rules" search={search} onChange={onChange}>
        <LazyRuleEditor
          view={search.new === 'rule' ? undefined : openView}
          query={search.query ?? ''}
          onSaved={toRule}
          onCancel={cancel}
        />
      </PageFrame>
    )
  }
  return (
    <PageFrame
      view="rules"
      search={search}
      onChange={onChange}
      panel={
        openId !== undefined && data !== undefined ? (
          <RulePanel key={openId} view={openView} onClose={close} onChange={onChange} />
        ) : undefined
      }
    >
      {data === undefined && error === null && <StateView kind="loading" title={t('alerts.rules.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('alerts.rules.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <StateView kind="quiet" title={t('alerts.rules.empty')} text={t('alerts.rules.emptyText')}>
          <NewRules onNew={(made) => onChange({ view: 'rules', new: made })} />
        </StateView>
      )}
      {data !== undefined && data.length > 0 && (
        <RuleList
          rules={data}
          openId={openId}
          onOpen={(rule) => onChange({ view: 'rules', rule }, openId !== undefined)}
          onNew={(made) => onChange({ view: 'rules', new: made })}
        />
      )}
    </PageFrame>
  )
}

interface RuleListProps {
  readonly rules: readonly RuleView[]
  readonly openId: string | undefined
  readonly onOpen: (id: string) => void
  readonly onNew: OnNew
}

type OnNew = (made: 'rule' | 'import') => void

/** For those who may. */
function NewRules({ onNew }: { readonly onNew: OnNew }): ReactElement | null {
  const { t } = useTranslation('alerts')
  const may = useRights()
  const { tracker } = useRoom()
  if (!may('trail.watch', { tracker: tracker.location })) return null
  return (
    <>
      <Button onClick={() => onNew('rule')}>{t('rule.new')}</Button>
      <Button variant="default" onClick={() => onNew('import')}>
        {t('file.open')}
      </Button>
    </>
  )
}

function RuleList({ rules, openId, onOpen, onNew }: RuleListProps): ReactElement {
  const { t } = useTranslation()
  const [wanted, setWanted] = useState('')
  const [state, setState] = useState<(typeof states)[number]>('all')
  const words = wanted.trim().toLowerCase()
  const shown = rules.filter(
    (view) =>
      (state === 'all' || view.state === state) &&
      (words === '' || `${view.rule.name} ${view.rule.id}`.toLowerCase().includes(words)),
  )
  return (
    <>
      <div className={styles.tools}>
        <input
          className={styles.search}
          type="search"
          aria-label={t('alerts.rules.search')}
          placeholder={t('alerts.rules.search')}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <select
          className={styles.choice}
          aria-label={t('alerts.rules.state')}
          value={state}
          onChange={(event) => setState(states.find((each) => each === event.currentTarget.value) ?? 'all')}
        >
          {states.map((each) => {
            const count = each === 'all' ? rules.length : rules.filter((view) => view.state === each).length
            return (
              <option key={each} value={each}>
                {`${t(`alerts.rules.states.${each}`)} (${formatCount(count)})`}
              </option>
            )
          })}
        </select>
        <NewRules onNew={onNew} />
        <RulesDownload />
      </div>
      {/* Scrolled by the keyboard from any of its buttons. */}
      <div className={styles.box}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('alerts.rules.name')}</th>
              <th scope="col">{t('alerts.rules.state')}</th>
              <th scope="col">{t('alerts.rules.severity')}</th>
              <th scope="col" className={styles.number}>
                {t('alerts.rules.fired')}
              </th>
              <th scope="col" className={styles.last}>
                {t('alerts.rules.lastFired')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((view) => (
              <RuleRow key={view.rule.id} view={view} isOpen={view.rule.id === openId} onOpen={onOpen} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p className={styles.none} role="status">
            {t('alerts.rules.noMatch')}
          </p>
        )}
      </div>
    </>
  )
}

function RuleRow(props: { readonly view: RuleView; readonly isOpen: boolean; readonly onOpen: (id: string) => void }) {
  const { t } = useTranslation()
  const { view, isOpen, onOpen } = props
  const { rule, state, fired, lastFired, isDead } = view
  return (
    <tr className={styles.row} data-open={isOpen || undefined} onClick={() => onOpen(rule.id)}>
      <td>
        <button type="button" className={styles.name} aria-current={isOpen ? 'true' : undefined}>
          {rule.name}
        </button>
        {isDead && <span className={styles.dead}>{t('alerts.rules.dead')}</span>}
      </td>
      <td>
        <RuleStateLabel state={state} />
      </td>
      <td>
        <AlertSeverityLabel severity={rule.severity} />
      </td>
      <td className={styles.number}>{formatCount(fired)}</td>
      <td className={styles.last}>{lastFired === undefined ? t('alerts.rules.never') : <Moment at={lastFired} />}</td>
    </tr>
  )
}
