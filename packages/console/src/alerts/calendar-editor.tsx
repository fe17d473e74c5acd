/** A calendar being made or changed: its zone, the hours of each weekday, and the days that are free as a whole. */
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Calendar } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { calendarDraft, type CalendarDraft, calendarOf, weekdays } from './calendar-draft.ts'
import { EditorFrame } from './editor-frame.tsx'
import { AreaField, FieldGroup, TextField } from './form-fields.tsx'
import { NameAndId } from './name-and-id.tsx'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange } from './use-setup.ts'
import styles from './editor.module.css'

interface CalendarEditorProps {
  /** Undefined for a new one. */
  readonly calendar: Calendar | undefined
  /** All there are: a new one must not take the place of another. */
  readonly known: readonly Calendar[]
  readonly onDone: () => void
}

export function CalendarEditor({ calendar, known, onDone }: CalendarEditorProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('calendar')
  const zones = useId()
  const [begun] = useState(() => calendarDraft(calendar, new Intl.DateTimeFormat().resolvedOptions().timeZone))
  const [draft, setDraft] = useState(begun)
  const [tries, setTries] = useState(0)
  const saving = useChange(['calendars'], (api, wish: Calendar) => api.putCalendar(wish))
  const isNew = calendar === undefined
  const made = calendarOf(draft)
  const isTaken = isNew && known.some(({ id }) => id === draft.id)
  const refusal = saving.error === null ? undefined : asApiError(saving.error)
  const refusedAt = refusal?.at?.name.replace(/^calendar\./, '')
  const faultAt = (place: string): string | undefined => {
    if (tries === 0) return undefined
    if (place === 'id' && isTaken) return t('calendar.taken')
    const fault = 'faults' in made ? made.faults.get(place) : undefined
    if (fault !== undefined) return t(`calendarFault.${fault}`)
    return refusedAt === place || refusedAt?.startsWith(`${place}.`) === true ? refusal?.message : undefined
  }
  const change = (next: Partial<CalendarDraft>): void => {
    setDraft({ ...draft, ...next })
    saving.reset()
  }
  const save = (): void => {
    setTries((count) => count + 1)
    if ('faults' in made || isTaken || saving.isPending) return
    saving.mutate(made.calendar, { onSuccess: onDone, onError: () => setTries((count) => count + 1) })
  }
  return (
    <EditorFrame
      label={t(isNew ? 'calendar.new' : 'calendar.edit')}
      title={isNew ? t('calendar.new') : t('calendar.editOf', { name: calendar.name })}
      problem={
        refusal !== undefined &&
        refusedAt === undefined && <ActProblem error={refusal} said={words.said(refusal)} onDismiss={saving.reset} />
      }
      save={t(isNew ? 'calendar.create' : 'calendar.save')}
      note={t('calendar.anew')}
      isChanged={JSON.stringify(draft) !== JSON.stringify(begun)}
      isBusy={saving.isPending}
      tries={tries}
      onSave={save}
      onCancel={onDone}
    >
      <FieldGroup title={t('calendar.about')}>
        <NameAndId
          name={draft.name}
          id={draft.id}
          isNew={isNew}
          nameFault={faultAt('name')}
          idFault={faultAt('id')}
          onChange={change}
        />
        <TextField
          label={t('calendar.zone')}
          hint={t('calendar.zoneHint')}
          fault={faultAt('zone')}
          most={64}
          isCode
          list={zones}
          value={draft.zone}
          onChange={(zone) => change({ zone })}
        />
        <datalist id={zones}>
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </FieldGroup>
      <FieldGroup title={t('calendar.hours')} note={t('calendar.hoursNote')}>
        <div className={styles.row}>
          {weekdays.map((day) => (
            <TextField
              key={day}
              label={t(`weekday.${day}`)}
              fault={faultAt(`hours.${day}`)}
              isCode
              placeholder={t('calendar.closed')}
              value={draft.hours[day]}
              onChange={(text) => change({ hours: { ...draft.hours, [day]: text } })}
            />
          ))}
        </div>
      </FieldGroup>
      <AreaField
        label={t('calendar.holidays')}
        hint={t('calendar.holidaysHint')}
        fault={faultAt('holidays')}
        isOptional
        isCode
        rows={4}
        value={draft.holidays}
        onChange={(holidays) => change({ holidays })}
      />
    </EditorFrame>
  )
}
