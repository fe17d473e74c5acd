/** Where one is: the trackers that one may read, the one that is watched, and the instance of the address. */
import { Button } from '@mantine/core'
import { Link, Navigate } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, createContext, useContext, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import type { Instance, Tracker } from '../api/types.ts'
import { ReadFailed } from '../shared/read-failed.tsx'
import { InstancesOfTrail } from './instances-of-trail.tsx'
import { useInstances } from './instances.ts'
import { addressOf, pageById, type PageId } from './pages.ts'
import { remembered } from './remembered.ts'
import { StateView } from './state-view.tsx'

export interface PlaceNow {
  readonly trackers: readonly Tracker[]
  /** Undefined: one may read no trail here. */
  readonly tracker: Tracker | undefined
  readonly instance: Instance | undefined
}

const PlaceContext = createContext<PlaceNow | undefined>(undefined)

export function PlaceProvider(props: PlaceNow & { readonly children: ReactNode }): ReactElement {
  const { trackers, tracker, instance, children } = props
  const place = useMemo(() => ({ trackers, tracker, instance }), [trackers, tracker, instance])
  return <PlaceContext value={place}>{children}</PlaceContext>
}

export function usePlace(): PlaceNow {
  const place = useContext(PlaceContext)
  if (place === undefined) throw new Error('used outside of the shell')
  return place
}

/** The address of a page, for the place one is at. */
export function usePageAddress(): (id: PageId) => string {
  const { tracker, instance } = usePlace()
  return (id) => {
    return addressOf(pageById(id), { location: tracker?.location, instance: instance?.guid ?? remembered('instance') })
  }
}

/** In place of a page of a location whose address names none: goes to the one where one was last. */
export function ChooseLocation({ page }: { readonly page: PageId }): ReactElement {
  const { t } = useTranslation()
  const { tracker } = usePlace()
  const address = usePageAddress()
  if (tracker === undefined) {
    return (
      <StateView kind="empty" title={t('shell.noTrackers')} text={t('shell.noTrackersText')}>
        <WaysOn />
      </StateView>
    )
  }
  return <Navigate to={address(page)} replace />
}

/** The same of a page of an instance. */
export function ChooseInstance({ page }: { readonly page: PageId }): ReactElement {
  const { t } = useTranslation()
  const { data, error, refetch } = useInstances()
  const { tracker } = usePlace()
  if (data === undefined) {
    if (error === null) return <StateView kind="loading" title={t('shell.loading')} />
    return <ReadFailed title={t('shell.instancesFailed')} error={asApiError(error)} onRetry={() => void refetch()} />
  }
  const chosen = data.find(({ guid }) => guid === remembered('instance')) ?? data[0]
  if (chosen === undefined) {
    const none = (
      <StateView kind="empty" title={t('shell.noInstances')} text={t('shell.noInstancesText')}>
        <WaysOn />
      </StateView>
    )
    if (pageById(page).isReadFromTrail !== true || tracker === undefined) return none
    return <InstancesOfTrail page={page} location={tracker.location} none={none} />
  }
  return <Navigate to={addressOf(pageById(page), { location: tracker?.location, instance: chosen.guid })} replace />
}

/** From a place that is none: to the overview, and to the trail of where one is, or of each location that one may read. */
export function WaysOn(): ReactElement {
  const { t } = useTranslation()
  const { tracker, trackers } = usePlace()
  return (
    <>
      <Button variant="default" component={Link} to="/overview">
        {t('ways.overview')}
      </Button>
      {(tracker === undefined ? trackers : [tracker]).map(({ location }) => (
        <Button key={location} variant="default" component={Link} to={addressOf(pageById('trail'), { location })}>
          {t('ways.trail', { location })}
        </Button>
      ))}
    </>
  )
}
