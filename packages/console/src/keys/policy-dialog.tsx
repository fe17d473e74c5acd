/** Changes a policy of an instance: what it is to be, what that changes, and a warning to whoever would shut themselves out. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { InstancePoliciesApi, PolicyValue } from '../api/instance-policies-api.ts'
import { asApiError } from '../api/problem.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Notice } from '../shared/notice.tsx'
import { changesBetween, endsCreation, type Here, shutsOut } from './instance-policies.ts'
import { PolicyChanges } from './policy-changes.tsx'
import { isWhole, PolicyFields } from './policy-fields.tsx'

interface PolicyDialogProps {
  readonly api: InstancePoliciesApi
  readonly guid: string
  readonly before: PolicyValue
  /** The event of their reading. */
  readonly event: string | undefined
  readonly onClose: () => void
  readonly onDone: () => void
}

export function PolicyDialog({ api, guid, before, event, onClose, onDone }: PolicyDialogProps): ReactElement {
  const { t } = useTranslation('keys')
  const { instance } = usePlace()
  const queries = useQueryClient()
  const [after, setAfter] = useState(before)
  const isOfNetwork = before.kind === 'allowedIP' || before.kind === 'allowedNetwork'
  const here = useHere(isOfNetwork ? event : undefined)
  const setting = useMutation({
    mutationFn: () => api.set(after),
    networkMode: 'always',
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['instance-policies', guid] })
      onDone()
    },
  })
  const changes = changesBetween(before, after)
  const isReady = isWhole(after) && (changes.length > 0 || after.isOn !== before.isOn)
  const shut = isReady ? shutsOut(after, here) : 'no'
  const name = instance?.name ?? guid
  return (
    <ConfirmDialog
      title={t(`instancePolicies.${before.kind}.title`)}
      name={name}
      will={t(`instancePolicies.${before.kind}.will`).split('\n')}
      confirm={t('instancePolicies.confirm')}
      {...(shut !== 'no' && { typed: [name, guid] })}
      isReady={isReady}
      isChanged={JSON.stringify(after) !== JSON.stringify(before)}
      isBusy={setting.isPending}
      error={setting.error}
      onCancel={onClose}
      onConfirm={() => setting.mutate()}
    >
      <PolicyFields value={after} onChange={setAfter} />
      {isOfNetwork && here?.address !== undefined && <p>{t('instancePolicies.here', { address: here.address })}</p>}
      {isReady && <PolicyChanges changes={changes} />}
      {shut !== 'no' && (
        <Notice tone={shut === 'surely' ? 'critical' : 'warning'} title={t(`instancePolicies.shut.${shut}`)}>
          <p>{t('instancePolicies.shut.text')}</p>
        </Notice>
      )}
      {endsCreation(after) && <Notice tone="warning" title={t('instancePolicies.endsCreation')} />}
    </ConfirmDialog>
  )
}

const tries = 5
const waitMs = 500

/** From where one's own reading came, by the word of its event; undefined while that is not known. */
function useHere(event: string | undefined): Here | undefined {
  const api = useApi()
  const { tracker } = usePlace()
  const { data } = useQuery({
    queryKey: ['whence', tracker?.location, event],
    queryFn: async ({ signal }) => {
      const { event: read } = await api.event(tracker?.location ?? '', event ?? '', signal)
      return { address: read.initiator.host.address }
    },
    enabled: tracker !== undefined && event !== undefined,
    // It may be on its way into the trail.
    retry: (count, error) => count < tries && asApiError(error).kind === 'missing',
    retryDelay: waitMs,
  })
  return data
}
