/** Granting a role: which, on what, and in a sentence what it will allow. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Scope } from '../api/types.ts'
import { useInstances } from '../app/instances.ts'
import { usePlace } from '../app/place.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { ChoiceField, TextField } from '../shared/fields.tsx'
import type { IdentityPartProps } from './identity-panel.tsx'
import {
  instanceRoles,
  isTrackerRole,
  type RoleName,
  roleNamed,
  roleWords,
  scopeOf,
  scopeValue,
  trackerRoles,
} from './roles.ts'
import { useRefusals } from './use-refusals.ts'
import { useWording } from './use-where.ts'

interface GrantDialogProps extends Pick<IdentityPartProps, 'of' | 'iam' | 'changing'> {
  readonly onClose: () => void
}

const ringPattern = /^[A-Za-z0-9_-]{2,100}$/

export function GrantDialog({ of: identity, iam, changing, onClose }: GrantDialogProps): ReactElement {
  const { t } = useTranslation('access')
  const { sentence, where } = useWording()
  const explain = useRefusals()
  const [role, setRole] = useState<RoleName>('Auditor')
  const [chosen, setChosen] = useState('')
  const [ring, setRing] = useState('')
  const choices = useScopes(role)
  // Of another kind of role the place is chosen anew, the narrowest first.
  const value = choices.includes(chosen) ? chosen : (choices[0] ?? 'account ')
  const scope = scopeOf(value, ring.trim())
  const confirm = async (): Promise<void> => {
    const said = t('grant.done', { role: roleWords(role), name: identity.name })
    if (await changing.run(() => iam.grant(identity.id, role, scope), said)) onClose()
  }
  const warnings = role === 'Administrator' && scope.kind === 'account' ? [t('grant.administrator')] : []
  return (
    <ConfirmDialog
      title={t('grant.title')}
      name={identity.name}
      will={[sentence(role, scope), ...warnings, t('grant.atOnce')]}
      isWillChosen
      confirm={t('grant.confirm', { role: roleWords(role) })}
      isReady={scope.keyRing === undefined || ringPattern.test(scope.keyRing)}
      isChanged={role !== 'Auditor' || chosen !== '' || ring !== ''}
      isBusy={changing.isBusy}
      error={changing.error}
      explain={explain}
      onCancel={onClose}
      onConfirm={() => void confirm()}
    >
      <ChoiceField
        label={t('grant.role')}
        value={role}
        groups={[
          [t('grant.ofTrackers'), trackerRoles],
          [t('grant.ofInstances'), instanceRoles],
        ]}
        textOf={roleWords}
        isFirst
        onChoose={(name) => setRole(roleNamed(name) ?? role)}
      />
      <ChoiceField
        label={t('grant.scope')}
        value={value}
        choices={choices.map((each) => [each, where(scopeOf(each, ''))])}
        onChoose={setChosen}
      />
      {scope.kind === 'instance' && <TextField label={t('grant.ring')} most={100} value={ring} onChange={setRing} />}
    </ConfirmDialog>
  )
}

/** Where a role can be granted, the narrow places before the account. */
function useScopes(role: RoleName): readonly string[] {
  const { trackers, tracker: here } = usePlace()
  const { data: instances = [] } = useInstances()
  // Where one is comes first: it is what is meant most often.
  const places: readonly Scope[] = isTrackerRole(role)
    ? trackers
        .toSorted((a, b) => Number(b.location === here?.location) - Number(a.location === here?.location))
        .map(({ location }) => ({ kind: 'tracker', id: location }))
    : instances.map(({ guid }) => ({ kind: 'instance', id: guid }))
  return [...places, { kind: 'account' } as const].map(scopeValue)
}
