/** Proposes to remove what an administrator has who lost the key: what goes, and what will happen, before it is proposed. */
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CertificatesApi, Holder, Removes } from '../api/certificates-api.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmForm } from '../shared/confirm-form.tsx'
import form from '../shared/say-form.module.css'

interface ProposeFormProps {
  readonly holder: Holder
  readonly api: CertificatesApi
  readonly onCancel: () => void
  readonly onProposed: () => Promise<void>
}

export function ProposeForm({ holder, api, onCancel, onProposed }: ProposeFormProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { administrator, keyId, certificates } = holder
  const name = administrator.name ?? administrator.id
  // Without a key there are only certificates to remove.
  const [removes, setRemoves] = useState<Removes>(keyId === null ? 'admin-key-and-certificates' : 'admin-key')
  const proposing = useMutation({
    mutationFn: () => api.propose(administrator.id, removes),
    networkMode: 'always',
    onSuccess: onProposed,
  })
  const choice = (value: Removes, isOff: boolean): ReactElement => (
    <label className={form.choice}>
      <input
        type="radio"
        name={`removes-${administrator.id}`}
        checked={removes === value}
        disabled={isOff}
        onChange={() => setRemoves(value)}
      />
      {t(`recovery.removes.${value}`)}
    </label>
  )
  return (
    <>
      <ConfirmForm
        label={t('recovery.proposeFor', { name })}
        confirm={t('recovery.proposeConfirm')}
        isBusy={proposing.isPending}
        onCancel={onCancel}
        onConfirm={() => proposing.mutate()}
      >
        <fieldset className={form.group}>
          <legend className={form.label}>{t('recovery.what')}</legend>
          {choice('admin-key', keyId === null)}
          {choice('admin-key-and-certificates', certificates === 0)}
        </fieldset>
        <p className={form.note}>{t(`recovery.consequences.${removes}`)}</p>
        <p className={form.note}>{t('recovery.proposeNote', { name })}</p>
      </ConfirmForm>
      {proposing.error !== null && (
        <ActProblem
          error={asApiError(proposing.error)}
          forbidden={t('recovery.forbiddenChange')}
          onDismiss={proposing.reset}
        />
      )}
    </>
  )
}
