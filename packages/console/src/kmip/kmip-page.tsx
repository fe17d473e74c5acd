/** The KMIP adapters of an instance: whom each lets in, what is kept behind it, and how a client is connected. */
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { createKmipApi, type KmipAdapter, type KmipApi } from '../api/kmip-api.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { addTexts } from '../i18n/texts.ts'
import texts from '../i18n/en/kmip.json'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { type Parts, useParts } from '../shared/use-parts.ts'
import { FormPlace } from '../shared/unsaved.tsx'
import { AdapterForm } from './adapter-form.tsx'
import { AdapterPanel } from './adapter-panel.tsx'
import { ConnectGuide } from './connect-guide.tsx'
import { type KmipSearch, parseKmipSearch } from './search.ts'
import cards from '../shared/cards.module.css'
import styles from './kmip.module.css'

addTexts('kmip', texts)

const route = getRouteApi('/kmip/$instance')

/** Without what concerns the objects of the open adapter. */
const placeOf = (raw: Readonly<Record<string, unknown>>): KmipSearch => {
  const { state: _state, object: _object, ...open } = parseKmipSearch(raw)
  return open
}

export function KmipPage(): ReactElement {
  const { t } = useTranslation('kmip')
  const { calls } = useApi()
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const api = useMemo(() => createKmipApi(calls, guid), [calls, guid])
  const parts = useParts(['kmip-adapters', guid], (after, signal) => api.adapters(after, signal))
  const open = parts.items?.find(({ id }) => id === search.adapter)
  const onChange = useCallback((next: KmipSearch) => void navigate({ search: next }), [navigate])
  const { view } = search
  const { offer } = useShortcuts()
  useEffect(() => {
    const { object, ...rest } = search
    const isOpen = search.adapter !== undefined || view !== undefined
    return offer({ ...(isOpen && { close: () => onChange(object === undefined ? {} : rest) }) })
  }, [offer, search, view, onChange])
  const hasPanel = open !== undefined && view === undefined
  return (
    <FormPlace of={placeOf}>
      <InstancePage
        title={t('title')}
        panel={
          hasPanel ? (
            <AdapterPanel
              key={open.id}
              guid={guid}
              adapter={open}
              api={api}
              search={search}
              onClose={() => onChange({})}
              onChange={onChange}
            />
          ) : undefined
        }
      >
        <Content guid={guid} api={api} parts={parts} open={open} search={search} onChange={onChange} />
      </InstancePage>
    </FormPlace>
  )
}

interface ContentProps {
  readonly guid: string
  readonly api: KmipApi
  readonly parts: Parts<KmipAdapter>
  readonly open: KmipAdapter | undefined
  readonly search: KmipSearch
  readonly onChange: (search: KmipSearch) => void
}

function Content({ guid, api, parts, open, search, onChange }: ContentProps): ReactElement {
  const { t } = useTranslation('kmip')
  const { items, error, again } = parts
  if (items === undefined) {
    if (error === undefined) return <StateView kind="loading" title={t('loading')} />
    return <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
  }
  if (search.view === 'vcenter') {
    return <ConnectGuide guid={guid} api={api} adapters={items} adapter={open} onChange={onChange} />
  }
  if (search.view === 'new') {
    return (
      <div className={cards.cards} tabIndex={0} role="group" aria-label={t('new')}>
        <AdapterForm
          guid={guid}
          api={api}
          onCancel={() => onChange({})}
          onMade={({ id }) => onChange({ adapter: id })}
        />
      </div>
    )
  }
  const ways = (
    <>
      <Button onClick={() => onChange({ view: 'new' })}>{t('new')}</Button>
      <Button variant="default" onClick={() => onChange({ ...search, view: 'vcenter' })}>
        {t('connect')}
      </Button>
    </>
  )
  if (items.length === 0) {
    return (
      <StateView kind="empty" title={t('empty')} text={t('emptyText')}>
        {ways}
      </StateView>
    )
  }
  return (
    <>
      <div className={styles.bar}>
        <p className={styles.about}>{t('adaptersText')}</p>
        <div className={cards.buttons}>{ways}</div>
      </div>
      <h2 className="kw-hidden">{t('adapters')}</h2>
      <DataTable
        label={t('title')}
        columns={columnsIn(t)}
        rows={items}
        keyOf={({ id }) => id}
        openKey={search.adapter}
        onOpen={({ id }) => onChange({ adapter: id })}
      />
      <MoreButton parts={parts} />
    </>
  )
}

function columnsIn(t: TFunction<'kmip'>): readonly [Column<KmipAdapter>, ...Column<KmipAdapter>[]] {
  return [
    { id: 'name', title: t('name'), cell: ({ name }) => name, sortBy: ({ name }) => name },
    {
      id: 'description',
      title: t('description'),
      needs: 'middle',
      cell: ({ description = '' }) => <span className={styles.id}>{description}</span>,
      sortBy: ({ description }) => description,
    },
    {
      id: 'key',
      title: t('rootKey'),
      needs: 'wide',
      cell: ({ profile_data }) => <code className={styles.id}>{profile_data.crk_id}</code>,
      sortBy: ({ profile_data }) => profile_data.crk_id,
    },
    {
      id: 'created',
      title: t('created'),
      cell: ({ created_at }) => <Moment at={created_at} />,
      sortBy: ({ created_at }) => created_at,
    },
  ]
}
