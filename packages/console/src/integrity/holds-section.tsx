/** Legal holds: what may not leave the log whatever its retention, and placing one. */
import { Button, TextInput } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type FormEvent, type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Hold, NewHold, Proposal } from '../api/integrity-api.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { inSight } from '../shared/in-sight.ts'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import { coverageText } from './hold-coverage.ts'
import { useKeepingAct } from './use-keeping-act.ts'
import sheet from '../shared/sheet.module.css'
import styles from './integrity.module.css'

interface HoldsSectionProps {
  readonly holds: readonly Hold[]
  readonly proposals: readonly Proposal[]
  readonly openId: string | undefined
  readonly onOpen: (id: string) => void
}

export function HoldsSection({ holds, proposals, openId, onOpen }: HoldsSectionProps): ReactElement {
  const { t } = useTranslation('integrity')
  const [isPlacing, setIsPlacing] = useState(false)
  const [said, setSaid] = useState('')
  return (
    <section className={sheet.section} aria-labelledby="holds">
      <h2 id="holds" className={sheet.heading}>
        {t('holds')}
      </h2>
      <p className={sheet.note}>{t('hold.intro')}</p>
      <p className={sheet.text} role="status">
        {said}
      </p>
      {isPlacing ? (
        <HoldForm
          onClose={() => setIsPlacing(false)}
          onDone={() => {
            setIsPlacing(false)
            setSaid(t('hold.placed'))
          }}
        />
      ) : (
        <div className={sheet.actions}>
          <Button variant="default" onClick={() => setIsPlacing(true)}>
            {t('hold.place')}
          </Button>
        </div>
      )}
      <DataTable
        label={t('holds')}
        columns={columnsIn(t, proposals)}
        rows={holds}
        keyOf={({ id }) => id}
        openKey={openId}
        onOpen={({ id }) => onOpen(id)}
        none={t('hold.none')}
      />
    </section>
  )
}

function columnsIn(
  t: TFunction<'integrity'>,
  proposals: readonly Proposal[],
): readonly [Column<Hold>, ...Column<Hold>[]] {
  const isProposed = (id: string): boolean => proposals.some(({ hold, state }) => hold === id && state === 'open')
  return [
    { id: 'reason', title: t('hold.reason'), cell: ({ reason }) => reason, sortBy: ({ reason }) => reason },
    {
      id: 'state',
      title: t('hold.state'),
      cell: ({ id, state }) => (
        <StateLabel tone={isProposed(id) ? 'pending' : 'plain'}>
          {t(isProposed(id) ? 'hold.releaseProposed' : `hold.states.${state}`)}
        </StateLabel>
      ),
      sortBy: ({ state }) => state,
    },
    { id: 'covers', title: t('hold.covers'), needs: 'middle', cell: (hold) => coverageText(hold, t) },
    {
      id: 'placed',
      title: t('hold.placedAt'),
      needs: 'middle',
      cell: ({ placedBy, placedAt }) => (
        <>
          {placedBy.name} <Moment at={placedAt} />
        </>
      ),
      sortBy: ({ placedAt }) => placedAt,
    },
  ]
}

interface HoldFormProps {
  readonly onClose: () => void
  readonly onDone: () => void
}

const numberForm = /^\d{0,15}$/

function HoldForm({ onClose, onDone }: HoldFormProps): ReactElement {
  const { t } = useTranslation('integrity')
  const { t: tAll } = useTranslation()
  const [fields, setFields] = useState({ reason: '', query: '', first: '', last: '' })
  const { reason, query, first, last } = fields
  const set = (name: keyof typeof fields) => (event: { currentTarget: { value: string } }) =>
    setFields({ ...fields, [name]: event.currentTarget.value })
  const isValid = reason.trim() !== '' && numberForm.test(first.trim()) && numberForm.test(last.trim())
  const wish: NewHold = {
    reason: reason.trim(),
    ...(query.trim() !== '' && { query: query.trim() }),
    ...(first.trim() !== '' && { first: Number(first) }),
    ...(last.trim() !== '' && { last: Number(last) }),
  }
  const { act, isBusy, error, problem, reset } = useKeepingAct((api) => api.hold(wish), onDone)
  const isChanged = Object.values(fields).some((text) => text.trim() !== '')
  const unsaved = useUnsaved(t('hold.place'), isChanged, isBusy)
  const cancel = (): void => unsaved.leave(onClose)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isValid && !isBusy) act()
  }
  return (
    <>
      <form
        ref={inSight}
        className={styles.form}
        onSubmit={submit}
        onKeyDown={cancelByEscape(cancel)}
        aria-label={t('hold.place')}
      >
        <TextInput
          label={t('hold.reason')}
          description={t('hold.reasonHelp')}
          maxLength={500}
          value={reason}
          onChange={set('reason')}
        />
        <TextInput
          label={t('hold.query')}
          description={t('hold.queryHelp')}
          value={query}
          onChange={set('query')}
          autoComplete="off"
          spellCheck={false}
        />
        <div className={styles.pair}>
          <TextInput
            label={t('hold.first')}
            inputMode="numeric"
            value={first}
            onChange={set('first')}
            autoComplete="off"
          />
          <TextInput
            label={t('hold.last')}
            inputMode="numeric"
            value={last}
            onChange={set('last')}
            autoComplete="off"
          />
        </div>
        <p className={sheet.text}>{t('hold.willBe')}</p>
        {error !== undefined && <ActProblem error={error} said={problem} onDismiss={reset} />}
        <div className={sheet.actions}>
          <Button type="submit" disabled={!isValid} loading={isBusy}>
            {t('hold.confirm')}
          </Button>
          <Button variant="subtle" onClick={cancel}>
            {tAll('cancel')}
          </Button>
        </div>
      </form>
      {unsaved.question}
    </>
  )
}
