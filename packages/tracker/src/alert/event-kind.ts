/** What events are told apart by before a rule looks at them: most of its queries are decided by a few members already. */
import type { QueryField } from '@keywitness/cadf'
import { EntrySubject } from '../search/entry-subject.ts'
import { objectOf } from '../search/fields.ts'
import { kindCharactersMax } from './limits.ts'

/** Members that have few different values each. */
const kindPaths = new Set([
  'action',
  'outcome',
  'severity',
  'reason.reasonCode',
  'initiator.typeURI',
  'initiator.credential.type',
])

export class EventKind {
  /** What its events have in those members, as JSON. */
  readonly text: string
  #example: EntrySubject | undefined

  constructor(text: string) {
    this.text = text
  }

  /** An event that has what all of the kind have, and nothing else. */
  get example(): EntrySubject {
    return (this.#example ??= exampleOf(this.text))
  }
}

/** Undefined for an event that is like no others: it is asked for everything. */
export function kindOf(entry: EntrySubject): EventKind | undefined {
  const { action, outcome, severity, reasonCode } = entry.fields
  const { typeURI, credential } = objectOf(entry.event['initiator'])
  const { type } = objectOf(credential)
  if (!isTextOrNone(typeURI) || !isTextOrNone(type)) return undefined
  const text = JSON.stringify([action, outcome, severity, reasonCode, typeURI, type])
  return text.length > kindCharactersMax ? undefined : new EventKind(text)
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function exampleOf(text: string): EntrySubject {
  const [action, outcome, severity, reasonCode, typeURI, type] = JSON.parse(text) as unknown[]
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
