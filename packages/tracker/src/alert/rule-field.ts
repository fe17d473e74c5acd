/** The fields that rules take values of: those of queries, and what is known of an event besides. */
import { type FieldSource, queryField, similarFields } from '@keywitness/cadf'
import { sha256Of } from '../hash.ts'
import { isEventTime } from '../search/matcher.ts'
import type { AlertSubject, Locate } from './alert-subject.ts'
import { valueCharactersMax } from './limits.ts'
import type { RuleField } from './rule.ts'
import { RuleError } from './rule-error.ts'

/** The value of an event's field; empty when it has none. */
export type FieldReader = (subject: AlertSubject) => string

const locationFields = new Set(['country', 'network'])

/** Whether values of the field are known only with a database of locations. */
export function needsLocation(field: RuleField): boolean {
  return locationFields.has(field)
}

/**
 * A field's name as it is spelled everywhere.
 *
 * @throws RuleError when events have no such field, or a different value in every event
 */
export function fieldNameOf(name: string, path: string): RuleField {
  if (name === 'producer' || needsLocation(name)) return name
  const field = queryField(name)
  if (field === undefined) {
    const similar = similarFields(name)
    const hint = similar.length > 0 ? ` Did you mean ${similar.join(', ')}?` : ''
    throw new RuleError(path, `There is no field of this name.${hint}`)
  }
  if (isEventTime(field) || field.name === 'index') {
    throw new RuleError(path, `${field.name} is different in every event: it can be no field of a rule.`)
  }
  return field.name
}

/** Takes a field's value out of events. Of a field with several sources the first that has one. */
export function fieldReader(name: RuleField, locate: Locate | undefined): FieldReader {
  if (name === 'producer') return (subject) => subject.producer
  if (name === 'country' || name === 'network') {
    return (subject) => (locate === undefined ? '' : cutValue(subject.location(locate)?.[name] ?? ''))
  }
  const field = queryField(name)
  if (field === undefined) throw new RuleError('', `There is no field ${name}.`)
  const sources = field.sources.map((source) => [source])
  return (subject) => valueOf(subject, sources)
}

function valueOf({ entry }: AlertSubject, sources: readonly (readonly FieldSource[])[]): string {
  for (const source of sources) {
    const values = entry.values(source)
    if (values.length === 1) return cutValue(textOf(values[0]))
    if (values.length > 0) return cutValue(values.map(textOf).join(', '))
  }
  return ''
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Values are chosen by whoever makes events: what is long is told apart by its hash. */
function cutValue(value: string): string {
  const text = value.toWellFormed()
  if (text.length <= valueCharactersMax) return text
  const hash = Buffer.from(sha256Of(Buffer.from(text))).toString('base64url', 0, 16)
  return `${text.slice(0, valueCharactersMax - hash.length - 1).toWellFormed()}…${hash}`
}
