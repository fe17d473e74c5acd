/** Proposes to remove what an administrator has who lost the key: what goes, and what will happen, before it is proposed. */
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CertificatesApi, Holder, Removes } from '../api/certificates-api.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { RadioFields } from '../shared/fields.tsx'

interface ProposeDialogProps {
  readonly holder: Holder
  readonly api: CertificatesApi
  readonly onCancel: () => void
  readonly onProposed: () => Promise<void>
}

export function ProposeDialog({ holder, api, onCancel, onProposed }: ProposeDialogProps): ReactElement {
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
  const choices = (['admin-key', 'admin-key-and-certificates'] as const).filter((each) =>
    each === 'admin-key' ? keyId !== null : certificates > 0,
  )
  return (
    <ConfirmDialog
      title={t('recovery.proposeFor', { name })}
      isWillChosen
      will={[t(`recovery.consequences.${removes}`), t('recovery.proposeNote', { name })]}
      confirm={t('recovery.proposeConfirm')}
      isBusy={proposing.isPending}
      error={proposing.error}
      explain={({ kind }) => (kind === 'forbidden' ? t('recovery.forbiddenChange') : undefined)}
      onCancel={onCancel}
      onConfirm={() => proposing.mutate()}
    >
      <RadioFields
        label={t('recovery.what')}
        value={removes}
        choices={choices.map((each) => [each, t(`recovery.removes.${each}`)] as const)}
        onChoose={setRemoves}
      />
    </ConfirmDialog>
  )
}
