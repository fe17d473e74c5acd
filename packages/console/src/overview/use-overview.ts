/** What the overview reads: searches and instances once, and again when somebody asks; states every few seconds. */
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import type { AlertingStatus } from '../api/alert-types.ts'
import type { TrackerStatus } from '../api/integrity-api.ts'
import { type InstanceDetail, readInstance } from '../api/instances-api.ts'
import { createSummariesApi } from '../api/summaries-api.ts'
import type { Instance, Tracker } from '../api/types.ts'
import { useInstances } from '../app/instances.ts'
import { useApi } from '../app/session.tsx'
import { useZone } from '../app/zone.tsx'
import { ianaOf } from '../app/zones.ts'
import { type Activity, readActivity } from './activity.ts'
import type { RecentRange } from '../shared/recent-range.ts'
import { alertingStatusQuery, type Reading, readingOf, trackerStatusQuery } from '../shared/use-tracker-status.ts'

export interface LocationOverview {
  readonly tracker: Tracker
  readonly activity: Reading<Activity>
  readonly status: Reading<TrackerStatus>
  readonly alerting: Reading<AlertingStatus>
}

export interface Overview {
  readonly locations: readonly LocationOverview[]
  readonly instances: Reading<readonly Instance[]>
  /** By GUID. */
  readonly details: ReadonlyMap<string, Reading<InstanceDetail>>
  /** How many instances more are read by {@link Overview.readMore}. */
  readonly moreDetails: number
  readonly readMore: () => void
  /** When what is an event of the trail was read, the oldest of it; milliseconds since the epoch, 0: not yet. */
  readonly readAt: number
  /** When something was heard last, in the same way: what is soon, is soon from then. */
  readonly heardAt: number
  readonly isReading: boolean
  /** Reads everything anew. */
  readonly refresh: () => void
}

const readings = [
  'overview-activity',
  'instances',
  'instance-detail',
  'overview-first',
  'tracker-status',
  'alerting-status',
]
const pollMs = 15_000
/** Each detail is an event: of so many instances it is read unasked, and of so many more each time that somebody asks. */
const detailsPerAsk = 20

export function useOverview(trackers: readonly Tracker[], range: RecentRange): Overview {
  const api = useApi()
  const { zone } = useZone()
  const queries = useQueryClient()
  const tz = ianaOf(zone)
  const activities = useQueries({
    queries: trackers.map(({ location }) => ({
      queryKey: ['overview-activity', location, range, tz],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        readActivity(createSummariesApi(api.calls, location), { range, now: Date.now(), tz }, signal),
      gcTime: Infinity,
      retry: false,
    })),
  })
  const statuses = useQueries({
    queries: trackers.map(({ location }) => ({
      ...trackerStatusQuery(api.calls, location, pollMs),
    })),
  })
  const alertings = useQueries({
    queries: trackers.map(({ location }) => ({
      ...alertingStatusQuery(api, location, pollMs),
    })),
  })
  const instances = useInstances()
  const [detailsWanted, setDetailsWanted] = useState(detailsPerAsk)
  const all = instances.data ?? []
  const guids = all.slice(0, detailsWanted).map(({ guid }) => guid)
  const details = useQueries({
    queries: guids.map((guid) => ({
      queryKey: ['instance-detail', guid],
      queryFn: ({ signal }: { signal: AbortSignal }) => readInstance(api.calls, guid, signal),
      gcTime: Infinity,
      retry: false,
    })),
  })
  const refresh = useCallback(() => {
    for (const name of readings) void queries.invalidateQueries({ queryKey: [name] })
  }, [queries])
  const read = [...activities, ...details, instances]
  const times = read.map(({ dataUpdatedAt }) => dataUpdatedAt).filter((at) => at > 0)
  return {
    locations: trackers.map((tracker, i) => ({
      tracker,
      activity: readingOf(activities[i]),
      status: readingOf(statuses[i]),
      alerting: readingOf(alertings[i]),
    })),
    instances: readingOf(instances),
    details: new Map(guids.map((guid, i) => [guid, readingOf(details[i])])),
    moreDetails: Math.min(detailsPerAsk, all.length - guids.length),
    readMore: () => setDetailsWanted(detailsWanted + detailsPerAsk),
    readAt: times.length === 0 ? 0 : Math.min(...times),
    heardAt: Math.max(0, ...times, ...statuses.map(({ dataUpdatedAt }) => dataUpdatedAt)),
    isReading: read.some(({ isFetching }) => isFetching),
    refresh,
  }
}

/** Who did what in a trail that has only begun; an event of it, so only while it is asked for. */
// What a query is made of is all there is to say about its type.
export function useFirstGroups(location: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: ['overview-first', location],
    queryFn: ({ signal }) =>
      createSummariesApi(api.calls, location ?? '').groups(
        {},
        ['action', 'initiator.typeURI', 'initiator'],
        1_000,
        signal,
      ),
    enabled: location !== undefined,
    gcTime: Infinity,
    retry: false,
  })
}
