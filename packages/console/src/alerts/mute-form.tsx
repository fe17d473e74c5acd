/** Muting what an alert is about: how much of it, for how long, and why. */
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert, NewMute } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useZone } from '../app/zone.tsx'
import { zoneNow } from '../trail/time-range.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { useAlerting } from './alerting-room.tsx'
import { SelectField, TextField } from './form-fields.tsx'
import { FormButtons } from '../shared/form-buttons.tsx'
import { Moment } from '../shared/moment.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { type MuteEnd, type MuteLength, muteEnd, muteLengths } from './mute-end.ts'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import styles from '../shared/say-form.module.css'

const lengths = [...(Object.keys(muteLengths) as MuteLength[]), 'time'] as const
const reasonMax = 500

interface MuteFormProps {
  readonly alert: Alert
  readonly onMuted: (until: string) => void
  readonly onCancel: () => void
}

export function MuteForm({ alert, onMuted, onCancel }: MuteFormProps): ReactElement {
  const { t } = useTranslation()
  const { zone } = useZone()
  const hasGroup = alert.group.length > 0
  const [isGroupOnly, setIsGroupOnly] = useState(hasGroup)
  const [length, setLength] = useState<(typeof lengths)[number]>('4h')
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const [wrong, setWrong] = useState<Extract<MuteEnd, { problem: string }>['problem']>()
  const muting = useMuting()
  const isChanged = reason.trim() !== '' || typed.trim() !== ''
  const unsaved = useUnsaved(t('alerts.act.mute'), isChanged, muting.isPending)
  const cancel = (): void => unsaved.leave(onCancel)
  const group = alert.group.map(({ field, value, name }) => `${field} ${name ?? value}`).join(', ')

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const end = muteEnd(length, typed, Date.now(), zone)
    setWrong('problem' in end ? end.problem : undefined)
    if ('problem' in end || reason.trim() === '') return
    const values = Object.fromEntries(alert.group.map(({ field, value }) => [field, value]))
    muting.mutate(
      {
        rule: alert.rule,
        ...(isGroupOnly && hasGroup && { group: values }),
        reason: reason.trim(),
        until: end.until,
      },
      { onSuccess: ({ until }) => onMuted(until) },
    )
  }
  return (
    <>
      <form className={styles.form} onSubmit={submit} onKeyDown={cancelByEscape(cancel)}>
        <fieldset className={styles.group}>
          <legend className={styles.label}>{t('alerts.mute.scope')}</legend>
          {hasGroup && (
            <label className={styles.choice}>
              <input type="radio" name="scope" checked={isGroupOnly} onChange={() => setIsGroupOnly(true)} />
              {t('alerts.mute.scopeGroup', { group })}
            </label>
          )}
          <label className={styles.choice}>
            <input type="radio" name="scope" checked={!isGroupOnly} onChange={() => setIsGroupOnly(false)} />
            {t('alerts.mute.scopeRule')}
          </label>
        </fieldset>
        <SelectField
          label={t('alerts.mute.until')}
          value={length}
          options={lengths.map((value) => ({ value, text: t(`alerts.mute.lengths.${value}`) }))}
          onChange={setLength}
        />
        {length === 'time' && (
          <TextField
            label={t('alerts.mute.time', { zone: zoneNow(zone) })}
            placeholder={t('range.placeholder')}
            fault={wrong === undefined ? undefined : t(`alerts.mute.problem.${wrong}`)}
            value={typed}
            onChange={setTyped}
          />
        )}
        <TextField label={t('alerts.mute.reason')} most={reasonMax} value={reason} onChange={setReason} />
        <p className={styles.note}>{t('alerts.mute.note')}</p>
        {muting.error !== null && <ActProblem error={asApiError(muting.error)} onDismiss={muting.reset} />}
        <FormButtons
          confirm={t('alerts.mute.confirm')}
          isReady={reason.trim() !== '' && !muting.isPending}
          onCancel={cancel}
        />
      </form>
      {unsaved.question}
    </>
  )
}

/** What was done, until somebody has seen it. */
export function MutedNote({ until, onSeen }: { readonly until: string; readonly onSeen: () => void }): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={styles.form}>
      <p role="status">
        <Sentence parts={{ time: <Moment at={until} /> }} say={(places) => t('alerts.mute.done', places)} />
      </p>
      <div className={styles.buttons}>
        <Button variant="default" onClick={onSeen}>
          {t('alerts.mute.seen')}
        </Button>
      </div>
    </div>
  )
}

// What a mutation is made of is all there is to say about its type.
function useMuting() {
  const api = useApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (mute: NewMute) => api.alerts(tracker.location).mute(mute),
    networkMode: 'always',
    onSuccess: () => {
      refresh()
      void queries.invalidateQueries({ queryKey: ['mutes', tracker.location] })
    },
  })
}
