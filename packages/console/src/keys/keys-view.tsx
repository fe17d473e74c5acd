/** The inventory of an instance's keys, narrowed by its address, and the open key beside it. */
import { Button } from '@mantine/core'
import { type ReactElement, useCallback, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey } from '../api/keys-api.ts'
import { useRights } from '../app/rights.ts'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { AsOf } from '../shared/as-of.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { KeyFilters } from './key-filters.tsx'
import { KeyPanel } from './key-panel.tsx'
import { KeyTable } from './key-table.tsx'
import { defaultRing } from './key-names.ts'
import type { KeysViewProps } from './keys-page.tsx'
import { isNarrowed, type KeysSearch, withoutKey } from './search.ts'
import { type Inventory, useInventory, useOpenKey, useRings } from './use-inventory.ts'
import { useKeyEvents, useUsesOf } from './use-uses.ts'
import { useKeyAct } from './use-key-act.ts'
import styles from './keys-page.module.css'

export function KeysView({ api, guid, search, views, onChange: change, made }: KeysViewProps): ReactElement {
  const { t } = useTranslation('keys')
  const inventory = useInventory(api, guid, search)
  const open = useOpenKey(api, guid, search.key, inventory)
  const { rings } = useRings(api, guid, inventory.items !== undefined)
  const names = rings?.map(({ id }) => id)
  const acting = useKeyAct(api, guid)
  const field = useRef<HTMLInputElement>(null)
  const mayCreate = useRights()('keys.create', { instance: guid, keyRing: search.ring ?? defaultRing })
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
    <InstancePage
      title={t('title')}
      of={open.key?.name}
      views={views}
      panel={
        search.key === undefined ? undefined : (
          <KeyPanel
            key={search.key}
            open={open}
            api={api}
            guid={guid}
            search={search}
            acting={acting}
            rings={names}
            isNew={made === search.key}
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
        filters={<KeyFilters search={search} counts={inventory.counts} rings={names} field={field} onChange={change} />}
        said={acting.done?.act === 'purge' ? t('done.purge') : ''}
        mayCreate={mayCreate}
      />
    </InstancePage>
  )
}

interface ListProps {
  readonly inventory: Inventory
  readonly search: KeysSearch
  readonly filters: ReactElement
  /** What was done to a key that is gone. */
  readonly said: string
  readonly mayCreate: boolean
  readonly onChange: (search: KeysSearch, replace?: boolean) => void
}

function List(props: ListProps): ReactElement {
  const { inventory, search, filters, mayCreate, onChange } = props
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
        {mayCreate && <Button onClick={() => onChange({ show: 'new' })}>{t('create.name')}</Button>}
        <CommandLine command="keywitness keys create --help" />
      </StateView>
    )
  }
  return (
    <>
      {filters}
      <Keys {...props} items={items} />
    </>
  )
}

function Keys(props: Omit<ListProps, 'filters'> & { readonly items: readonly InventoryKey[] }): ReactElement {
  const { inventory, items, search, said, mayCreate, onChange } = props
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
        <AsOf at={answered?.at ?? 0} isReading={inventory.isReading} onRefresh={inventory.again} />
        <p role="status" className={styles.asOf}>
          {said !== '' && <>{said} </>}
          {inventory.isReading && <>{t('reading')}</>}
        </p>
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
        {mayCreate && (
          <Button onClick={() => onChange({ ...(search.ring !== undefined && { ring: search.ring }), show: 'new' })}>
            {t('create.name')}
          </Button>
        )}
      </div>
      {inventory.error !== undefined && !inventory.hasMore && (
        <p role="alert" className={styles.partial}>
          {t('stale', { message: inventory.error.told })}
        </p>
      )}
      {search.use === true && (uses.error !== undefined || !uses.isComplete) && (
        <p role="status" className={styles.partial}>
          {uses.error === undefined ? t('use.partial') : t('use.failed', { message: uses.error.message })}
        </p>
      )}
      {items.length === 0 ? (
        <StateView kind="missing" title={t('noMatch')} text={t('noMatchText')}>
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
