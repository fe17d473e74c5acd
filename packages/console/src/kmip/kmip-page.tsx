/** The KMIP adapters of an instance: whom each lets in, what is kept behind it, and how a client is connected. */
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useMemo, useState } from 'react'
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
import { MissingPanel } from '../shared/missing-panel.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { type Parts, useParts } from '../shared/use-parts.ts'
import { FormPlace } from '../shared/unsaved.tsx'
import { AdapterForm } from './adapter-form.tsx'
import { AdapterPanel } from './adapter-panel.tsx'
import { ConnectGuide } from './connect-guide.tsx'
import { useKeyNames } from './root-keys.ts'
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
  const { view } = search
  const shown = view === undefined ? (parts.items ?? []) : []
  const keyName = useKeyNames(
    guid,
    api,
    shown.map(({ profile_data: { crk_id } }) => crk_id),
  )
  const [done, setDone] = useState<Done>()
  const onChange = useCallback(
    (next: KmipSearch) => {
      setDone(undefined)
      void navigate({ search: next })
    },
    [navigate, setDone],
  )
  const close = (): void => onChange({})
  const { offer } = useShortcuts()
  useEffect(() => {
    const { object: _object, ...rest } = search
    const isOpen = search.adapter !== undefined || view !== undefined
    return offer({ ...(isOpen && { close: () => onChange(search.object === undefined ? backFrom(search) : rest) }) })
  }, [offer, search, view, onChange])
  const isAsked = search.adapter !== undefined && view === undefined
  return (
    <FormPlace of={placeOf}>
      <InstancePage
        title={t('title')}
        panel={
          isAsked && open !== undefined ? (
            <AdapterPanel
              key={open.id}
              guid={guid}
              adapter={open}
              api={api}
              search={search}
              keyName={keyName(open.profile_data.crk_id)}
              isNew={done?.act === 'made' && done.adapter.id === open.id}
              onClose={close}
              onDeleted={() => {
                close()
                setDone({ act: 'deleted', adapter: open })
              }}
              onChange={onChange}
            />
          ) : isAsked && parts.items !== undefined ? (
            <MissingPanel
              heading={t('adapter')}
              title={t('missing')}
              text={parts.hasMore ? t('missingMore') : t('missingText')}
              closeLabel={t('close')}
              onClose={close}
            />
          ) : undefined
        }
      >
        <Content
          guid={guid}
          api={api}
          parts={parts}
          open={open}
          search={search}
          said={done?.act === 'deleted' ? t('deleted', { name: done.adapter.name }) : ''}
          keyName={keyName}
          onChange={onChange}
          onMade={(adapter) => {
            onChange({ adapter: adapter.id, ...backFrom(search) })
            setDone({ act: 'made', adapter })
          }}
        />
      </InstancePage>
    </FormPlace>
  )
}

/** To where the form of a new adapter was asked for. */
const backFrom = ({ back }: KmipSearch): KmipSearch => (back === undefined ? {} : { view: back })

/** What was done just now. */
interface Done {
  readonly act: 'made' | 'deleted'
  readonly adapter: KmipAdapter
}

interface ContentProps {
  readonly guid: string
  readonly api: KmipApi
  readonly parts: Parts<KmipAdapter>
  readonly open: KmipAdapter | undefined
  readonly search: KmipSearch
  /** What became of an adapter that is gone. */
  readonly said: string
  readonly keyName: (id: string) => string | undefined
  readonly onChange: (search: KmipSearch) => void
  readonly onMade: (adapter: KmipAdapter) => void
}

function Content(props: ContentProps): ReactElement {
  const { guid, api, parts, open, search, said, keyName, onChange, onMade } = props
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
        <AdapterForm guid={guid} api={api} onCancel={() => onChange(backFrom(search))} onMade={onMade} />
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
        <p role="status" className={styles.about}>
          {said === '' ? t('adaptersText') : said}
        </p>
        <div className={cards.buttons}>{ways}</div>
      </div>
      <h2 className="kw-hidden">{t('adapters')}</h2>
      <DataTable
        label={t('title')}
        columns={columnsIn(t, keyName)}
        rows={items}
        keyOf={({ id }) => id}
        openKey={search.adapter}
        onOpen={({ id }) => onChange({ adapter: id })}
      />
      <MoreButton parts={parts} />
    </>
  )
}

function columnsIn(
  t: TFunction<'kmip'>,
  keyName: ContentProps['keyName'],
): readonly [Column<KmipAdapter>, ...Column<KmipAdapter>[]] {
  const nameOf = ({ profile_data: { crk_id } }: KmipAdapter): string | undefined => keyName(crk_id)
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
      cell: (adapter) => nameOf(adapter) ?? <code className={styles.id}>{adapter.profile_data.crk_id}</code>,
      sortBy: (adapter) => nameOf(adapter) ?? adapter.profile_data.crk_id,
    },
    {
      id: 'created',
      title: t('created'),
      cell: ({ created_at }) => <Moment at={created_at} />,
      sortBy: ({ created_at }) => created_at,
    },
  ]
}
