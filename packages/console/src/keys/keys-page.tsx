/** The keys of an instance: an inventory that is narrowed by its address, and the open key with its whole life. */
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { type ReactElement, useCallback, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { createKeysApi, type InventoryKey } from '../api/keys-api.ts'
import { InstanceSwitch } from '../app/instance-switch.tsx'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import texts from '../i18n/en/keys.json'
import { addTexts } from '../i18n/texts.ts'
import { CommandLine } from '../shared/command-line.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { Page } from '../shared/page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { KeyFilters } from './key-filters.tsx'
import { KeyPanel } from './key-panel.tsx'
import { KeyTable } from './key-table.tsx'
import { isNarrowed, type KeysSearch, withoutKey } from './search.ts'
import { type Inventory, useInventory, useOpenKey, useRings } from './use-inventory.ts'
import { useKeyEvents, useUsesOf } from './use-uses.ts'
import { useKeyAct } from './use-key-act.ts'
import styles from './keys-page.module.css'

addTexts('keys', texts)

const route = getRouteApi('/keys/$instance')

export function KeysPage(): ReactElement {
  const { t } = useTranslation('keys')
  const { calls } = useApi()
  const { instance } = usePlace()
  const { instance: guid } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const api = useMemo(() => createKeysApi(calls, guid), [calls, guid])
  const inventory = useInventory(api, guid, search)
  const open = useOpenKey(api, guid, search.key, inventory)
  const rings = useRings(api, guid, inventory.items !== undefined)
  const acting = useKeyAct(api, guid)
  const field = useRef<HTMLInputElement>(null)
  const change = useCallback(
    (next: KeysSearch, replace = false) => {
      const state = next.state?.length === 0 ? undefined : next.state
      void navigate({ search: { ...next, state }, replace })
    },
    [navigate],
  )
  const close = useCallback(() => {
    change(withoutKey(search))
    // Where one came from, for whoever goes on by keyboard.
    document.querySelector<HTMLElement>(`tr[data-key="${search.key}"] button`)?.focus()
  }, [change, search])
  const { offer } = useShortcuts()
  const isOpen = search.key !== undefined
  useEffect(
    () => offer({ ...(isOpen && { close }), focusSearch: () => field.current?.focus() }),
    [offer, isOpen, close],
  )
  return (
    <Page
      title={t('title')}
      of={open.key?.name ?? instance?.name}
      tools={<InstanceSwitch page="keys" />}
      panel={
        search.key === undefined ? undefined : (
          <KeyPanel
            key={search.key}
            open={open}
            api={api}
            guid={guid}
            search={search}
            acting={acting}
            rings={rings}
            onClose={close}
            onChange={change}
          />
        )
      }
    >
      <List
        inventory={inventory}
        search={search}
        onChange={change}
        filters={<KeyFilters search={search} counts={inventory.counts} rings={rings} field={field} onChange={change} />}
      />
    </Page>
  )
}

interface ListProps {
  readonly inventory: Inventory
  readonly search: KeysSearch
  readonly filters: ReactElement
  readonly onChange: (search: KeysSearch, replace?: boolean) => void
}

function List({ inventory, search, filters, onChange }: ListProps): ReactElement {
  const { t } = useTranslation('keys')
  const { items, error, counts, again } = inventory
  if (items === undefined) {
    if (error === undefined) return <StateView kind="loading" title={t('loading')} />
    return <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
  }
  const total = counts === undefined ? 0 : sumOf(counts)
  if (items.length === 0 && total === 0 && !isNarrowed(search)) {
    return (
      <StateView kind="empty" title={t('empty')} text={t('emptyText')}>
        <CommandLine command="keywitness keys create --help" />
      </StateView>
    )
  }
  return (
    <>
      {filters}
      <Keys inventory={inventory} items={items} search={search} onChange={onChange} />
    </>
  )
}

function Keys(props: Omit<ListProps, 'filters'> & { readonly items: readonly InventoryKey[] }): ReactElement {
  const { inventory, items, search, onChange } = props
  const { t } = useTranslation('keys')
  const events = useKeyEvents()
  const uses = useUsesOf(
    events,
    items.map(({ id }) => id),
    search.use === true,
  )
  const { answered } = inventory
  const { use: _use, ...withoutUse } = search
  return (
    <>
      <div className={styles.bar}>
        <p role="status" className={styles.asOf}>
          {inventory.isReading && <>{t('reading')}</>}
          {!inventory.isReading && answered !== undefined && (
            <>
              {t('asOf')} <Moment at={new Date(answered.at).toISOString()} />
            </>
          )}
        </p>
        <Button variant="subtle" disabled={inventory.isReading} onClick={inventory.again}>
          {t('refresh')}
        </Button>
        {events !== undefined && (
          <Button
            variant="subtle"
            aria-pressed={search.use === true}
            title={t('use.hint')}
            onClick={() => onChange(search.use === true ? withoutUse : { ...search, use: true }, true)}
          >
            {search.use === true ? t('use.hide') : t('use.show')}
          </Button>
        )}
      </div>
      {inventory.error !== undefined && !inventory.hasMore && (
        <p role="alert" className={styles.partial}>
          {t('stale', { message: inventory.error.message, code: inventory.error.code })}
        </p>
      )}
      {search.use === true && (uses.error !== undefined || !uses.isComplete) && (
        <p role="status" className={styles.partial}>
          {uses.error === undefined ? t('use.partial') : t('use.failed', { message: uses.error.message })}
        </p>
      )}
      {items.length === 0 ? (
        <StateView kind="quiet" title={t('noMatch')} text={t('noMatchText')}>
          <Button variant="default" onClick={() => onChange({})}>
            {t('filter.clear')}
          </Button>
        </StateView>
      ) : (
        <KeyTable
          keys={items}
          isWhole={!inventory.hasMore}
          openId={search.key}
          now={answered?.at ?? 0}
          uses={search.use === true && events !== undefined ? uses : undefined}
          onOpen={({ id }) => onChange({ ...withoutKey(search), key: id }, search.key !== undefined)}
        />
      )}
      <MoreButton parts={inventory} />
    </>
  )
}

function sumOf({ waiting: _waiting, overdue: _overdue, ...states }: NonNullable<Inventory['counts']>): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0)
}
