/** A new adapter: its name, and the root key under which everything behind it is kept. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi, RootKey } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Moment } from '../shared/moment.tsx'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import cards from '../shared/cards.module.css'
import form from '../shared/say-form.module.css'
import styles from './kmip.module.css'

interface AdapterFormProps {
  readonly guid: string
  readonly api: KmipApi
  readonly onCancel: () => void
  readonly onMade: (adapter: KmipAdapter) => void
}

/** As the server has it: no id can be mistaken for a name. */
export const namePattern = /^[A-Za-z0-9_-]{2,40}$/

export function AdapterForm({ guid, api, onCancel, onMade }: AdapterFormProps): ReactElement {
  const { t } = useTranslation('kmip')
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [rootKey, setRootKey] = useState<ChosenKey>({ id: '' })
  const [isExpiringKeyAllowed, setIsExpiringKeyAllowed] = useState(false)
  const ids = { name: useId(), description: useId(), hint: useId() }
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const making = useMutation({
    mutationFn: () => api.create({ name, description: description.trim(), rootKey: rootKey.id, isExpiringKeyAllowed }),
    networkMode: 'always',
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['kmip-adapters', guid] })
      onMade(made)
    },
  })
  const { expiresAt } = rootKey
  const isSound = namePattern.test(name) && rootKey.id !== '' && (expiresAt === undefined || isExpiringKeyAllowed)
  const isChanged = name !== '' || description !== '' || rootKey.id !== ''
  const { question } = useUnsaved(t('new'), isChanged, making.isPending)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isSound && !making.isPending) making.mutate()
  }
  return (
    <>
      <form
        className={`${cards.card ?? ''} ${styles.form ?? ''}`}
        onSubmit={submit}
        onKeyDown={cancelByEscape(onCancel)}
      >
        <h2 className={cards.name}>{t('new')}</h2>
        <p className={cards.note}>{t('newText')}</p>
        <label htmlFor={ids.name} className={form.label}>
          {t('name')}
        </label>
        <input
          ref={first}
          id={ids.name}
          className={form.field}
          value={name}
          maxLength={40}
          autoComplete="off"
          spellCheck={false}
          aria-describedby={ids.hint}
          aria-invalid={name !== '' && !namePattern.test(name)}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p id={ids.hint} className={form.note}>
          {t('nameHint')}
        </p>
        <RootKeyChoice guid={guid} api={api} chosen={rootKey} onChoose={setRootKey} />
        {expiresAt !== undefined && (
          <label className={form.choice}>
            <input
              type="checkbox"
              checked={isExpiringKeyAllowed}
              onChange={(event) => setIsExpiringKeyAllowed(event.currentTarget.checked)}
            />
            <span>
              {t('expiring')} <Moment at={expiresAt} />
            </span>
          </label>
        )}
        <label htmlFor={ids.description} className={form.label}>
          {t('descriptionOptional')}
        </label>
        <input
          id={ids.description}
          className={form.field}
          value={description}
          maxLength={240}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {making.error !== null && (
          <ActProblem error={asApiError(making.error)} forbidden={t('forbiddenChange')} onDismiss={making.reset} />
        )}
        <div className={form.buttons}>
          <Button type="submit" disabled={!isSound || making.isPending}>
            {t('create')}
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            {t('cancel')}
          </Button>
        </div>
      </form>
      {question}
    </>
  )
}

/** What is typed need not be one of those that were read. */
type ChosenKey = Pick<RootKey, 'id' | 'expiresAt'>

interface RootKeyChoiceProps {
  readonly guid: string
  readonly api: KmipApi
  readonly chosen: ChosenKey
  readonly onChoose: (key: ChosenKey) => void
}

const other = 'other'

function RootKeyChoice({ guid, api, chosen, onChoose }: RootKeyChoiceProps): ReactElement {
  const { t } = useTranslation('kmip')
  const [isTyped, setIsTyped] = useState(false)
  const ids = { select: useId(), typed: useId() }
  const { data: keys, error } = useQuery({
    queryKey: ['kmip-root-keys', guid],
    queryFn: ({ signal }) => api.rootKeys(signal),
  })
  const mustType = isTyped || error !== null || keys?.length === 0
  return (
    <>
      {keys !== undefined && keys.length > 0 && (
        <>
          <label htmlFor={ids.select} className={form.label}>
            {t('rootKey')}
          </label>
          <select
            id={ids.select}
            className={form.field}
            value={isTyped ? other : chosen.id}
            onChange={({ currentTarget: { value } }) => {
              setIsTyped(value === other)
              onChoose(keys.find(({ id }) => id === value) ?? { id: '' })
            }}
          >
            <option value="">{t('chooseKey')}</option>
            {keys.map(({ id, name }) => (
              <option key={id} value={id}>
                {name} ({id})
              </option>
            ))}
            <option value={other}>{t('otherKey')}</option>
          </select>
        </>
      )}
      {error !== null && <p className={form.note}>{t('keysUnread', { message: asApiError(error).message })}</p>}
      {keys?.length === 0 && <p className={form.note}>{t('noKeys')}</p>}
      {mustType && (
        <>
          <label htmlFor={ids.typed} className={form.label}>
            {t('typedKey')}
          </label>
          <input
            id={ids.typed}
            className={form.field}
            value={chosen.id}
            maxLength={90}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChoose({ id: event.currentTarget.value.trim() })}
          />
        </>
      )}
    </>
  )
}
