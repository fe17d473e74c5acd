/** Making a user or a service ID: a name, and what it is. It may do nothing until it is granted a role. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IamApi, Identity, IdentityKind } from '../api/iam-api.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { TextField } from '../shared/fields.tsx'
import type { Changing } from './use-iam.ts'
import { useRefusals } from './use-refusals.ts'

interface CreateDialogProps {
  readonly kind: IdentityKind
  readonly iam: IamApi
  readonly changing: Changing
  readonly onClose: () => void
  readonly onCreated: (identity: Identity) => void
}

export function CreateDialog({ kind, iam, changing, onClose, onCreated }: CreateDialogProps): ReactElement {
  const { t } = useTranslation('access')
  const explain = useRefusals()
  const [name, setName] = useState('')
  const [about, setAbout] = useState('')
  const confirm = async (): Promise<void> => {
    const wish = { name: name.trim(), about: about.trim() }
    const deed = async (): Promise<void> => onCreated(await iam.create(kind, wish))
    if (await changing.run(deed, t(`create.${kind}.done`, { name: wish.name }))) onClose()
  }
  return (
    <ConfirmDialog
      title={t(`create.${kind}.title`)}
      will={[t(`create.${kind}.will`)]}
      confirm={t(`create.${kind}.confirm`)}
      isReady={name.trim() !== ''}
      isChanged={name.trim() !== '' || about.trim() !== ''}
      isBusy={changing.isBusy}
      error={changing.error}
      explain={explain}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      <TextField label={t('create.label')} most={128} value={name} isFirst onChange={setName} />
      <TextField label={t(`create.${kind}.about`)} most={240} value={about} isProse onChange={setAbout} />
    </ConfirmDialog>
  )
}
