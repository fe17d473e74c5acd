/** What can be done about an alert: buttons, and for what needs words, a form below them. */
import { Button } from '@mantine/core'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert } from '../api/alert-types.ts'
import { useSession } from '../app/session.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { AssignForm } from './assign-form.tsx'
import { MuteForm } from './mute-form.tsx'
import { SayForm } from '../shared/say-form.tsx'
import type { ActControl } from './use-act.ts'
import styles from './alert-actions.module.css'

interface AlertActionsProps {
  readonly alert: Alert
  readonly acting: ActControl
}

type Form = 'acknowledge' | 'comment' | 'close' | 'reopen' | 'mute' | 'assign'

export function AlertActions({ alert, acting }: AlertActionsProps): ReactElement {
  const { t } = useTranslation(['translation', 'alerts'])
  const { identity } = useSession()
  const [form, setForm] = useState<Form>()
  const { act, isBusy, problem, dismiss } = acting
  const isClosed = alert.state === 'closed'
  const button = (name: Form, label: string): ReactElement => (
    <Button
      variant="default"
      aria-expanded={form === name}
      disabled={isBusy}
      onClick={() => setForm(form === name ? undefined : name)}
    >
      {label}
    </Button>
  )
  return (
    <section className={styles.actions} aria-label={t('alerts.act.label')}>
      <div className={styles.buttons}>
        {alert.state === 'open' && (
          <Button disabled={isBusy} onClick={() => void act(alert, { kind: 'acknowledge' })}>
            {t('alerts.act.acknowledge')}
          </Button>
        )}
        {alert.state === 'open' && button('acknowledge', t('alerts.act.acknowledgeWith'))}
        {!isClosed && alert.assignee?.id !== identity.id && (
          <Button
            variant="default"
            disabled={isBusy}
            onClick={() => void act(alert, { kind: 'assign', assignee: identity.id })}
          >
            {t('alerts.act.assignMe')}
          </Button>
        )}
        {!isClosed && alert.assignee !== undefined && (
          <Button
            variant="default"
            disabled={isBusy}
            onClick={() => void act(alert, { kind: 'assign', assignee: null })}
          >
            {t('alerts.act.assignNobody')}
          </Button>
        )}
        {!isClosed && button('assign', t('assign.other', { ns: 'alerts' }))}
        {button('comment', t('alerts.act.comment'))}
        {isClosed ? button('reopen', t('alerts.act.reopen')) : button('close', t('alerts.act.close'))}
        {button('mute', t('alerts.act.mute'))}
      </div>
      {problem?.id === alert.id && <ActProblem error={problem.error} onDismiss={dismiss} />}
      {form === 'mute' && <MuteForm alert={alert} onDone={() => setForm(undefined)} />}
      {form === 'assign' && (
        <AssignForm
          alert={alert}
          isBusy={isBusy}
          onCancel={() => setForm(undefined)}
          onAssign={async (assignee) => {
            if (await act(alert, { kind: 'assign', assignee })) setForm(undefined)
          }}
        />
      )}
      {form !== undefined && form !== 'mute' && form !== 'assign' && (
        <SayForm
          key={form}
          label={t(`alerts.act.commentLabel.${form}`)}
          confirm={t(`alerts.act.confirm.${form}`)}
          isBusy={isBusy}
          onCancel={() => setForm(undefined)}
          onSay={async (comment) => {
            if (await act(alert, { kind: form, comment })) setForm(undefined)
          }}
        />
      )}
    </section>
  )
}
