/** Assigning an alert to another person: a choice of those who may act here, asked for when the choice is opened. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Alert } from '../api/alert-types.ts'
import { type AuditHolder, createIamApi } from '../api/iam-api.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { cancelByEscape } from '../shared/say-form.tsx'
import { Field } from '../shared/field.tsx'
import { FormButtons } from '../shared/form-buttons.tsx'
import { type AssignChoice, assignable } from './assignable.ts'
import styles from '../shared/say-form.module.css'

interface AssignFormProps {
  readonly alert: Pick<Alert, 'assignee'>
  readonly isBusy: boolean
  readonly onCancel: () => void
  readonly onAssign: (id: string) => void | Promise<void>
}

/** More people nobody finds in a choice. */
const holdersMax = 1_000

export function AssignForm({ alert, isBusy, onCancel, onAssign }: AssignFormProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { calls } = useApi()
  const { tracker } = useRoom()
  const iam = useMemo(() => createIamApi(calls), [calls])
  const { data, error, refetch } = useQuery({
    queryKey: ['audit-holders-all', tracker.location],
    queryFn: async ({ signal }) => {
      const found: AuditHolder[] = []
      let after: string | null = null
      do {
        const part: Awaited<ReturnType<typeof iam.auditHolders>> = await iam.auditHolders(
          tracker.location,
          after,
          signal,
        )
        found.push(...part.items)
        after = part.next
      } while (after !== null && found.length < holdersMax)
      return { choices: assignable(found), isWhole: after === null }
    },
  })
  return (
    <div className={styles.form} onKeyDown={cancelByEscape(onCancel)}>
      {data === undefined && error === null && <p role="status">{t('assign.loading')}</p>}
      {data === undefined && error !== null && (
        <>
          <p className={styles.error} role="alert">
            {t('assign.failed', { message: asApiError(error).message })}
          </p>
          <div className={styles.buttons}>
            <Button variant="default" onClick={() => void refetch()}>
              {t('form.retry')}
            </Button>
            <Button variant="subtle" onClick={onCancel}>
              {t('form.cancel')}
            </Button>
          </div>
        </>
      )}
      {data !== undefined && (
        <Choice {...data} assignee={alert.assignee?.id} isBusy={isBusy} onCancel={onCancel} onAssign={onAssign} />
      )}
    </div>
  )
}

interface ChoiceProps {
  readonly choices: readonly AssignChoice[]
  readonly isWhole: boolean
  readonly assignee: string | undefined
  readonly isBusy: boolean
  readonly onCancel: () => void
  readonly onAssign: (id: string) => void | Promise<void>
}

function Choice({ choices, isWhole, assignee, isBusy, onCancel, onAssign }: ChoiceProps): ReactElement {
  const { t } = useTranslation('alerts')
  const [chosen, setChosen] = useState('')
  const select = useRef<HTMLSelectElement>(null)
  useEffect(() => select.current?.focus(), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (chosen !== '' && !isBusy) void onAssign(chosen)
  }
  return (
    <form className={styles.group} onSubmit={submit}>
      <Field label={t('assign.label')} hint={isWhole ? t('assign.hint') : t('assign.partly')}>
        {(control) => (
          <select
            {...control}
            ref={select}
            className={styles.field}
            value={chosen}
            onChange={(event) => setChosen(event.currentTarget.value)}
          >
            <option value="">{t('assign.choose')}</option>
            {choices
              .filter(({ id }) => id !== assignee)
              .map(({ id, text }) => (
                <option key={id} value={id}>
                  {text}
                </option>
              ))}
          </select>
        )}
      </Field>
      <FormButtons confirm={t('assign.confirm')} isReady={chosen !== '' && !isBusy} onCancel={onCancel} />
    </form>
  )
}
