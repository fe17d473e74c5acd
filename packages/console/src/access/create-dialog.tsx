/** Making a user or a service ID: a name, and what it is. It may do nothing until it is granted a role. */
import { type ReactElement, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { IamApi, Identity, IdentityKind } from '../api/iam-api.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import form from '../shared/say-form.module.css'
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
  const ids = { name: useId(), about: useId() }
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
      name={name}
      will={[t('create.will')]}
      confirm={t(`create.${kind}.confirm`)}
      isReady={name.trim() !== ''}
      isBusy={changing.isBusy}
      error={changing.error}
      explain={explain}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      <div className={form.group}>
        <label htmlFor={ids.name} className={form.label}>
          {t('create.label')}
        </label>
        <input
          id={ids.name}
          className={form.field}
          data-autofocus
          autoComplete="off"
          maxLength={128}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <div className={form.group}>
        <label htmlFor={ids.about} className={form.label}>
          {t(`create.${kind}.about`)}
        </label>
        <input
          id={ids.about}
          className={form.field}
          autoComplete="off"
          maxLength={240}
          value={about}
          onChange={(event) => setAbout(event.currentTarget.value)}
        />
      </div>
    </ConfirmDialog>
  )
}
