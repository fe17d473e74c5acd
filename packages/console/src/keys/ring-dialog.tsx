/** Making and deleting a key ring: what will happen, and the refusal in words. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeyRing, KeysApi } from '../api/keys-api.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { CheckField, TextField } from '../shared/fields.tsx'
import { ringPattern } from './key-names.ts'
import { ringsKey } from './use-inventory.ts'

export type AskedOfRing = { readonly act: 'create' } | { readonly act: 'delete'; readonly ring: KeyRing }

interface RingDialogProps {
  readonly api: KeysApi
  readonly guid: string
  readonly asked: AskedOfRing
  readonly onClose: () => void
  /** @param said what was done, in words */
  readonly onDone: (said: string) => void
}

const explained = ['ALREADY_EXISTS', 'KEY_RING_NOT_EMPTY_ERR', 'QUOTA_EXCEEDED'] as const

export function RingDialog({ api, guid, asked, onClose, onDone }: RingDialogProps): ReactElement {
  const { t } = useTranslation('keys')
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [isForced, setIsForced] = useState(false)
  const { act } = asked
  const name = asked.act === 'create' ? typed.trim() : asked.ring.id
  const doing = useMutation({
    mutationFn: () => (act === 'create' ? api.createRing(name) : api.removeRing(name, isForced)),
    networkMode: 'always',
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ringsKey(guid) })
      onDone(t(`rings.${act}.done`, { ring: name }))
    },
  })
  const isWrong = act === 'create' && typed !== '' && !ringPattern.test(name)
  return (
    <ConfirmDialog
      title={t(`rings.${act}.title`)}
      {...(act === 'delete' && { name })}
      will={t(`rings.${act}.will`).split('\n')}
      confirm={t(`rings.${act}.confirm`)}
      {...(act === 'delete' && { typed: [name] })}
      isReady={ringPattern.test(name)}
      isChanged={typed.trim() !== ''}
      isBusy={doing.isPending}
      error={doing.error}
      explain={({ code }) => {
        const known = explained.find((each) => each === code)
        return known === undefined ? undefined : t(`rings.refusals.${known}`)
      }}
      onCancel={onClose}
      onConfirm={() => doing.mutate()}
    >
      {act === 'create' ? (
        <TextField
          label={t('rings.create.label')}
          note={t('rings.create.note')}
          most={100}
          value={typed}
          isWrong={isWrong}
          isFirst
          onChange={setTyped}
        />
      ) : (
        <CheckField label={t('rings.delete.force')} isOn={isForced} onChange={setIsForced} />
      )}
    </ConfirmDialog>
  )
}
