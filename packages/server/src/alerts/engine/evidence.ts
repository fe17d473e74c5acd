/** What people are told of a firing: the events behind it as sentences, and the names of what it is grouped by. */
import { type ActivityEvent, sentence } from '@keywitness/cadf'
import type { TrackerReader } from '@keywitness/tracker'
import { AlertSubject, type CompiledQuery } from '@keywitness/tracker/alerts'
import { isMuteOf } from '../mutes.ts'
import type { QueuedFiring } from './firing-queue.ts'
import type { Fired, LiveMute, ToldEvent, ToldGroup } from './messages.ts'

/** Events that an alert names. */
const toldEventsMax = 10
const sentenceMax = 300
const valueMax = 256

/** A mute with its query made ready. */
export interface ReadyMute {
  readonly mute: LiveMute
  readonly isAbout: CompiledQuery['matches']
}

export function firedOf(
  { live: { rule, version }, firing, triggers }: QueuedFiring,
  reader: TrackerReader,
  mutes: readonly ReadyMute[],
  now: number,
): Fired {
  const subjects = firing.events.slice(-toldEventsMax).flatMap((index) => subjectAt(reader, index))
  const newest = subjects.at(-1)
  const group = rule.groupBy.map((field, place) => toldGroup(field, firing.group[place] ?? '', newest))
  const mute = mutes.find((one) => falls(one, rule.id, group, newest, now))?.mute.id
  const { trigger, at, count, facts } = firing
  return {
    rule: rule.id,
    version,
    group,
    trigger,
    ...(triggers.length > 1 ? { triggers } : {}),
    at,
    count,
    facts,
    events: subjects.map(toldEvent),
    ...(mute === undefined ? {} : { mute }),
  }
}

/** One that retention has taken meanwhile is not told of. */
function subjectAt(reader: TrackerReader, index: number): AlertSubject[] {
  return reader.range(index, index + 1, 1).map(({ bytes }) => new AlertSubject(index, bytes, 0))
}

function toldEvent(subject: AlertSubject): ToldEvent {
  return {
    id: subject.entry.fields.id ?? '',
    index: subject.index,
    time: new Date(subject.time).toISOString(),
    sentence: sentenceOf(subject).slice(0, sentenceMax),
  }
}

/** Imported events have odd shapes: those without the members of a sentence are called by their action. */
function sentenceOf({ entry: { event } }: AlertSubject): string {
  try {
    return sentence(event as unknown as ActivityEvent)
  } catch {
    const { action } = event
    return typeof action === 'string' ? action : 'an event'
  }
}

/** Fields whose values are ids, and the member of an event that has the name beside it. */
const namedBy: Readonly<Partial<Record<string, 'initiator' | 'target'>>> = {
  initiator: 'initiator',
  'initiator.id': 'initiator',
  target: 'target',
  'target.id': 'target',
  key: 'target',
}

/** What stands in the place of a name where there is none, as of a certificate that nobody knows. */
const noName: readonly unknown[] = ['', 'unknown']

function toldGroup(field: string, value: string, newest: AlertSubject | undefined): ToldGroup {
  const cut = value.slice(0, valueMax)
  const member = namedBy[field]
  const named = member === undefined ? undefined : (newest?.entry.event[member] as { name?: unknown } | undefined)?.name
  const isNamed = typeof named === 'string' && !noName.includes(named) && named !== value
  return { field, value: cut, ...(isNamed ? { name: named.slice(0, valueMax) } : {}) }
}

function falls(
  { mute, isAbout }: ReadyMute,
  rule: string,
  group: readonly ToldGroup[],
  newest: AlertSubject | undefined,
  now: number,
): boolean {
  if (!isMuteOf(mute, rule, group, now)) return false
  return mute.query === undefined || (newest !== undefined && isAbout(newest.entry))
}
