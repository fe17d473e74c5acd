/** What is compared: states of logs and alerting, asked every few seconds without an event; counts, when somebody asks. */
import { useQueries } from '@tanstack/react-query'
import type { AlertingStatus } from '../api/alert-types.ts'
import type { TrackerStatus } from '../api/integrity-api.ts'
import type { Instance, Tracker } from '../api/types.ts'
import { useApi } from '../app/session.tsx'
import { countInstance, countLocation, type InstanceCounts, type PlaceCounts } from './counts.ts'
import type { RecentRange } from '../shared/recent-range.ts'
import { alertingStatusQuery, type Reading, readingOf, trackerStatusQuery } from '../shared/use-tracker-status.ts'

/** A location, with what one may see there. */
export interface LocationRow {
  readonly location: string
  /** Undefined: one may not read its trail. */
  readonly tracker: Tracker | undefined
  readonly instances: readonly Instance[]
}

/** An instance, and whether one may read the trail of its location. */
export interface InstanceRow {
  readonly instance: Instance
  readonly isReadable: boolean
}

interface LocationStates {
  readonly status?: Reading<TrackerStatus>
  readonly alerting?: Reading<AlertingStatus>
}

/** What was counted of one of them; undefined while nobody has asked. */
export interface CountReading<Counts> {
  readonly value: Counts | undefined
  readonly isReading: boolean
}

export interface ComparedLocation extends LocationRow, LocationStates {
  readonly counts: CountReading<PlaceCounts>
}

export interface ComparedInstance extends InstanceRow {
  readonly counts: CountReading<InstanceCounts>
}

const pollMs = 15_000

/** How each log is, in the order of the rows. */
export function useLogStates(rows: readonly LocationRow[]): readonly Reading<TrackerStatus>[] {
  const { calls } = useApi()
  return useQueries({
    queries: rows.map(({ location, tracker }) => ({
      ...trackerStatusQuery(calls, location, pollMs),
      enabled: tracker !== undefined,
    })),
  }).map(readingOf)
}

/** In the order of the rows. */
export function useLocationStates(rows: readonly LocationRow[]): readonly LocationStates[] {
  const api = useApi()
  const statuses = useLogStates(rows)
  const alertings = useQueries({
    queries: rows.map(({ location, tracker }) => ({
      ...alertingStatusQuery(api, location, pollMs),
      enabled: tracker !== undefined,
    })),
  })
  return statuses.map((status, at) => ({ status, alerting: readingOf(alertings[at]) }))
}

export interface Counting<Counts = unknown> {
  /** In the order of what is compared. */
  readonly counts: readonly CountReading<Counts>[]
  /** When the oldest of it was counted; milliseconds since the epoch, 0: something was not. */
  readonly at: number
  readonly isReading: boolean
  readonly ask: () => void
}

export function useLocationCounts(rows: readonly LocationRow[], range: RecentRange): Counting<PlaceCounts> {
  const { calls } = useApi()
  return useCounting(
    rows.map(({ location, tracker, instances }) => {
      const guids = instances.map(({ guid }) => guid)
      return {
        key: ['location-counts', location, range, ...guids],
        count: (signal: AbortSignal) =>
          countLocation(
            calls,
            { location, isReadable: tracker !== undefined, guids },
            { range, now: Date.now(), signal },
          ),
      }
    }),
  )
}

export function useInstanceCounts(rows: readonly InstanceRow[], range: RecentRange): Counting<InstanceCounts> {
  const { calls } = useApi()
  return useCounting(
    rows.map(({ instance: { guid, location }, isReadable }) => ({
      key: ['instance-counts', guid, range],
      count: (signal: AbortSignal) =>
        countInstance(calls, { guid, location, isReadable }, { range, now: Date.now(), signal }),
    })),
  )
}

interface ToCount<Counts> {
  readonly key: readonly string[]
  readonly count: (signal: AbortSignal) => Promise<Counts>
}

/** Nothing is counted before somebody asks. */
function useCounting<Counts>(wanted: readonly ToCount<Counts>[]): Counting<Counts> {
  const results = useQueries({
    queries: wanted.map(({ key, count }) => ({
      queryKey: key,
      queryFn: ({ signal }: { signal: AbortSignal }) => count(signal),
      enabled: false,
      gcTime: Infinity,
      retry: false,
    })),
  })
  const times = results.map(({ dataUpdatedAt }) => dataUpdatedAt)
  return {
    counts: results.map(({ data, isFetching }) => ({ value: data, isReading: isFetching })),
    at: times.length === 0 || times.includes(0) ? 0 : Math.min(...times),
    isReading: results.some(({ isFetching }) => isFetching),
    ask: () => {
      for (const { refetch } of results) void refetch()
    },
  }
}
