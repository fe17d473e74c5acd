/** For how long events are kept: longer at one person's word, shorter (or no tracker at all) only at two people's. */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NewProposal, Proposal, Retention } from '../api/integrity-api.ts'
import { useRoom } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { Fact } from '../shared/fact.tsx'
import { inSight } from '../shared/in-sight.ts'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import { type RetentionChange, changeOf, daysMax } from './retention-change.ts'
import { useKeepingAct } from './use-keeping-act.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface RetentionSectionProps {
  readonly retention: Retention
  readonly proposals: readonly Proposal[]
}

export function RetentionSection({ retention, proposals }: RetentionSectionProps): ReactElement {
  const { t } = useTranslation('integrity')
  const [form, setForm] = useState<'days' | 'removal'>()
  const [said, setSaid] = useState('')
  const { retentionDays: days, before, minimumIndex } = retention
  const isRemovalOpen = proposals.some(({ kind, state }) => kind === 'tracker-removal' && state === 'open')
  const done = (text: string): void => {
    setForm(undefined)
    setSaid(text)
  }
  return (
    <section className={sheet.section} aria-labelledby="retention">
      <h2 id="retention" className={sheet.heading}>
        {t('retention')}
      </h2>
      <dl className={sheet.facts}>
        <Fact name={t('keeping.kept')}>
          {days === 0 ? t('forEver') : t('atLeast', { count: days, formatted: formatCount(days) })}
        </Fact>
        {before !== null && (
          <Fact name={t('keeping.mayLeave')}>
            {t('keeping.before')} <Moment at={before} />
          </Fact>
        )}
        <Fact name={t('minimumIndex')}>
          {minimumIndex === 0 ? t('nothingLeft') : t('leftBelow', { index: formatCount(minimumIndex) })}
        </Fact>
      </dl>
      <p className={sheet.text} role="status">
        {said}
      </p>
      {form === 'days' ? (
        <DaysForm now={days} onClose={() => setForm(undefined)} onDone={done} />
      ) : (
        <div className={sheet.actions}>
          <Button variant="default" onClick={() => setForm('days')}>
            {t('keeping.change')}
          </Button>
          <Button variant="default" disabled={isRemovalOpen} onClick={() => setForm('removal')}>
            {t('keeping.removal')}
          </Button>
        </div>
      )}
      {form === 'removal' && <RemovalDialog onClose={() => setForm(undefined)} onDone={done} />}
    </section>
  )
}

interface FormProps {
  readonly onClose: () => void
  readonly onDone: (said: string) => void
}

function DaysForm({ now, onClose, onDone }: FormProps & { readonly now: number }): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const [text, setText] = useState('')
  const [isAsking, setIsAsking] = useState(false)
  const change = changeOf(text, now)
  const unsaved = useUnsaved(t('keeping.change'), text.trim() !== '')
  const cancel = (): void => unsaved.leave(onClose)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (change.kind === 'longer' || change.kind === 'shorter') setIsAsking(true)
  }
  return (
    <>
      <form ref={inSight} className={styles.form} onSubmit={submit} onKeyDown={cancelByEscape(cancel)}>
        <TextInput
          label={t('keeping.days')}
          description={t('keeping.daysHelp', { most: formatCount(daysMax) })}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          inputMode="numeric"
          autoComplete="off"
          data-autofocus
        />
        <p className={sheet.text} role="status">
          {text === '' ? '' : t(`keeping.is.${change.kind}`)}
        </p>
        <div className={sheet.actions}>
          <Button type="submit" disabled={change.kind !== 'longer' && change.kind !== 'shorter'}>
            {t(change.kind === 'shorter' ? 'keeping.propose' : 'keeping.keepLonger')}
          </Button>
          <Button variant="subtle" onClick={cancel}>
            {tAll('cancel')}
          </Button>
        </div>
      </form>
      {isAsking && (change.kind === 'longer' || change.kind === 'shorter') && (
        <DaysDialog change={change} onClose={() => setIsAsking(false)} onDone={onDone} />
      )}
      {unsaved.question}
    </>
  )
}

interface DaysDialogProps extends FormProps {
  readonly change: Extract<RetentionChange, { days: number }>
}

function DaysDialog({ change, onClose, onDone }: DaysDialogProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { kind, days } = change
  const { act, isBusy, error, problem } = useKeepingAct(
    (api) => (kind === 'longer' ? api.keepLonger(days) : api.propose({ kind: 'retention', retentionDays: days })),
    () => onDone(t(`keeping.done.${kind}`)),
  )
  const length = days === 0 ? t('forEver') : t('atLeast', { count: days, formatted: formatCount(days) })
  return (
    <ConfirmDialog
      title={t(`keeping.ask.${kind}`)}
      confirm={t(kind === 'longer' ? 'keeping.keepLonger' : 'keeping.propose')}
      isBusy={isBusy}
      error={error}
      explain={() => problem}
      onConfirm={act}
      onCancel={onClose}
    >
      <p>{t(`keeping.willBe.${kind}`, { length })}</p>
      <p className={sheet.note}>{t(kind === 'longer' ? 'keeping.longerNote' : 'keeping.shorterNote')}</p>
    </ConfirmDialog>
  )
}

function RemovalDialog({ onClose, onDone }: FormProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const proposal: NewProposal = { kind: 'tracker-removal' }
  const { act, isBusy, error, problem } = useKeepingAct(
    (api) => api.propose(proposal),
    () => onDone(t('keeping.done.shorter')),
  )
  const { location } = tracker
  return (
    <ConfirmDialog
      title={t('keeping.removalAsk', { location })}
      confirm={t('keeping.removalConfirm')}
      isBusy={isBusy}
      error={error}
      explain={() => problem}
      typed={[location]}
      typedLabel={t('keeping.removalType', { location })}
      onConfirm={act}
      onCancel={onClose}
    >
      <p>{t('keeping.removalText', { location })}</p>
      <p className={sheet.note}>{t('keeping.shorterNote')}</p>
    </ConfirmDialog>
  )
}
