/** What events are told apart by before a rule looks at them: most of its queries are decided by a few members already. */
import type { QueryField } from '@keywitness/cadf'
import { EntrySubject } from '../search/entry-subject.ts'
import { objectOf } from '../search/fields.ts'
import { kindCharactersMax } from './limits.ts'

/** What an event has in the members that make its kind, as JSON. Each of them has few different values. */
export type EventKind = string

const kindPaths = new Set([
  'action',
  'outcome',
  'severity',
  'reason.reasonCode',
  'initiator.typeURI',
  'initiator.credential.type',
])

/** Undefined for an event that is like no others: it is asked for everything. */
export function kindOf(entry: EntrySubject): EventKind | undefined {
  const { action, outcome, severity, reasonCode } = entry.fields
  const { typeURI, credential } = objectOf(entry.event['initiator'])
  const { type } = objectOf(credential)
  if (!isTextOrNone(typeURI) || !isTextOrNone(type)) return undefined
  const kind = JSON.stringify([action, outcome, severity, reasonCode, typeURI, type])
  return kind.length > kindCharactersMax ? undefined : kind
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/** An event that has what all of a kind have, and nothing else. */
export function exampleOf(kind: EventKind): EntrySubject {
  const [action, outcome, severity, reasonCode, typeURI, type] = JSON.parse(kind) as unknown[]
  const initiator = { typeURI, credential: { type } }
  return new EntrySubject(
    0,
    Buffer.from(JSON.stringify({ event: { action, outcome, severity, reason: { reasonCode }, initiator } })),
  )
}

/** Whether a field has the same values in all events of a kind. */
export function isSameInKind({ sources }: QueryField): boolean {
  return sources.every((source) => 'path' in source && kindPaths.has(source.path))
}
