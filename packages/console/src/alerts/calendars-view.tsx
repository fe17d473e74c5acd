/** The calendars that rules go by: their hours and days off, which rules use them; one of them being written. */
import { Button } from '@mantine/core'
import { type ReactElement, useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Calendar, RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { useRights } from '../app/rights.ts'
import { PanelFact } from '../app/side-panel.tsx'
import { useEscape } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { rangesText, weekdays } from './calendar-draft.ts'
import { CalendarEditor } from './calendar-editor.tsx'
import { PageFrame, type ViewProps } from './page-frame.tsx'
import { RulesUsing } from './rules-using.tsx'
import { useRefusalWords } from './use-refusal-words.ts'
import { useCalendars, useChange, useRules } from './use-setup.ts'
import styles from '../shared/cards.module.css'

export function CalendarsView({ search, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation('alerts')
  const may = useRights()
  const { tracker } = useRoom()
  const { data, error, refetch } = useCalendars()
  const rules = useRules()
  const mayWrite = may('trail.watch', { tracker: tracker.location })
  const open = data?.find(({ id }) => id === search.calendar)
  const back = useCallback(() => onChange({ view: 'calendars' }), [onChange])
  const isWriting = search.new === 'calendar' || search.edit === true
  useEscape(isWriting ? back : undefined)
  const begin = (): void => onChange({ view: 'calendars', new: 'calendar' })

  if (isWriting && data !== undefined) {
    return (
      <PageFrame view="calendars" search={search} onChange={onChange}>
        {!mayWrite && <StateView kind="forbidden" title={t('calendar.forbidden')} text={t('refusal.forbidden')} />}
        {mayWrite && search.edit === true && open === undefined && (
          <StateView kind="missing" title={t('calendar.missing')} text={t('calendar.missingText')} />
        )}
        {mayWrite && (search.new === 'calendar' || open !== undefined) && (
          <CalendarEditor key={open?.id ?? ''} calendar={open} known={data} onDone={back} />
        )}
      </PageFrame>
    )
  }
  return (
    <PageFrame view="calendars" search={search} onChange={onChange}>
      {data === undefined && error === null && <StateView kind="loading" title={t('calendar.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed title={t('calendar.failed')} error={asApiError(error)} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <StateView kind="quiet" title={t('calendar.empty')} text={t('calendar.emptyText')}>
          {mayWrite && <Button onClick={begin}>{t('calendar.new')}</Button>}
        </StateView>
      )}
      {data !== undefined && data.length > 0 && (
        <div className={styles.many} tabIndex={0} role="group" aria-label={t('calendar.all')}>
          {mayWrite && (
            <div>
              <Button onClick={begin}>{t('calendar.new')}</Button>
            </div>
          )}
          {data.map((calendar) => (
            <CalendarCard
              key={calendar.id}
              calendar={calendar}
              mayWrite={mayWrite}
              using={rules.data?.filter(({ rule }) => rule.during?.calendar === calendar.id)}
              rules={{ error: rules.error, onRetry: () => void rules.refetch() }}
              onChange={onChange}
            />
          ))}
        </div>
      )}
    </PageFrame>
  )
}

interface CalendarCardProps {
  readonly calendar: Calendar
  readonly mayWrite: boolean
  readonly using: readonly RuleView[] | undefined
  readonly rules: { readonly error: Error | null; readonly onRetry: () => void }
  readonly onChange: ViewProps['onChange']
}

function CalendarCard({ calendar, mayWrite, using, rules, onChange }: CalendarCardProps): ReactElement {
  const { t } = useTranslation('alerts')
  const [isAsking, setIsAsking] = useState(false)
  const { id, name, zone, hours, holidays } = calendar
  return (
    <section className={styles.card}>
      <div className={styles.top}>
        <h2 className={styles.name}>
          <bdi>{name}</bdi>
        </h2>
        <p className={styles.state}>{zone}</p>
      </div>
      <p className={styles.note}>
        <code>{id}</code>
      </p>
      <dl>
        {weekdays.map((day) => (
          <PanelFact key={day} name={t(`weekday.${day}`)}>
            {rangesText(hours[day] ?? []) || t('calendar.closed')}
          </PanelFact>
        ))}
        <PanelFact name={t('calendar.holidays')}>{holidays.join(', ') || t('calendar.noHolidays')}</PanelFact>
        <PanelFact name={t('calendar.usedBy')}>
          <RulesUsing using={using} {...rules} onChange={onChange} />
        </PanelFact>
      </dl>
      {mayWrite && (
        <div className={styles.buttons}>
          <Button
            variant="default"
            aria-label={t('calendar.changeLabel', { name })}
            onClick={() => onChange({ view: 'calendars', calendar: id, edit: true })}
          >
            {t('calendar.change')}
          </Button>
          <Button variant="subtle" aria-label={t('calendar.deleteLabel', { name })} onClick={() => setIsAsking(true)}>
            {t('calendar.delete')}
          </Button>
        </div>
      )}
      {isAsking && <Deletion calendar={calendar} using={using ?? []} onClose={() => setIsAsking(false)} />}
    </section>
  )
}

interface DeletionProps {
  readonly calendar: Calendar
  readonly using: readonly RuleView[]
  readonly onClose: () => void
}

function Deletion({ calendar, using, onClose }: DeletionProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('calendar')
  const deleting = useChange(['calendars'], (api, id: string) => api.deleteCalendar(id))
  const names = using.map(({ rule }) => t('quoted', { name: rule.name })).join(', ')
  return (
    <ConfirmDialog
      title={t('calendar.deleteConfirm')}
      name={calendar.name}
      will={[using.length > 0 ? t('calendar.deleteUsed', { names }) : t('calendar.deleteWill')]}
      confirm={t('calendar.deleteConfirm')}
      isReady={using.length === 0}
      isBusy={deleting.isPending}
      error={deleting.error}
      explain={words.said}
      onCancel={onClose}
      onConfirm={() => deleting.mutate(calendar.id, { onSuccess: onClose })}
    />
  )
}
