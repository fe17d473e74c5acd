/** The events around one: those that came before and after it and have something in common with it. */
import type { StoredEntry } from '../api.ts'
import type { ContextBy, EventContext, QuestionBounds } from '../search-api.ts'
import { TrackerError } from '../errors.ts'
import { contextEventsMax } from '../limits.ts'
import { EntrySubject } from '../search/entry-subject.ts'
import { type Plan, planOf } from '../search/plan.ts'
import { type Corpus, runQuery } from '../search/run.ts'

const members = {
  request: 'correlationId',
  key: 'keyId',
  initiator: 'initiator',
  instance: 'instance',
  target: 'target',
} as const

/** The events on one side, and whether there are more, or may be: a look that ran out of time says so. */
interface Side {
  readonly events: readonly StoredEntry[]
  readonly hasMore: boolean
}

export function contextOf(
  corpus: Corpus,
  size: number,
  { index, by, before, after }: { index: number; by: ContextBy; before: number; after: number },
  bounds: QuestionBounds,
): EventContext {
  const isBounded = [before, after].every(
    (count) => Number.isSafeInteger(count) && count >= 0 && count <= contextEventsMax,
  )
  if (!isBounded) throw new TrackerError('BAD_INPUT', 'a context of that size is not allowed')
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new TrackerError('MISSING', `there is no entry ${index} in a log of ${size}`)
  }
  const bytes = corpus.entry(index).slice()
  const plan = planFor(new EntrySubject(index, bytes), by)
  const look = (order: 'asc' | 'desc', from: number, to: number, limit: number): Side => {
    if (plan === undefined) return { events: [], hasMore: false }
    const { events, rest } = runQuery({ plan, order, limit: limit + 1 }, corpus, { from, to }, bounds)
    return { events: events.slice(0, limit), hasMore: events.length > limit || rest !== undefined }
  }
  const older = look('desc', 0, index, before)
  const newer = look('asc', index + 1, size, after)
  return {
    events: [...older.events.toReversed(), { index, bytes }, ...newer.events],
    hasOlder: older.hasMore,
    hasNewer: newer.hasMore,
  }
}

/** Undefined when the event has nothing of that kind: then it is alone. */
function planFor({ fields }: EntrySubject, by: ContextBy): Plan | undefined {
  if (by === 'log') return planOf({})
  const value = fields[members[by]]
  return value === undefined ? undefined : planOf({ [members[by]]: value })
}
