/** A new adapter: its name, and the root key under which everything behind it is kept. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi, RootKey } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { CheckField, ChoiceField, TextField } from '../shared/fields.tsx'
import { FormButtons } from '../shared/form-buttons.tsx'
import { Moment } from '../shared/moment.tsx'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import { useRootKeys } from './root-keys.ts'
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
  const { t: common } = useTranslation()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [rootKey, setRootKey] = useState<ChosenKey>({ id: '' })
  const [isExpiringKeyAllowed, setIsExpiringKeyAllowed] = useState(false)
  const fields = useRef<HTMLFormElement>(null)
  useEffect(() => fields.current?.querySelector('input')?.focus(), [])
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
        ref={fields}
        className={`${cards.card ?? ''} ${styles.form ?? ''}`}
        onSubmit={submit}
        onKeyDown={cancelByEscape(onCancel)}
      >
        <h2 className={cards.name}>{t('new')}</h2>
        <p className={cards.note}>{t('newText')}</p>
        <TextField
          label={t('name')}
          note={t('nameHint')}
          most={40}
          value={name}
          isWrong={name !== '' && !namePattern.test(name)}
          onChange={setName}
        />
        <RootKeyChoice guid={guid} api={api} chosen={rootKey} onChoose={setRootKey} />
        {expiresAt !== undefined && (
          <CheckField
            label={
              <>
                {t('expiring')} <Moment at={expiresAt} />
              </>
            }
            isOn={isExpiringKeyAllowed}
            onChange={setIsExpiringKeyAllowed}
          />
        )}
        <TextField label={t('descriptionOptional')} most={240} value={description} isProse onChange={setDescription} />
        {making.error !== null && (
          <ActProblem
            error={asApiError(making.error)}
            forbidden={t('forbiddenChange')}
            said={asApiError(making.error).kind === 'network' ? common('confirm.offline') : undefined}
            onDismiss={making.reset}
          />
        )}
        <FormButtons confirm={t('create')} isReady={isSound && !making.isPending} onCancel={onCancel} />
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
  const { data, error } = useRootKeys(guid, api)
  const keys = data?.filter(({ state }) => state === 'active')
  const mustType = isTyped || error !== null || keys?.length === 0
  return (
    <>
      {keys !== undefined && keys.length > 0 && (
        <ChoiceField
          label={t('rootKey')}
          value={isTyped ? other : chosen.id}
          choices={[
            ['', t('chooseKey')],
            ...keys.map(({ id, name }) => [id, t('keyChoice', { name, id })] as const),
            [other, t('otherKey')],
          ]}
          onChoose={(value) => {
            setIsTyped(value === other)
            onChoose(keys.find(({ id }) => id === value) ?? { id: '' })
          }}
        />
      )}
      {error !== null && <p className={form.note}>{t('keysUnread', { message: asApiError(error).message })}</p>}
      {keys?.length === 0 && <p className={form.note}>{t('noKeys')}</p>}
      {mustType && (
        <TextField label={t('typedKey')} most={90} value={chosen.id} onChange={(id) => onChoose({ id: id.trim() })} />
      )}
    </>
  )
}
