/** The keys as a table: one a row, with where each stands, when it is to be rotated and when it was used last. */
import type { TFunction } from 'i18next'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { InventoryKey } from '../api/keys-api.ts'
import { formatCount } from '../i18n/texts.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Moment } from '../shared/moment.tsx'
import { ageText } from './age.ts'
import { DueLabel, KeyStateLabel, WaitingLabel } from './key-labels.tsx'
import { LastUse } from './last-use.tsx'
import type { UsesOfShown } from './use-uses.ts'
import styles from './key-table.module.css'

interface KeyTableProps {
  readonly keys: readonly InventoryKey[]
  /** Whether these are all there are: only then are they sorted here. */
  readonly isWhole: boolean
  readonly openId: string | undefined
  /** By the server's clock, milliseconds. */
  readonly now: number
  /** Undefined while nobody asked when they were used. */
  readonly uses: UsesOfShown | undefined
  readonly onOpen: (key: InventoryKey) => void
}

export function KeyTable({ keys, isWhole, openId, now, uses, onOpen }: KeyTableProps): ReactElement {
  const { t } = useTranslation('keys')
  const columns = columnsIn(t, now, uses)
  const [first, ...others] = columns
  const shown = (column: Column<InventoryKey>): Column<InventoryKey> => {
    const { sortBy: _sortBy, ...unsorted } = column
    return isWhole ? column : unsorted
  }
  return (
    <DataTable
      label={t('title')}
      columns={[shown(first), ...others.map(shown)]}
      rows={keys}
      keyOf={({ id }) => id}
      openKey={openId}
      onOpen={onOpen}
    />
  )
}

type Columns = readonly [Column<InventoryKey>, ...Column<InventoryKey>[]]

function columnsIn(t: TFunction<'keys'>, now: number, uses: UsesOfShown | undefined): Columns {
  const use: Column<InventoryKey> = {
    id: 'use',
    title: t('column.use'),
    cell: ({ id }) => <LastUse use={uses?.byKey.get(id)} />,
    sortBy: ({ id }) => uses?.byKey.get(id)?.last?.index,
  }
  return [
    {
      id: 'name',
      title: t('column.name'),
      cell: ({ name, aliases }) => (
        <>
          <bdi className={styles.name}>{name}</bdi>
          {aliases.length > 0 && <bdi className={styles.aliases}>{aliases.join(', ')}</bdi>}
        </>
      ),
      sortBy: ({ name }) => name,
    },
    {
      id: 'state',
      title: t('column.state'),
      cell: ({ state, deletion }) => (
        <span className={styles.states}>
          <KeyStateLabel state={state} />
          <WaitingLabel deletion={deletion} />
        </span>
      ),
      sortBy: ({ state, deletion }) => `${deletion === null ? 1 : 0} ${state}`,
    },
    {
      id: 'kind',
      title: t('column.kind'),
      needs: 'middle',
      cell: ({ kind, imported }) => (imported ? t(`importedKinds.${kind}`) : t(`shortKinds.${kind}`)),
      sortBy: ({ kind, imported }) => `${kind} ${imported}`,
    },
    { id: 'ring', title: t('column.ring'), needs: 'wide', cell: ({ ring }) => ring, sortBy: ({ ring }) => ring },
    {
      id: 'due',
      title: t('column.due'),
      ...(uses !== undefined && { needs: 'middle' as const }),
      cell: ({ rotation, kind }) => <DueLabel rotation={rotation} kind={kind} now={now} />,
      sortBy: ({ rotation }) => rotation?.dueAt ?? undefined,
    },
    {
      id: 'rotated',
      title: t('column.rotated'),
      needs: 'wide',
      cell: ({ rotatedAt, kind }) =>
        rotatedAt === undefined ? kind === 'root' && t('never') : <Time at={rotatedAt} />,
      sortBy: ({ rotatedAt }) => rotatedAt,
    },
    ...(uses === undefined ? [] : [use]),
    {
      id: 'expires',
      title: t('column.expires'),
      needs: 'wide',
      cell: ({ expiresAt }) => (expiresAt === undefined ? '' : <Time at={expiresAt} />),
      sortBy: ({ expiresAt }) => expiresAt,
    },
    {
      id: 'age',
      title: t('column.age'),
      isNumber: true,
      needs: 'wide',
      cell: ({ createdAt }) => <Moment at={createdAt}>{ageText(now - Date.parse(createdAt), t)}</Moment>,
      sortBy: ({ createdAt }) => -Date.parse(createdAt),
    },
    {
      id: 'versions',
      title: t('column.versions'),
      isNumber: true,
      needs: 'wide',
      cell: ({ versions, kind }) => (kind === 'root' ? formatCount(versions) : ''),
      sortBy: ({ versions }) => versions,
    },
  ]
}

function Time({ at }: { readonly at: string }): ReactElement {
  return (
    <span className={styles.time}>
      <Moment at={at} />
    </span>
  )
}
