/** One adapter: whom it lets in, what is kept behind it, and how it ends. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KmipAdapter, KmipApi } from '../api/kmip-api.ts'
import { PanelFact, PanelName, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { Moment } from '../shared/moment.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { Who } from '../shared/who.tsx'
import { Certificates } from './certificates.tsx'
import { Objects } from './objects.tsx'
import type { KmipSearch } from './search.ts'
import cards from '../shared/cards.module.css'
import styles from './kmip.module.css'

interface AdapterPanelProps {
  readonly guid: string
  readonly adapter: KmipAdapter
  readonly api: KmipApi
  readonly search: KmipSearch
  readonly keyName: string | undefined
  /** It was made just now. */
  readonly isNew: boolean
  readonly onClose: () => void
  readonly onDeleted: () => void
  readonly onChange: (search: KmipSearch) => void
}

export function AdapterPanel(props: AdapterPanelProps): ReactElement {
  const { guid, adapter, api, search, keyName, isNew, onClose, onDeleted, onChange } = props
  const { t } = useTranslation('kmip')
  const body = useRef<HTMLDivElement>(null)
  // Where it was asked for is gone.
  useEffect(() => {
    if (isNew) body.current?.focus()
  }, [isNew])
  const { id, name, description, profile_data, created_at, created_by } = adapter
  return (
    <SidePanel label={name} heading={t('adapter')} closeLabel={t('close')} onClose={onClose}>
      <div ref={body} tabIndex={-1} className={styles.panel}>
        <PanelName name={name} />
        <p role="status" className={`${cards.said ?? ''} ${styles.said ?? ''}`}>
          {isNew && t('made')}
        </p>
        <PanelSection title={t('facts')}>
          <dl>
            <PanelFact name={t('id')}>
              <code>{id}</code>
            </PanelFact>
            <PanelFact name={t('description')}>{description}</PanelFact>
            <PanelFact name={t('rootKey')}>
              <Link
                to="/keys/$instance"
                params={{ instance: guid }}
                search={{ key: profile_data.crk_id }}
                className={styles.key ?? ''}
              >
                {keyName === undefined ? <code>{profile_data.crk_id}</code> : <bdi>{keyName}</bdi>}
              </Link>
              {keyName !== undefined && <code className={styles.keyId}>{profile_data.crk_id}</code>}
            </PanelFact>
            <PanelFact name={t('created')}>
              <Moment at={created_at} />
            </PanelFact>
            <PanelFact name={t('createdBy')}>
              <Who id={created_by} withId />
            </PanelFact>
          </dl>
          <TrailLink query={`adapterId:==${id}`} />
        </PanelSection>
        <PanelSection title={t('certificates')}>
          <Certificates adapter={adapter} api={api} />
          <div>
            <Button variant="default" onClick={() => onChange({ adapter: id, view: 'vcenter' })}>
              {t('connect')}
            </Button>
          </div>
        </PanelSection>
        <PanelSection title={t('objects')}>
          <Objects adapter={adapter} api={api} search={search} onChange={onChange} />
        </PanelSection>
        <PanelSection title={t('deletion')}>
          <Deletion guid={guid} adapter={adapter} api={api} onDeleted={onDeleted} />
        </PanelSection>
      </div>
    </SidePanel>
  )
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
      <div>
        <Button variant="default" onClick={() => setIsAsked(true)}>
          {t('delete')}
        </Button>
      </div>
      {isAsked && (
        <ConfirmDialog
          title={t('deleteTitle')}
          name={adapter.name}
          will={[
            certificates === undefined
              ? t('deleteAsk', { name: adapter.name })
              : t('deleteAskCertificates', { name: adapter.name, count: certificates.length }),
          ]}
          confirm={t('deleteConfirm', { name: adapter.name })}
          isBusy={deleting.isPending}
          error={deleting.error}
          explain={({ kind, code }) => {
            if (code === 'KMIP_OBJECTS_REMAIN') return t('objectsRemain')
            return kind === 'forbidden' ? t('forbiddenChange') : undefined
          }}
          onCancel={() => {
            deleting.reset()
            setIsAsked(false)
          }}
          onConfirm={() => deleting.mutate()}
        />
      )}
    </>
  )
}
