/** One keystore: what it is, and the keys, certificates and data in it by their attributes. */
import type { TFunction } from 'i18next'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Keystore, KeystoreObject, KeystoresApi } from '../api/keystores-api.ts'
import { PanelFact, PanelName, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { useParts } from '../shared/use-parts.ts'
import { Who } from '../shared/who.tsx'
import styles from './keystore-panel.module.css'

interface KeystorePanelProps {
  readonly keystore: Keystore
  readonly api: KeystoresApi
  readonly onClose: () => void
}

export function KeystorePanel({ keystore, api, onClose }: KeystorePanelProps): ReactElement {
  const { t } = useTranslation('keystores')
  const { id, name, type, authenticated, objects, version, createdAt, createdBy, createdByName } = keystore
  return (
    <SidePanel label={name ?? id} heading={t('keystore')} closeLabel={t('close')} onClose={onClose}>
      <div className={styles.body}>
        <PanelName name={name ?? id} />
        <PanelSection title={t('facts')}>
          <dl>
            <PanelFact name={t('id')}>
              <code>{id}</code>
            </PanelFact>
            <PanelFact name={t('type')}>{t(`types.${type}`)}</PanelFact>
            <PanelFact name={t('access')}>{authenticated ? t('authenticatedText') : t('openText')}</PanelFact>
            <PanelFact name={t('version')}>{formatCount(version)}</PanelFact>
            <PanelFact name={t('created')}>
              <Moment at={createdAt} />
            </PanelFact>
            <PanelFact name={t('createdBy')}>
              <Who id={createdBy} name={createdByName} withId />
            </PanelFact>
          </dl>
          <TrailLink words={id} />
        </PanelSection>
        <PanelSection title={t('content', { count: objects, formatted: formatCount(objects) })}>
          <Objects keystore={id} api={api} />
        </PanelSection>
      </div>
    </SidePanel>
  )
}

function Objects({ keystore, api }: { readonly keystore: string; readonly api: KeystoresApi }): ReactElement {
  const { t } = useTranslation('keystores')
  const parts = useParts(['keystore-objects', keystore], (after, signal) => api.objects(keystore, after, signal))
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

function columnsIn(t: TFunction<'keystores'>): readonly [Column<KeystoreObject>, ...Column<KeystoreObject>[]] {
  return [
    {
      id: 'label',
      title: t('label'),
      cell: ({ label, id }) => (label === undefined ? <code className={styles.id}>{id}</code> : <bdi>{label}</bdi>),
      sortBy: labelOf,
    },
    {
      id: 'class',
      title: t('class'),
      cell: ({ class: name }) => <span className={styles.words}>{sentence(plain(name))}</span>,
      sortBy: ({ class: name }) => name,
    },
    {
      id: 'keyType',
      title: t('keyType'),
      cell: ({ keyType }) => (keyType === undefined ? '' : plain(keyType)),
      sortBy: ({ keyType }) => keyType,
    },
  ]
}

const labelOf = ({ label, id }: KeystoreObject): string => label ?? id

/** `CKK_AES` without what every name of its kind begins with. */
const plain = (name: string): string => name.replace(/^CK[OK]_/, '').replaceAll('_', ' ')

/** `SECRET KEY` as it is read. */
const sentence = (name: string): string => name.slice(0, 1) + name.slice(1).toLowerCase()
