/** The EP11 keystores of an instance, and what is in the open one; never the keys themselves. */
import { getRouteApi } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { createKeystoresApi, type Keystore } from '../api/keystores-api.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { addTexts, formatCount } from '../i18n/texts.ts'
import texts from '../i18n/en/keystores.json'
import { CommandLine } from '../shared/command-line.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { MissingPanel } from '../shared/missing-panel.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { useParts } from '../shared/use-parts.ts'
import { Who } from '../shared/who.tsx'
import { KeystorePanel } from './keystore-panel.tsx'

addTexts('keystores', texts)

const route = getRouteApi('/keystores/$instance')

export function KeystoresPage(): ReactElement {
  const { t } = useTranslation('keystores')
  const { calls } = useApi()
  const { instance: guid } = route.useParams()
  const { keystore: openId } = route.useSearch()
  const navigate = route.useNavigate()
  const api = useMemo(() => createKeystoresApi(calls, guid), [calls, guid])
  const parts = useParts(['keystores', guid], (after, signal) => api.keystores(after, signal))
  const { items, error, again } = parts
  const open = items?.find(({ id }) => id === openId)
  const close = useCallback(() => void navigate({ search: {} }), [navigate])
  const { offer } = useShortcuts()
  useEffect(() => offer({ ...(openId !== undefined && { close }) }), [offer, openId, close])

  return (
    <InstancePage
      title={t('title')}
      panel={
        open !== undefined ? (
          <KeystorePanel key={open.id} keystore={open} api={api} onClose={close} />
        ) : openId !== undefined && items !== undefined ? (
          <MissingPanel
            heading={t('keystore')}
            title={t('missing')}
            text={parts.hasMore ? t('missingMore') : t('missingText')}
            closeLabel={t('close')}
            onClose={close}
          />
        ) : undefined
      }
    >
      {items === undefined && error === undefined && <StateView kind="loading" title={t('loading')} />}
      {items === undefined && error?.code === 'KEYSTORE_OVER_EP11_ONLY' && (
        <StateView kind="forbidden" title={t('overEp11')} text={t('overEp11Text')} error={error} onRetry={again} />
      )}
      {items === undefined && error !== undefined && error.code !== 'KEYSTORE_OVER_EP11_ONLY' && (
        <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
      )}
      {items?.length === 0 && (
        <StateView kind="empty" title={t('empty')} text={t('emptyText')}>
          <CommandLine command="keywitness keystore create --help" />
        </StateView>
      )}
      {items !== undefined && items.length > 0 && (
        <>
          <h2 className="kw-hidden">{t('list')}</h2>
          <DataTable
            label={t('title')}
            columns={columnsIn(t)}
            rows={items}
            keyOf={({ id }) => id}
            openKey={openId}
            onOpen={({ id }) => void navigate({ search: { keystore: id }, replace: openId !== undefined })}
          />
          <MoreButton parts={parts} />
        </>
      )}
    </InstancePage>
  )
}

function columnsIn(t: TFunction<'keystores'>): readonly [Column<Keystore>, ...Column<Keystore>[]] {
  return [
    { id: 'name', title: t('name'), cell: nameOf, sortBy: nameOf },
    {
      id: 'type',
      title: t('type'),
      cell: ({ type, authenticated }) => (authenticated ? t('authenticated') : t(`types.${type}`)),
      sortBy: ({ type, authenticated }) => `${type} ${authenticated}`,
    },
    {
      id: 'objects',
      title: t('objects'),
      isNumber: true,
      cell: ({ objects }) => formatCount(objects),
      sortBy: ({ objects }) => objects,
    },
    {
      id: 'created',
      title: t('created'),
      needs: 'middle',
      cell: ({ createdAt }) => <Moment at={createdAt} />,
      sortBy: ({ createdAt }) => createdAt,
    },
    {
      id: 'by',
      title: t('createdBy'),
      needs: 'wide',
      cell: ({ createdBy, createdByName }) => <Who id={createdBy} name={createdByName} />,
      sortBy: ({ createdBy, createdByName }) => createdByName ?? createdBy,
    },
  ]
}

const nameOf = ({ name, id }: Keystore): string => name ?? id
