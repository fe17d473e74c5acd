/** What is counted of locations and instances when somebody asks: events, failures, what is critical, keys by state. */
import type { Calls } from '../api/client.ts'
import { type InstanceDetail, readInstance } from '../api/instances-api.ts'
import { createKeysApi, type InventoryCounts } from '../api/keys-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { createSummariesApi } from '../api/summaries-api.ts'
import { type RecentRange, recentTime } from '../shared/recent-range.ts'

/** Something that is counted: what is known, or why not. */
export type Counted<Value> =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: ApiError }

interface ActivityCount {
  /** Both ends of the time, RFC 3339: links lead to exactly what was counted. */
  readonly from: string
  readonly to: string
  readonly events: number
  readonly failures: number
  readonly critical: number
  /** False: there are at least so many. */
  readonly isComplete: boolean
}

/** Whether one may not read a part of it. */
export function isPartRefused(counts: PlaceCounts | InstanceCounts | undefined): boolean {
  return counts !== undefined && Object.values(counts).some((part) => part?.error?.kind === 'forbidden')
}

interface KeyCount {
  readonly counts: InventoryCounts
  /** Instances that are counted, of so many. */
  readonly counted: number
  readonly of: number
}

export interface PlaceCounts {
  /** Undefined where one may read no trail. */
  readonly activity: Counted<ActivityCount> | undefined
  /** Undefined where there is no instance. */
  readonly keys: Counted<KeyCount> | undefined
}

export interface InstanceCounts extends PlaceCounts {
  readonly detail: Counted<InstanceDetail>
}

export interface CountAsk {
  readonly range: RecentRange
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal: AbortSignal
}

/** Of so many instances of a location keys are counted: each is a question of its own. */
export const instancesCounted = 20

/** @param guids of the instances there; @param isReadable whether one may read its trail */
export async function countLocation(
  calls: Calls,
  { location, isReadable, guids }: { location: string; isReadable: boolean; guids: readonly string[] },
  ask: CountAsk,
): Promise<PlaceCounts> {
  return {
    activity: isReadable ? await settled(countEvents(calls, location, undefined, ask)) : undefined,
    keys: guids.length === 0 ? undefined : await countKeys(calls, guids, ask.signal),
  }
}

export async function countInstance(
  calls: Calls,
  { guid, location, isReadable }: { guid: string; location: string; isReadable: boolean },
  ask: CountAsk,
): Promise<InstanceCounts> {
  return {
    activity: isReadable ? await settled(countEvents(calls, location, guid, ask)) : undefined,
    keys: await countKeys(calls, [guid], ask.signal),
    detail: await settled(readInstance(calls, guid, ask.signal)),
  }
}

async function countEvents(
  calls: Calls,
  location: string,
  instance: string | undefined,
  { range, now, signal }: CountAsk,
): Promise<ActivityCount> {
  const during = recentTime(range, now)
  const query = { ...during, ...(instance !== undefined && { instance }) }
  const { count, isComplete, facets } = await createSummariesApi(calls, location).facets(
    query,
    ['outcome', 'severity'],
    10,
    signal,
  )
  const countOf = (field: string, wanted: string): number =>
    facets.find((facet) => facet.field === field)?.values.find(({ value }) => value === wanted)?.count ?? 0
  return {
    ...during,
    events: count,
    failures: countOf('outcome', 'failure'),
    critical: countOf('severity', 'critical'),
    isComplete,
  }
}

/** An error only when no instance could be counted. */
async function countKeys(calls: Calls, guids: readonly string[], signal: AbortSignal): Promise<Counted<KeyCount>> {
  const answers = await Promise.all(
    guids.slice(0, instancesCounted).map((guid) => settled(createKeysApi(calls, guid).counts(signal))),
  )
  const known = answers.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const [first, ...rest] = known
  if (first === undefined) return { error: answers[0]?.error ?? asApiError(undefined) }
  return { value: { counts: rest.reduce(sum, first), counted: known.length, of: guids.length } }
}

function sum(a: InventoryCounts, b: InventoryCounts): InventoryCounts {
  return {
    active: a.active + b.active,
    suspended: a.suspended + b.suspended,
    deactivated: a.deactivated + b.deactivated,
    'pre-active': a['pre-active'] + b['pre-active'],
    destroyed: a.destroyed + b.destroyed,
    waiting: a.waiting + b.waiting,
    overdue: a.overdue + b.overdue,
  }
}

/** A refusal is told in its own place; whatever else was counted is shown. */
async function settled<Value>(answer: Promise<Value>): Promise<Counted<Value>> {
  try {
    return { value: await answer }
  } catch (cause) {
    return { error: asApiError(cause) }
  }
}
