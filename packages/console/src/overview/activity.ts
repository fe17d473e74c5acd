/** What happened in a location in a length of time, read once: five searches, one after the other. */
import type { FacetValue, Groups, Histogram, SummariesApi } from '../api/summaries-api.ts'
import { type RecentRange, recentTime } from '../shared/recent-range.ts'

export interface Activity {
  /** Both ends of the time, RFC 3339: links lead to exactly what was counted. */
  readonly from: string
  readonly to: string
  readonly isComplete: boolean
  readonly events: number
  readonly critical: number
  readonly failures: number
  readonly buckets: readonly ActivityBucket[]
  readonly criticalActions: readonly FacetValue[]
  readonly failingActions: readonly FacetValue[]
  readonly instances: ReadonlyMap<string, InstanceActivity>
}

export interface ActivityBucket {
  readonly from: string
  readonly to: string
  readonly normal: number
  readonly warning: number
  readonly critical: number
  readonly failures: number
}

export interface InstanceActivity {
  readonly events: number
  readonly critical: number
  readonly failures: number
}

const intervals = { '24h': '1h', '7d': '6h', '30d': '1d' }

interface ActivityAsk {
  readonly range: RecentRange
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Days begin at its midnights. */
  readonly tz: string
}

export async function readActivity(
  api: Pick<SummariesApi, 'histogram' | 'facets' | 'groups'>,
  { range, now, tz }: ActivityAsk,
  signal: AbortSignal,
): Promise<Activity> {
  const query = { ...recentTime(range, now), tz }
  const interval = intervals[range]
  const severities = await api.histogram(query, { interval, by: 'severity' }, signal)
  const outcomes = await api.histogram(query, { interval, by: 'outcome' }, signal)
  const critical = await api.facets({ ...query, severity: ['critical'] }, ['action'], 5, signal)
  const failing = await api.facets({ ...query, outcome: ['failure'] }, ['action'], 5, signal)
  const groups = await api.groups(query, ['instance', 'severity', 'outcome'], 500, signal)
  return {
    from: query.from,
    to: query.to,
    isComplete: [severities, outcomes, critical, failing, groups].every(({ isComplete }) => isComplete),
    events: severities.count,
    critical: critical.count,
    failures: failing.count,
    buckets: bucketsOf(severities, outcomes),
    criticalActions: critical.facets[0]?.values ?? [],
    failingActions: failing.facets[0]?.values ?? [],
    instances: instancesOf(groups),
  }
}

function bucketsOf(severities: Histogram, outcomes: Histogram): readonly ActivityBucket[] {
  const failures = new Map(outcomes.buckets.map(({ from, counts }) => [from, counts['failure'] ?? 0]))
  return severities.buckets.map(({ from, to, counts }) => ({
    from,
    to,
    normal: counts['normal'] ?? 0,
    warning: counts['warning'] ?? 0,
    critical: counts['critical'] ?? 0,
    failures: failures.get(from) ?? 0,
  }))
}

function instancesOf({ rows }: Groups): ReadonlyMap<string, InstanceActivity> {
  const instances = new Map<string, InstanceActivity>()
  for (const { values, count } of rows) {
    const [instance = '', severity, outcome] = values.map(({ value }) => value)
    const known = instances.get(instance) ?? { events: 0, critical: 0, failures: 0 }
    instances.set(instance, {
      events: known.events + count,
      critical: known.critical + (severity === 'critical' ? count : 0),
      failures: known.failures + (outcome === 'failure' ? count : 0),
    })
  }
  return instances
}

/** A day (an hour, of a single day) with what speaks for looking at it. */
export interface Period extends Pick<ActivityBucket, 'from' | 'to' | 'critical' | 'failures'> {
  readonly events: number
}

/**
 * Those that need attention: with something critical or a failure, the worst first.
 *
 * @param dayOf the day that a time belongs to; buckets of one day are taken together
 */
export function worstPeriods(
  buckets: readonly ActivityBucket[],
  most: number,
  dayOf: (time: string) => string = (time) => time,
): readonly Period[] {
  const periods = new Map<string, Period>()
  for (const { from, to, normal, warning, critical, failures } of buckets) {
    const known = periods.get(dayOf(from))
    periods.set(dayOf(from), {
      from: known?.from ?? from,
      to,
      critical: (known?.critical ?? 0) + critical,
      failures: (known?.failures ?? 0) + failures,
      events: (known?.events ?? 0) + normal + warning + critical,
    })
  }
  return [...periods.values()]
    .filter(({ critical, failures }) => critical > 0 || failures > 0)
    .toSorted((a, b) => b.critical - a.critical || b.failures - a.failures || (a.from < b.from ? 1 : -1))
    .slice(0, most)
}
