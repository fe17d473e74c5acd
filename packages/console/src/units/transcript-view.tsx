/** What was done to the crypto units of an instance, made here from the events of the trail: by whom, in which order, to what end. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { isOfCeremony, transcriptOf } from '@keywitness/cadf/transcripts'
import { type ReactElement, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { readHistory } from '../api/history-api.ts'
import { asApiError } from '../api/problem.ts'
import { usePlace } from '../app/place.tsx'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { useZone } from '../app/zone.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { isoOf } from '../shared/event-time.ts'
import { InstancePage } from '../shared/instance-page.tsx'
import { momentText } from '../shared/moment.tsx'
import { Notice } from '../shared/notice.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StaleNotice } from '../shared/stale-notice.tsx'
import { useStepProofs } from '../shared/use-step-proofs.ts'
import { type Ceremony, ceremoniesOf } from './ceremonies.ts'
import { TranscriptDocument } from './transcript-document.tsx'
import type { ViewProps } from './units-page.tsx'
import cards from '../shared/cards.module.css'
import styles from './transcript.module.css'

export function TranscriptView(props: ViewProps): ReactElement {
  const { t } = useTranslation('units')
  const { tracker } = usePlace()
  return (
    <InstancePage title={t('title')} views={props.views}>
      {tracker === undefined ? (
        <StateView kind="forbidden" title={t('transcript.noTrail')} text={t('transcript.noTrailText')} />
      ) : (
        <TrailTranscript {...props} location={tracker.location} />
      )}
    </InstancePage>
  )
}

function TrailTranscript(props: ViewProps & { readonly location: string }): ReactElement {
  const { guid, search, onChange, location } = props
  const { t } = useTranslation('units')
  const { calls } = useApi()
  const { data, error, refetch, dataUpdatedAt, isFetching } = useQuery({
    queryKey: ['ceremonies', location, guid],
    queryFn: ({ signal }) => readHistory(calls, location, { query: 'action:hs-crypto.tke-*', instance: guid }, signal),
  })
  const ceremonies = useMemo(
    () => ceremoniesOf((data?.events ?? []).filter(({ event }) => isOfCeremony(event))),
    [data],
  )
  const chosen = ceremonies.find(({ first }) => first === search.ceremony)
  const shown = useMemo(
    () => transcriptOf(chosen?.events ?? ceremonies.flatMap(({ events }) => events)),
    [chosen, ceremonies],
  )
  const retry = (): void => void refetch()
  useStepProofs(chosen?.events ?? data?.events)
  useStepKeys(
    props,
    shown.steps.map(({ index }) => index),
  )
  if (data === undefined) {
    if (error === null) return <StateView kind="loading" title={t('transcript.loading')} />
    return <ReadFailed title={t('transcript.failed')} error={asApiError(error)} onRetry={retry} />
  }
  if (ceremonies.length === 0) {
    return <StateView kind="empty" title={t('transcript.empty')} text={t('transcript.emptyText', { location })} />
  }
  return (
    <div className={cards.cards} tabIndex={0} role="group" aria-label={t('views.transcript')} data-printable>
      <div className={styles.tools}>
        <CeremonyChoice
          ceremonies={ceremonies}
          chosen={chosen}
          onChoose={(first) => onChange({ view: 'transcript', ...(first !== undefined && { ceremony: first }) })}
        />
        <Button variant="default" onClick={() => window.print()}>
          {t('transcript.print')}
        </Button>
        <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={retry} />
      </div>
      <StaleNotice error={error} />
      {data.isCut && (
        <Notice tone="warning" title={t('transcript.cut', { formatted: formatCount(data.events.length) })} />
      )}
      <TranscriptDocument
        guid={guid}
        madeAt={dataUpdatedAt}
        transcript={shown}
        open={search.step}
        actions={new Map(data.events.map(({ index, event }) => [index, event.action]))}
        onOpen={(step) => onChange({ ...withoutStep(search), ...(step !== undefined && { step }) }, true)}
      />
      <section className={styles.ground}>
        <h2 className={cards.heading}>{t('transcript.ground')}</h2>
        <p>{t('transcript.groundText', { location })}</p>
        <p>{t('transcript.evidence')}</p>
        <CommandLine command={`keywitness tke transcript --location ${location} --from -30d -o ceremony.html`} />
      </section>
    </div>
  )
}

/** What is shown, with no step open. */
function withoutStep({ view, ceremony }: ViewProps['search']): ViewProps['search'] {
  return { ...(view !== undefined && { view }), ...(ceremony !== undefined && { ceremony }) }
}

/** j and k walk over the steps; Escape closes the open one. */
function useStepKeys({ search, onChange }: ViewProps, indexes: readonly number[]): void {
  const { offer } = useShortcuts()
  useEffect(() => {
    const at = indexes.indexOf(search.step ?? -1)
    return offer({
      move: (by) => {
        const next = indexes[at === -1 ? (by > 0 ? 0 : indexes.length - 1) : at + by]
        if (next !== undefined) onChange({ ...search, step: next }, true)
      },
      ...(search.step !== undefined && { close: () => onChange(withoutStep(search), true) }),
    })
  }, [offer, search, onChange, indexes])
}

interface CeremonyChoiceProps {
  readonly ceremonies: readonly Ceremony[]
  readonly chosen: Ceremony | undefined
  readonly onChoose: (first: number | undefined) => void
}

function CeremonyChoice({ ceremonies, chosen, onChoose }: CeremonyChoiceProps): ReactElement | null {
  const { t } = useTranslation('units')
  const { zone } = useZone()
  if (ceremonies.length < 2) return null
  const stepsOf = ({ events }: Ceremony): string =>
    t('transcript.stepCount', { count: events.length, formatted: formatCount(events.length) })
  return (
    <label className={styles.choice}>
      {t('transcript.which')}
      <select
        value={chosen?.first ?? ''}
        onChange={({ currentTarget: { value } }) => onChoose(value === '' ? undefined : Number(value))}
      >
        <option value="">{t('transcript.all')}</option>
        {ceremonies.map((one) => (
          <option key={one.first} value={one.first}>
            {momentText(isoOf(one.events[0]?.event.eventTime ?? ''), zone)}, {stepsOf(one)}
          </option>
        ))}
      </select>
    </label>
  )
}
