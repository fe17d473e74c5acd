/** Counts over the log: how many, when, with which values. */
import { type Query, queryField } from '@keywitness/cadf'
import type { EventCount, EventFilter, Facets, Groups, Histogram, QuestionBounds } from '../search-api.ts'
import { TrackerError } from '../errors.ts'
import { bucketsMax, facetFieldsMax, facetValuesMax, groupFieldsMax, groupsMax } from '../limits.ts'
import { EntrySubject } from '../search/entry-subject.ts'
import { searchColumnOf } from '../search/fields.ts'
import { isEventTime } from '../search/matcher.ts'
import { planOf, type TimeWindow } from '../search/plan.ts'
import { type Corpus, isOver, refuseWithdrawn } from '../search/run.ts'
import { valueColumns } from '../search/schema.ts'
import { type CountedField, GroupCounter, ValueCounter } from '../search/value-counters.ts'
import { tally, TimeCounter } from '../search/tally.ts'
import { minuteMs } from '../search/table-writer.ts'
import { eachMinute } from './minutes.ts'

type Filter = EventFilter & QuestionBounds

export function countEvents(corpus: Corpus, size: number, filter: Filter): EventCount {
  return tally(planOf(filter), corpus, size, [], filter)
}

export function histogramOf(
  corpus: Corpus,
  size: number,
  filter: Filter,
  edges: readonly number[],
  by: 'severity' | 'outcome',
): Histogram {
  const isOrdered = edges.every((edge, at) => Number.isSafeInteger(edge) && (at === 0 || edge > edges[at - 1]!))
  if (!isOrdered || edges.length < 2 || edges.length > bucketsMax + 1) {
    throw new TrackerError('BAD_INPUT', 'edges of a histogram are not allowed')
  }
  const within = {
    from: Math.max(edges[0]!, filter.from ?? edges[0]!),
    to: Math.min(edges.at(-1)!, filter.to ?? edges.at(-1)!),
  }
  const counter = new TimeCounter(edges, by)
  const plan = planOf({ ...filter, ...within })
  const counted = isOfTimeOnly(plan.query)
    ? countTimes(corpus, size, plan.window, counter, filter)
    : tally(plan, corpus, size, [counter], filter)
  return { ...counted, buckets: counter.counts.map((counts) => [...counts]) }
}

/** Whether a query asks for nothing but times. */
function isOfTimeOnly(query: Query): boolean {
  if (query.kind === 'and') return query.parts.every(isOfTimeOnly)
  return query.kind === 'every' || (query.kind === 'field' && isEventTime(query.field) && query.test.op === 'range')
}

/** Minutes that are counted event by event, at most: of more, all events are gone over at once. */
const brokenMinutesMax = 100

/**
 * All events of a time window: whole minutes from their roll-ups; minutes that an edge goes through, and the window's
 * ends, event by event. The late end first: when the time is over, what was not looked at is what is oldest.
 */
function countTimes(
  corpus: Corpus,
  size: number,
  { from = 0, to = 0 }: TimeWindow,
  counter: TimeCounter,
  bounds: QuestionBounds,
): EventCount {
  const broken = [...new Set(counter.edges.filter((edge) => edge % minuteMs !== 0).map(minuteOf))]
  const hasMinutes = Math.ceil(from / minuteMs) < Math.floor(to / minuteMs)
  if (!hasMinutes || broken.length > brokenMinutesMax) {
    return tally(planOf({ from, to }), corpus, size, [counter], bounds)
  }
  let total = 0
  const events = (window: { from: number; to: number }): number => {
    const counted = tally(planOf(window), corpus, size, [counter], bounds)
    total += counted.total
    return counted.lookedFrom
  }
  const minutes = (window: { from: number; to: number }): number => {
    const each = eachMinute(corpus, size, window.from, window.to, bounds)
    for (let next = each.next(); ; next = each.next()) {
      if (next.done === true) return next.value
      total += next.value.count
      counter.minute(next.value)
    }
  }
  for (let end = to; end > from;) {
    const minute = minuteOf(end - 1)
    const isWhole = end % minuteMs === 0 && minute >= from && !broken.includes(minute)
    const start = isWhole ? wholeFrom(from, end, broken) : Math.max(from, minute)
    const lookedFrom = isWhole ? minutes({ from: start, to: end }) : events({ from: start, to: end })
    if (lookedFrom > 0) return { total, lookedFrom }
    end = start
  }
  return { total, lookedFrom: 0 }
}

function minuteOf(time: number): number {
  return Math.floor(time / minuteMs) * minuteMs
}

/** From when on all minutes up to `end` are whole ones within the window. */
function wholeFrom(from: number, end: number, broken: readonly number[]): number {
  const last = broken.filter((minute) => minute < end).reduce((latest, minute) => Math.max(latest, minute), -Infinity)
  return Math.max(Math.ceil(from / minuteMs) * minuteMs, last + minuteMs)
}

export function facetsOf(
  corpus: Corpus,
  size: number,
  filter: Filter,
  names: readonly string[],
  limit: number,
): Facets {
  const isBounded = names.length >= 1 && names.length <= facetFieldsMax && limit >= 1 && limit <= facetValuesMax
  if (!isBounded) throw new TrackerError('BAD_INPUT', 'facets are not allowed')
  const counters = names.map((name) => ({ name, counter: new ValueCounter(countedField(name)) }))
  const counted = tally(
    planOf(filter),
    corpus,
    size,
    counters.map(({ counter }) => counter),
    filter,
  )
  return {
    ...counted,
    facets: counters.map(({ name, counter }) => ({ field: name, ...counter.top(limit), missing: counter.missing })),
  }
}

export function groupsOf(
  corpus: Corpus,
  size: number,
  filter: Filter,
  names: readonly string[],
  limit: number,
): Groups {
  const isBounded = names.length >= 1 && names.length <= groupFieldsMax && limit >= 1 && limit <= groupsMax
  if (!isBounded) throw new TrackerError('BAD_INPUT', 'groups are not allowed')
  const counter = new GroupCounter(names.map(countedField))
  const counted = tally(planOf(filter), corpus, size, [counter], filter)
  return { ...counted, ...counter.top(limit), missing: counter.missing }
}

/** Who and what are counted by their ids: names may be shared. @throws TrackerError BAD_INPUT */
function countedField(name: string): CountedField {
  const field = queryField(name)
  if (field === undefined) throw new TrackerError('BAD_INPUT', `there is no field ${name}`)
  const sources = field.name === 'initiator' || field.name === 'target' ? field.sources.slice(0, 1) : field.sources
  const [only] = sources
  const column = only === undefined || sources.length > 1 ? undefined : searchColumnOf(only)
  const isCountable = column !== undefined && (column in valueColumns || column === 'reasonCode')
  const valuesOf = (subject: EntrySubject): readonly unknown[] => subject.values(sources)
  return isCountable ? { column, valuesOf } : { valuesOf }
}

/** Earliest and latest event time, of the newest events when there is no time for all. */
export function spanOf(corpus: Corpus, size: number, bounds: QuestionBounds): { from: number; to: number } | undefined {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  const add = (time: number | undefined): void => {
    if (time === undefined) return
    from = Math.min(from, time)
    to = Math.max(to, time)
  }
  for (const stretch of corpus.stretches({ from: 0, to: size }, 'desc')) {
    refuseWithdrawn(bounds)
    if (isOver(bounds) && from <= to) break
    if (stretch.times !== undefined) {
      add(stretch.times.min)
      add(stretch.times.max)
    } else if (stretch.search !== undefined) {
      const minutes = stretch.search().span()
      add(minutes?.first)
      add(minutes === undefined ? undefined : minutes.last + minuteMs - 1)
    } else {
      for (let index = stretch.from; index < stretch.to; index++) {
        refuseWithdrawn(bounds)
        if (isOver(bounds) && from <= to) break
        add(new EntrySubject(index, corpus.entry(index)).fields.time)
      }
    }
  }
  return from > to ? undefined : { from, to }
}
