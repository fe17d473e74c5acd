/** The side panel: one event in full, its proof, its bytes. The list keeps its place beside it. */
import type { ActivityEvent } from '@keywitness/cadf'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/problem.ts'
import type { TrailItem } from '../api/types.ts'
import { DownIcon, LinkIcon, UpIcon } from '../app/icons.tsx'
import { useInstanceName } from '../app/instances.ts'
import { useApi } from '../app/session.tsx'
import { PanelTool, SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { CopyButton } from '../shared/copy-button.tsx'
import { ProofMark } from '../proof/proof-mark.tsx'
import { describe } from './describe.ts'
import { OutcomeLabel, SeverityLabel } from '../shared/labels.tsx'
import type { PanelView, TrailSearch } from './search.ts'
import styles from './event-panel.module.css'

interface EventPanelProps {
  readonly index: number
  /** The event as the list has it; undefined when it is not among the rows, as behind a shared link. */
  readonly item: TrailItem | undefined
  /** Whether the list is still to come, and with it perhaps the event. */
  readonly isListLoading: boolean
  readonly covered: number
  readonly view: PanelView
  readonly search: TrailSearch
  readonly onChange: (search: TrailSearch, replace?: boolean) => void
  readonly onClose: () => void
  /** Opens the row that many places further down. */
  readonly onMove: (by: number) => void
  readonly canMove: { readonly newer: boolean; readonly older: boolean }
}

export function EventPanel(props: EventPanelProps): ReactElement {
  const { index, item, isListLoading, onClose } = props
  const { t } = useTranslation()
  const api = useApi()
  const { tracker } = useRoom()
  // Reading an event is an event: it is read only when the list does not have it.
  const { data, error, refetch } = useQuery({
    queryKey: ['event', tracker.location, index],
    queryFn: ({ signal }) => api.event(tracker.location, String(index), signal),
    enabled: item === undefined && !isListLoading,
  })
  const event = item?.event ?? data?.event
  return (
    <SidePanel
      label={t('panel.label')}
      heading={t('panel.index', { index: formatCount(index) })}
      closeLabel={t('panel.close')}
      onClose={onClose}
      tools={<PanelTools {...props} />}
    >
      {event === undefined ? (
        <PanelState error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          <Headline
            event={event}
            index={index}
            covered={Math.max(props.covered, data?.covered === true ? index + 1 : 0)}
          />
          <Views {...props} event={event} />
        </>
      )}
    </SidePanel>
  )
}

/** The views come with the catalogue's explanations, which only they show: with the first event that is opened. */
function Views(props: EventPanelProps & { readonly event: ActivityEvent }): ReactElement {
  const { event, index, view, search, onChange } = props
  const {
    data: PanelViews,
    error,
    refetch,
  } = useQuery({
    queryKey: ['panel-views'],
    queryFn: async () => (await import('./panel-views.tsx')).PanelViews,
    // What was fetched is there; and it may be in the browser's cache when there is no network.
    gcTime: Number.POSITIVE_INFINITY,
    networkMode: 'always',
  })
  if (PanelViews === undefined) return <PanelState error={error} onRetry={() => void refetch()} />
  return <PanelViews event={event} index={index} view={view} search={search} onChange={onChange} />
}

function PanelTools({ onMove, canMove }: Pick<EventPanelProps, 'onMove' | 'canMove'>): ReactElement {
  const { t } = useTranslation()
  return (
    <>
      <PanelTool label={t('panel.newer')} isOff={!canMove.newer} onClick={() => onMove(-1)}>
        <UpIcon />
      </PanelTool>
      <PanelTool label={t('panel.older')} isOff={!canMove.older} onClick={() => onMove(1)}>
        <DownIcon />
      </PanelTool>
      <LinkButton />
    </>
  )
}

/** Copies the address: it holds filters, range and the open event. */
function LinkButton(): ReactElement {
  const { t } = useTranslation()
  return <CopyButton text={window.location.href} label={t('panel.copyLink')} icon={<LinkIcon />} />
}

function Headline(props: { event: TrailItem['event']; index: number; covered: number }): ReactElement {
  const { event, index, covered } = props
  const { proven, alarm } = useWitnessState()
  const { parts } = describe(event, useInstanceName())
  const stage =
    alarm?.index === index ? 'broken' : proven.has(index) ? 'proven' : index < covered ? 'covered' : 'recorded'
  return (
    <div className={styles.headline}>
      <h2 className={styles.sentence}>
        {parts[0]}
        {parts[1] !== '' && <strong className={styles.name}>{parts[1]}</strong>}
        {parts[2]}
      </h2>
      <p className={styles.marks}>
        <SeverityLabel severity={event.severity} />
        <OutcomeLabel outcome={event.outcome} code={event.reason.reasonCode} />
        <ProofMark stage={stage} />
      </p>
    </div>
  )
}

function PanelState(props: { error: Error | null; onRetry: () => void }): ReactElement {
  const { t } = useTranslation()
  const { error, onRetry } = props
  if (error === null) return <StateView kind="loading" title={t('panel.loading')} />
  const known = error instanceof ApiError ? error : undefined
  if (known?.kind === 'missing') {
    return <StateView kind="missing" title={t('panel.missing')} text={t('panel.missingText')} />
  }
  if (known?.kind === 'forbidden') {
    return <StateView kind="forbidden" title={t('forbidden.title')} text={t('forbidden.text')} error={known} />
  }
  return <StateView kind="error" title={t('panel.failed')} text={error.message} error={known} onRetry={onRetry} />
}
