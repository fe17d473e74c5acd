/** The dialog before something is done to a key: what will happen, what it asks for, and the refusal in words. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey } from '../api/keys-api.ts'
import type { ApiError } from '../api/problem.ts'
import { formatCount } from '../i18n/texts.ts'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { CheckField, ChoiceField, TextField } from '../shared/fields.tsx'
import { Notice } from '../shared/notice.tsx'
import { aliasPattern } from './key-names.ts'
import { RotationChoice } from './rotation-choice.tsx'
import { type ActName, destroys } from './key-acts.ts'
import type { KeyActing, KeyDeed } from './use-key-act.ts'

/** What somebody wants done. */
export type Asked = { readonly act: ActName } | { readonly act: 'removeAlias'; readonly alias: string }

interface ActDialogProps {
  readonly of: InventoryKey
  readonly asked: Asked
  readonly acting: KeyActing
  readonly rings: readonly string[] | undefined
  readonly onClose: () => void
  /** Nothing is left of the key. */
  readonly onPurged: () => void
}

export function ActDialog({ of: key, asked, acting, rings, onClose, onPurged }: ActDialogProps): ReactElement {
  const { t } = useTranslation('keys')
  const [wish, setWish] = useState(() => wishFor(key))
  const deed = deedOf(asked, wish, key)
  const { act } = asked
  const confirm = async (): Promise<void> => {
    if (deed === undefined || !(await acting.run(key, deed))) return
    if (deed.act === 'purge') onPurged()
    else onClose()
  }
  return (
    <ConfirmDialog
      title={t(`acts.${act}.title`)}
      name={act === 'removeAlias' ? asked.alias : key.name}
      will={t(`acts.${act}.will`).split('\n')}
      confirm={t(`acts.${act}.confirm`)}
      {...(act !== 'removeAlias' && destroys.has(act) && { typed: [key.name, key.id] })}
      isReady={deed !== undefined}
      isChanged={wish.alias.trim() !== ''}
      isBusy={acting.isBusy}
      error={acting.error}
      explain={(error: ApiError) => {
        // A purge waits longer, as the server says.
        const words = act === 'purge' ? undefined : explained.find((code) => code === error.code)
        return words === undefined ? undefined : t(`refusals.${words}`)
      }}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      <Fields of={key} act={act} wish={wish} rings={rings} onWish={setWish} />
    </ConfirmDialog>
  )
}

/** What these refusals mean here, and what to do. */
const explained = [
  'KEY_DELETED_ERR',
  'KEY_ACTION_INVALID_STATE_ERR',
  'CONFLICT',
  'AUTHORIZATIONS_NOT_MET',
  'PROTECTED_RESOURCE_ERR',
  'PREV_KEY_DEL_ERR',
  'KMIP_ADAPTER_USES_KEY',
  'KEY_ROTATION_NOT_PERMITTED',
  'REQ_TOO_EARLY_ERR',
  'ALREADY_EXISTS',
  'KEY_RESTORE_EXPIRED',
  'KEY_EXPIRED_ERR',
] as const

interface Wish {
  readonly force: boolean
  readonly alias: string
  /** Empty while none is chosen. */
  readonly ring: string
  /** As it stands in the field; empty for no rotation. */
  readonly months: string
}

function wishFor({ rotation }: InventoryKey): Wish {
  return { force: false, alias: '', ring: '', months: rotation === null ? '3' : String(rotation.everyMonths) }
}

/** Undefined while something is missing. */
function deedOf(asked: Asked, wish: Wish, key: InventoryKey): KeyDeed | undefined {
  switch (asked.act) {
    case 'delete':
    case 'approve':
      return { act: asked.act, force: wish.force }
    case 'removeAlias':
      return asked
    case 'addAlias':
      return aliasPattern.test(wish.alias.trim()) ? { act: 'addAlias', alias: wish.alias.trim() } : undefined
    case 'move':
      return wish.ring === '' ? undefined : { act: 'move', ring: wish.ring }
    case 'setRotation':
      return wish.months === String(key.rotation?.everyMonths ?? '')
        ? undefined
        : { act: 'setRotation', months: wish.months === '' ? null : Number(wish.months) }
    default:
      return { act: asked.act }
  }
}

interface FieldsProps {
  readonly of: InventoryKey
  readonly act: Asked['act']
  readonly wish: Wish
  readonly rings: readonly string[] | undefined
  readonly onWish: (wish: Wish) => void
}

function Fields({ of: key, act, wish, rings, onWish }: FieldsProps): ReactElement | null {
  const { t } = useTranslation('keys')
  if (act === 'delete' || act === 'approve') {
    if (key.protectedByRegistration) return <Notice tone="critical" title={t('acts.protected')} />
    if (key.registrations === 0) return null
    return (
      <CheckField
        label={t('acts.force', { count: key.registrations, formatted: formatCount(key.registrations) })}
        isOn={wish.force}
        onChange={(force) => onWish({ ...wish, force })}
      />
    )
  }
  if (act === 'addAlias') {
    return (
      <TextField
        label={t('acts.addAlias.label')}
        note={t('acts.addAlias.note')}
        most={90}
        value={wish.alias}
        isFirst
        isWrong={wish.alias !== '' && !aliasPattern.test(wish.alias.trim())}
        onChange={(alias) => onWish({ ...wish, alias })}
      />
    )
  }
  if (act === 'move') {
    const others = rings?.filter((ring) => ring !== key.ring)
    if (others?.length === 0) return <p>{t('acts.move.none')}</p>
    return (
      <ChoiceField
        label={t('acts.move.label')}
        value={wish.ring}
        isFirst
        choices={[['', t('acts.move.choose')], ...(others ?? []).map((ring) => [ring, ring] as const)]}
        onChoose={(ring) => onWish({ ...wish, ring })}
      />
    )
  }
  if (act !== 'setRotation') return null
  return (
    <RotationChoice
      label={t('acts.setRotation.label')}
      months={wish.months === '' ? null : Number(wish.months)}
      isFirst
      onChoose={(months) => onWish({ ...wish, months: months === null ? '' : String(months) })}
    />
  )
}
