/** What values that were counted are called, and when they were seen: from the entries that have them. */
import { parseEventTime } from '@keywitness/cadf'
import { TrackerError, type TrackerReader } from '@keywitness/tracker'

/** A place in the log. */
interface Moment {
  readonly index: number
  /** Event time, RFC 3339; absent when the event tells none that exists, or was pruned meanwhile. */
  readonly time?: string
}

interface CountedAt {
  readonly first: number
  readonly newest: number
}

/** The two ends of what was counted. */
export interface Ends {
  readonly first: Moment
  readonly newest: Moment
}

interface Told {
  readonly eventTime?: unknown
  readonly initiator?: { readonly id?: unknown; readonly name?: unknown }
  readonly target?: { readonly id?: unknown; readonly name?: unknown }
}

/** Ends of what was counted, and its newest event, which tells names. */
export function endsOf(reader: TrackerReader, { first, newest }: CountedAt): { ends: Ends; event: Told } {
  const event = eventAt(reader, newest)
  const earliest = first === newest ? event : eventAt(reader, first)
  return { ends: { first: momentOf(first, earliest), newest: momentOf(newest, event) }, event }
}

/** What people call who or what is counted by id, in an event that has that value. */
export function nameOf(field: string, value: string, { initiator, target }: Told): { readonly name?: string } {
  const name = field === 'initiator' ? initiator?.name : isTarget(field, value, target?.id) ? target?.name : undefined
  return typeof name === 'string' && name !== '' ? { name } : {}
}

/** A key need not be the target of an event that tells of it. */
function isTarget(field: string, value: string, id: unknown): boolean {
  return field === 'target' || (field === 'key' && typeof id === 'string' && id.endsWith(value))
}

function eventAt(reader: TrackerReader, index: number): Told {
  try {
    const { event } = JSON.parse(Buffer.from(reader.entry(index)).toString()) as { event?: Told }
    return event ?? {}
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'PRUNED') return {}
    throw error
  }
}

function momentOf(index: number, { eventTime }: Told): Moment {
  try {
    if (typeof eventTime === 'string') return { index, time: new Date(parseEventTime(eventTime)).toISOString() }
  } catch {
    // Imported events may tell times that do not exist.
  }
  return { index }
}
