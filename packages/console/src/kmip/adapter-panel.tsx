/** One adapter: whom it lets in, what is kept behind it, and how it ends. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi, KmipObject } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmForm } from '../shared/confirm-form.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { useParts } from '../shared/use-parts.ts'
import { Certificates } from './certificates.tsx'
import styles from './kmip.module.css'

interface AdapterPanelProps {
  readonly guid: string
  readonly adapter: KmipAdapter
  readonly api: KmipApi
  readonly onClose: () => void
  readonly onConnect: () => void
}

export function AdapterPanel({ guid, adapter, api, onClose, onConnect }: AdapterPanelProps): ReactElement {
  const { t } = useTranslation('kmip')
  const { id, name, description, profile_data, created_at, created_by } = adapter
  return (
    <SidePanel label={name} closeLabel={t('close')} onClose={onClose}>
      <div className={styles.panel}>
        <PanelSection title={t('facts')}>
          <dl>
            <PanelFact name={t('id')}>
              <code>{id}</code>
            </PanelFact>
            <PanelFact name={t('description')}>{description}</PanelFact>
            <PanelFact name={t('rootKey')}>
              <code>{profile_data.crk_id}</code>
            </PanelFact>
            <PanelFact name={t('created')}>
              <Moment at={created_at} />
            </PanelFact>
            <PanelFact name={t('createdBy')}>{created_by}</PanelFact>
          </dl>
          <TrailLink words={id} />
        </PanelSection>
        <PanelSection title={t('certificates')}>
          <Certificates adapter={adapter} api={api} />
          <div>
            <Button variant="default" onClick={onConnect}>
              {t('connect')}
            </Button>
          </div>
        </PanelSection>
        <PanelSection title={t('objects')}>
          <Objects adapter={id} api={api} />
        </PanelSection>
        <PanelSection title={t('deletion')}>
          <Deletion guid={guid} adapter={adapter} api={api} onDeleted={onClose} />
        </PanelSection>
      </div>
    </SidePanel>
  )
}

function Objects({ adapter, api }: { readonly adapter: string; readonly api: KmipApi }): ReactElement {
  const { t } = useTranslation('kmip')
  const parts = useParts(['kmip-objects', adapter], (after, signal) => api.objects(adapter, after, signal))
  const { items, error, again } = parts
  if (items === undefined) {
    if (error === undefined) return <StateView kind="loading" title={t('objectsLoading')} />
    return <ReadFailed title={t('objectsFailed')} forbidden={t('forbidden')} error={error} onRetry={again} />
  }
  if (items.length === 0) return <p>{t('objectsNone')}</p>
  return (
    <>
      <DataTable label={t('objects')} columns={columnsIn(t)} rows={items} keyOf={({ id }) => id} />
      <MoreButton parts={parts} />
    </>
  )
}

/** KMIP 1.4, sections 9.1.3.2.12 and 3.22. */
const objectTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const
const states = [1, 2, 3, 4, 5, 6] as const

function columnsIn(t: TFunction<'kmip'>): readonly [Column<KmipObject>, ...Column<KmipObject>[]] {
  const typeOf = ({ kmip_object_type }: KmipObject): string => {
    const known = objectTypes.find((type) => type === kmip_object_type)
    return known === undefined ? String(kmip_object_type) : t(`objectTypes.${known}`)
  }
  const stateOf = ({ state }: KmipObject): string => {
    const known = states.find((each) => each === state)
    return known === undefined ? String(state) : t(`states.${known}`)
  }
  return [
    { id: 'id', title: t('object'), cell: ({ id }) => <code className={styles.id}>{id}</code>, sortBy: ({ id }) => id },
    { id: 'type', title: t('type'), cell: typeOf, sortBy: typeOf },
    { id: 'state', title: t('state'), cell: stateOf, sortBy: ({ state }) => state },
  ]
}

interface DeletionProps {
  readonly guid: string
  readonly adapter: KmipAdapter
  readonly api: KmipApi
  readonly onDeleted: () => void
}

function Deletion({ guid, adapter, api, onDeleted }: DeletionProps): ReactElement {
  const { t } = useTranslation('kmip')
  const queries = useQueryClient()
  const [isAsked, setIsAsked] = useState(false)
  // The same that the list of certificates reads: it is not asked for twice.
  const { data: certificates } = useQuery({
    queryKey: ['kmip-certificates', adapter.id],
    queryFn: ({ signal }) => api.certificates(adapter.id, signal),
  })
  const deleting = useMutation({
    mutationFn: () => api.remove(adapter.id),
    networkMode: 'always',
    onSuccess: async () => {
      onDeleted()
      await queries.invalidateQueries({ queryKey: ['kmip-adapters', guid] })
    },
  })
  return (
    <>
      <p>{t('deletionText')}</p>
      {isAsked ? (
        <ConfirmForm
          label={t('delete')}
          confirm={t('deleteConfirm', { name: adapter.name })}
          isBusy={deleting.isPending}
          onCancel={() => setIsAsked(false)}
          onConfirm={() => deleting.mutate()}
        >
          <p>
            {certificates === undefined
              ? t('deleteAsk', { name: adapter.name })
              : t('deleteAskCertificates', { name: adapter.name, count: certificates.length })}
          </p>
        </ConfirmForm>
      ) : (
        <div>
          <Button variant="default" onClick={() => setIsAsked(true)}>
            {t('delete')}
          </Button>
        </div>
      )}
      {deleting.error !== null && (
        <ActProblem error={asApiError(deleting.error)} forbidden={t('forbiddenChange')} onDismiss={deleting.reset} />
      )}
    </>
  )
}
