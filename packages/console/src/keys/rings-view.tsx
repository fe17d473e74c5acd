/** The key rings of an instance: what is in each is a way away; made and deleted here. */
import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { KeyRing } from '../api/keys-api.ts'
import { useRights } from '../app/rights.ts'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { Who } from '../shared/who.tsx'
import { defaultRing } from './key-names.ts'
import type { KeysViewProps } from './keys-page.tsx'
import { type AskedOfRing, RingDialog } from './ring-dialog.tsx'
import { useRings } from './use-inventory.ts'
import styles from './keys-page.module.css'

export function RingsView({ api, guid, views, onChange }: KeysViewProps): ReactElement {
  const { t } = useTranslation('keys')
  const { rings, error, again } = useRings(api, guid, true)
  const [asked, setAsked] = useState<AskedOfRing>()
  const [said, setSaid] = useState('')
  const may = useRights()
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  const row: RowActs = {
    mayDelete: ({ id }) => id !== defaultRing && may('key-rings.delete', { instance: guid, keyRing: id }),
    onShow: ({ id }) => onChange({ ring: id }),
    onDelete: (ring) => setAsked({ act: 'delete', ring }),
  }
  return (
    <InstancePage title={t('title')} views={views}>
      {rings === undefined && error === undefined && <StateView kind="loading" title={t('rings.loading')} />}
      {rings === undefined && error !== undefined && (
        <ReadFailed title={t('rings.failed')} forbidden={t('forbidden')} error={error} onRetry={again} />
      )}
      {rings !== undefined && (
        <>
          <div className={styles.bar}>
            <p role="status" className={styles.asOf}>
              {said === '' ? t('rings.text') : said}
            </p>
            {may('key-rings.create', { instance: guid }) && (
              <Button onClick={() => setAsked({ act: 'create' })}>{t('rings.create.name')}</Button>
            )}
          </div>
          <DataTable
            label={t('show.rings')}
            columns={columnsIn(t, row)}
            rows={rings}
            keyOf={({ id }) => id}
            none={t('rings.none')}
          />
        </>
      )}
      {asked !== undefined && (
        <RingDialog
          api={api}
          guid={guid}
          asked={asked}
          onClose={() => setAsked(undefined)}
          onDone={(done) => {
            setAsked(undefined)
            setSaid(done)
          }}
        />
      )}
    </InstancePage>
  )
}

interface RowActs {
  readonly mayDelete: (ring: KeyRing) => boolean
  readonly onShow: (ring: KeyRing) => void
  readonly onDelete: (ring: KeyRing) => void
}

function columnsIn(t: TFunction<'keys'>, row: RowActs): readonly [Column<KeyRing>, ...Column<KeyRing>[]] {
  return [
    {
      id: 'ring',
      title: t('column.ring'),
      cell: ({ id }) => (
        <>
          <bdi>{id}</bdi>
          {id === defaultRing && <span className={styles.about}>{t('rings.default')}</span>}
        </>
      ),
      sortBy: ({ id }) => id,
    },
    {
      id: 'created',
      title: t('facts.created'),
      needs: 'middle',
      cell: ({ creationDate }) => (creationDate === undefined ? '' : <Moment at={creationDate} />),
      sortBy: ({ creationDate }) => creationDate,
    },
    {
      id: 'by',
      title: t('rings.by'),
      needs: 'wide',
      cell: ({ createdBy }) => createdBy !== undefined && <Who id={createdBy} />,
    },
    {
      id: 'acts',
      title: t('acts.label'),
      cell: (ring) => (
        <span className={styles.acts}>
          <Button variant="subtle" aria-label={t('rings.keysOf', { ring: ring.id })} onClick={() => row.onShow(ring)}>
            {t('rings.keys')}
          </Button>
          {row.mayDelete(ring) && (
            <Button
              variant="subtle"
              aria-label={t('rings.delete.of', { ring: ring.id })}
              onClick={() => row.onDelete(ring)}
            >
              {t('rings.delete.name')}
            </Button>
          )}
        </span>
      ),
    },
  ]
}
