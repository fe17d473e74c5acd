/** What clients keep behind an adapter, by the states that are chosen; the open object, and how it is destroyed. */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type ObjectState, objectStates } from '../api/key-states.ts'
import type { KmipAdapter, KmipApi, KmipObject } from '../api/kmip-api.ts'
import { asApiError } from '../api/problem.ts'
import { CloseIcon } from '../app/icons.tsx'
import { PanelFact, PanelTool } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { EventLink } from '../shared/event-link.tsx'
import { CheckField } from '../shared/fields.tsx'
import { Moment } from '../shared/moment.tsx'
import { MoreButton } from '../shared/more-button.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel, stateMarks, type StateTone } from '../shared/state-label.tsx'
import { ToggleGroup } from '../shared/toggle-group.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { inSight } from '../shared/in-sight.ts'
import { useParts } from '../shared/use-parts.ts'
import { Who } from '../shared/who.tsx'
import { type LastUse, useLastUse } from './last-seen.ts'
import type { KmipSearch } from './search.ts'
import styles from './kmip.module.css'

interface ObjectsProps {
  readonly adapter: KmipAdapter
  readonly api: KmipApi
  readonly search: KmipSearch
  readonly onChange: (search: KmipSearch) => void
}

const objectsKey = (adapter: string): readonly string[] => ['kmip-objects', adapter]

export function Objects({ adapter, api, search, onChange }: ObjectsProps): ReactElement {
  const { t } = useTranslation('kmip')
  const [said, setSaid] = useState('')
  const { state: states = [], object: openId, ...rest } = search
  const parts = useParts([...objectsKey(adapter.id), states.join()], (after, signal) =>
    api.objects(adapter.id, states, after, signal),
  )
  const { items, error, again } = parts
  if (items === undefined) {
    if (error === undefined) return <StateView kind="loading" title={t('objectsLoading')} />
    return <ReadFailed title={t('objectsFailed')} forbidden={t('forbidden')} error={error} onRetry={again} />
  }
  if (items.length === 0 && states.length === 0) return <p>{t('objectsNone')}</p>
  const open = items.find(({ id }) => id === openId)
  const show = (object?: string): void =>
    onChange({ ...rest, ...(states.length > 0 && { state: states }), ...(object !== undefined && { object }) })
  return (
    <>
      <div className={styles.states}>
        <ToggleGroup
          label={t('objectStates')}
          values={names}
          chosen={states.map(nameOf)}
          marks={marks}
          nameOf={(name) => t(`states.${stateNamed(name)}`)}
          onChange={(chosen) => onChange({ ...rest, ...(chosen.length > 0 && { state: chosen.map(stateNamed) }) })}
        />
      </div>
      <p role="status">{said}</p>
      <DataTable
        label={t('objects')}
        columns={columnsIn(t)}
        rows={items}
        keyOf={({ id }) => id}
        openKey={openId}
        onOpen={({ id }) => {
          setSaid('')
          show(id)
        }}
        none={t('objectsNoMatch', { count: states.length })}
      />
      <MoreButton parts={parts} />
      {open !== undefined && (
        <OpenObject
          key={open.id}
          adapter={adapter}
          api={api}
          object={open}
          onClose={() => show()}
          onDestroyed={() => setSaid(t('destroy.done'))}
        />
      )}
    </>
  )
}

type StateName = `${ObjectState}`
const nameOf = (state: ObjectState): StateName => `${state}`
const stateNamed = (name: StateName): ObjectState => objectStates.find((state) => nameOf(state) === name) ?? 1
const names = objectStates.map(nameOf)

const tones: Readonly<Record<ObjectState, StateTone>> = {
  1: 'pending',
  2: 'good',
  3: 'plain',
  4: 'warning',
  5: 'plain',
  6: 'warning',
}
const marks = {
  1: stateMarks[tones[1]],
  2: stateMarks[tones[2]],
  3: stateMarks[tones[3]],
  4: stateMarks[tones[4]],
  5: stateMarks[tones[5]],
  6: stateMarks[tones[6]],
}

/** Undefined for a state that KMIP does not have. */
const stateOf = ({ state }: KmipObject): ObjectState | undefined => objectStates.find((each) => each === state)

function ObjectStateLabel({ of: object }: { readonly of: KmipObject }): ReactElement {
  const { t } = useTranslation('kmip')
  const state = stateOf(object)
  if (state === undefined) return <span>{String(object.state)}</span>
  return <StateLabel tone={tones[state]}>{t(`states.${state}`)}</StateLabel>
}

/** KMIP 1.4, section 9.1.3.2.12. */
const objectTypes = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const

function typeIn(t: TFunction<'kmip'>): (object: KmipObject) => string {
  return ({ kmip_object_type }) => {
    const known = objectTypes.find((type) => type === kmip_object_type)
    return known === undefined ? String(kmip_object_type) : t(`objectTypes.${known}`)
  }
}

function columnsIn(t: TFunction<'kmip'>): readonly [Column<KmipObject>, ...Column<KmipObject>[]] {
  const typeOf = typeIn(t)
  return [
    {
      id: 'object',
      title: t('object'),
      cell: (object) => (
        <span className={styles.object}>
          {typeOf(object)}
          <code className={styles.id}>{object.id}</code>
        </span>
      ),
      sortBy: typeOf,
    },
    {
      id: 'state',
      title: t('state'),
      cell: (object) => <ObjectStateLabel of={object} />,
      sortBy: ({ state }) => state,
    },
  ]
}

interface OpenObjectProps extends Pick<ObjectsProps, 'adapter' | 'api'> {
  readonly object: KmipObject
  readonly onClose: () => void
  readonly onDestroyed: () => void
}

/** Names of the clients' certificates that are listed above the objects, by what is told in place of an identity. */
function useClientNames(api: KmipApi, adapter: string): ReadonlyMap<string, string> {
  const { data = [] } = useQuery({
    queryKey: ['kmip-certificates', adapter],
    queryFn: ({ signal }) => api.certificates(adapter, signal),
    enabled: false,
  })
  return new Map(data.map(({ fingerprint, name }) => [`CertificateID-${fingerprint}`, name]))
}

const destroyed: readonly (ObjectState | undefined)[] = [5, 6]

function OpenObject({ adapter, api, object, onClose, onDestroyed }: OpenObjectProps): ReactElement {
  const { t } = useTranslation('kmip')
  const [isAsked, setIsAsked] = useState(false)
  const state = stateOf(object)
  const clients = useClientNames(api, adapter.id)
  const use = useLastUse(object.id)
  const stamps = [
    [t('objectCreated'), object.created_at, object.created_by],
    [t('objectUpdated'), object.updated_at, object.updated_by],
    [t('objectDestroyed'), object.destroyed_at, object.destroyed_by],
  ] as const
  return (
    <section ref={inSight} className={styles.certificate} aria-label={t('object')}>
      <div className={styles.top}>
        <ObjectStateLabel of={object} />
        <PanelTool label={t('objectClose')} onClick={onClose}>
          <CloseIcon size={14} />
        </PanelTool>
      </div>
      {state !== undefined && <p>{t(`stateTexts.${state}`)}</p>}
      <dl>
        <PanelFact name={t('id')}>
          <code>{object.id}</code>
        </PanelFact>
        <PanelFact name={t('type')}>{typeIn(t)(object)}</PanelFact>
        {stamps.map(
          ([name, at, by]) =>
            at !== undefined && (
              <PanelFact key={name} name={name}>
                <Moment at={at} /> {by !== undefined && <Who id={by} name={clients.get(by)} />}
              </PanelFact>
            ),
        )}
        {use.data !== undefined && (
          <PanelFact name={t('lastUse')}>
            <LastUseText use={use.data} />
          </PanelFact>
        )}
      </dl>
      {use.error !== null && <ActProblem error={asApiError(use.error)} forbidden={t('noTrail')} />}
      <TrailLink words={object.id} query="-action:activity-tracker.*" />
      {!destroyed.includes(state) && (
        <div className={styles.buttons}>
          {use.isPossible && <LookButton use={use} />}
          <Button variant="default" onClick={() => setIsAsked(true)}>
            {t('destroy.name')}
          </Button>
        </div>
      )}
      {isAsked && (
        <DestroyDialog
          adapter={adapter}
          api={api}
          object={object}
          use={use}
          onClose={() => setIsAsked(false)}
          onDestroyed={() => {
            setIsAsked(false)
            onDestroyed()
          }}
        />
      )}
    </section>
  )
}

type LastUseQuery = ReturnType<typeof useLastUse>

function LastUseText({ use }: { readonly use: LastUse | null }): ReactElement {
  const { t } = useTranslation('kmip')
  if (use === null) return <>{t('neverUsed')}</>
  return (
    <span className={styles.seen}>
      {use.time !== undefined && <Moment at={use.time} />}
      <EventLink index={use.index}>{t('newestEvent')}</EventLink>
    </span>
  )
}

/** Looking is an event itself: it is done when somebody wants it. */
function LookButton({ use }: { readonly use: LastUseQuery }): ReactElement {
  const { t } = useTranslation('kmip')
  return (
    <Button variant="default" loading={use.isFetching} onClick={() => void use.refetch()}>
      {t('lookUse')}
    </Button>
  )
}

const preActive = 1
const active = 2
const explained = ['KMIP_OBJECT_ACTIVE', 'KMIP_OBJECT_DESTROYED'] as const

interface DestroyDialogProps extends OpenObjectProps {
  readonly use: LastUseQuery
}

function DestroyDialog({ adapter, api, object, use, onClose, onDestroyed }: DestroyDialogProps): ReactElement {
  const { t } = useTranslation('kmip')
  const queries = useQueryClient()
  const [isForced, setIsForced] = useState(false)
  const isActive = object.state === active
  const destroying = useMutation({
    mutationFn: () => api.removeObject(adapter.id, object.id, isForced),
    networkMode: 'always',
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: objectsKey(adapter.id) })
      onDestroyed()
    },
  })
  return (
    <ConfirmDialog
      title={t('destroy.title')}
      name={object.id}
      will={[...t('destroy.will').split('\n'), ...(object.state === preActive ? [t('destroy.preActive')] : [])]}
      confirm={t('destroy.confirm')}
      typed={[object.id, adapter.name]}
      typedLabel={t('destroy.type', { name: adapter.name })}
      isReady={!isActive || isForced}
      isBusy={destroying.isPending}
      error={destroying.error}
      explain={({ code }) => {
        const known = explained.find((each) => each === code)
        return known === undefined ? undefined : t(`destroy.refusals.${known}`)
      }}
      onCancel={onClose}
      onConfirm={() => destroying.mutate()}
    >
      <div role="status">
        {use.data !== undefined && (
          <p>
            {t('lastUse')}: <LastUseText use={use.data} />
          </p>
        )}
      </div>
      {use.error !== null && <ActProblem error={asApiError(use.error)} forbidden={t('noTrail')} />}
      {use.isPossible && (
        <div>
          <LookButton use={use} />
        </div>
      )}
      {isActive && <CheckField label={t('destroy.force')} isOn={isForced} onChange={setIsForced} />}
    </ConfirmDialog>
  )
}
