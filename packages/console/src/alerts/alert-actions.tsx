/**
 * What can be done about an alert: buttons, and for what needs words, a form below them. A form that gives way to another
 * one, or is folded by its button, keeps what was typed until it is sent, discarded, or the panel is closed.
 */
import { Button } from '@mantine/core'
import { type ReactElement, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert } from '../api/alert-types.ts'
import { useSession } from '../app/session.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { AssignForm } from './assign-form.tsx'
import { MutedNote, MuteForm } from './mute-form.tsx'
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
  const [mutedUntil, setMutedUntil] = useState<string>()
  const [begun, setBegun] = useState<ReadonlySet<Form>>(new Set())
  const { act, isBusy, problem, dismiss } = acting
  const isClosed = alert.state === 'closed'
  const show = (name: Form): void => {
    setForm(name)
    setMutedUntil(undefined)
    setBegun(new Set([...begun, name]))
  }
  const done = (name: Form): void => {
    setForm((now) => (now === name ? undefined : now))
    setBegun((now) => new Set([...now].filter((each) => each !== name)))
  }
  const button = (name: Form, label: string): ReactElement => (
    <Button
      variant="default"
      aria-expanded={form === name}
      disabled={isBusy}
      onClick={() => (form === name ? setForm(undefined) : show(name))}
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
      {[...begun].map((name) => (
        <Kept key={name} isShown={name === form}>
          <ActForm name={name} alert={alert} acting={acting} onMuted={setMutedUntil} onDone={() => done(name)} />
        </Kept>
      ))}
      {mutedUntil !== undefined && <MutedNote until={mutedUntil} onSeen={() => setMutedUntil(undefined)} />}
    </section>
  )
}

/** A form that is there while it is not seen. */
function Kept({ isShown, children }: { readonly isShown: boolean; readonly children: ReactNode }): ReactElement {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (isShown) box.current?.querySelector<HTMLElement>('input:checked, textarea, select')?.focus()
  }, [isShown])
  return (
    <div ref={box} hidden={!isShown}>
      {children}
    </div>
  )
}

interface ActFormProps extends AlertActionsProps {
  readonly name: Form
  readonly onMuted: (until: string) => void
  readonly onDone: () => void
}

function ActForm({ name, alert, acting, onMuted, onDone }: ActFormProps): ReactElement {
  const { t } = useTranslation()
  const { act, isBusy } = acting
  if (name === 'mute') {
    const muted = (until: string): void => {
      onDone()
      onMuted(until)
    }
    return <MuteForm alert={alert} onMuted={muted} onCancel={onDone} />
  }
  if (name === 'assign') {
    return (
      <AssignForm
        alert={alert}
        isBusy={isBusy}
        onCancel={onDone}
        onAssign={async (assignee) => {
          if (await act(alert, { kind: 'assign', assignee })) onDone()
        }}
      />
    )
  }
  return (
    <SayForm
      label={t(`alerts.act.commentLabel.${name}`)}
      confirm={t(`alerts.act.confirm.${name}`)}
      isBusy={isBusy}
      onCancel={onDone}
      onSay={async (comment) => {
        if (await act(alert, { kind: name, comment })) onDone()
      }}
    />
  )
}
