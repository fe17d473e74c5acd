/** The fields a query may name: every member of an event by its own name, and short names for the common ones. */
import { catalogueFields } from './data-fields.ts'

export type FieldKind = 'text' | 'action' | 'number' | 'time' | 'severity' | 'boolean'

/**
 * Where a field's value comes from: a dotted path inside the event, or one of what is not a member: the key and the
 * service instance an event is about (wherever the event says it), the entry's index in the log, and the direction in
 * which the event changes a policy.
 */
export type FieldSource = { readonly path: string } | { readonly derived: 'keyId' | 'instance' | 'index' | 'change' }

export interface QueryField {
  /** As it is shown. */
  readonly name: string
  readonly kind: FieldKind
  /** Any of these may have the value. */
  readonly sources: readonly FieldSource[]
  readonly meaning: string
}

const at = (...paths: readonly string[]): readonly FieldSource[] => paths.map((path) => ({ path }))
const field = (name: string, kind: FieldKind, sources: readonly FieldSource[], meaning: string): QueryField => ({
  name,
  kind,
  sources,
  meaning,
})

/** Short names, for people; in the order in which they are shown. */
export const shortFields: readonly QueryField[] = [
  field('action', 'action', at('action'), 'What was done, by its current or a former name.'),
  field('outcome', 'text', at('outcome'), 'success, failure, pending or unknown.'),
  field('severity', 'severity', at('severity'), 'normal, warning or critical; they have an order.'),
  field('initiator', 'text', at('initiator.id', 'initiator.name'), 'Who did it, by id or name.'),
  field('target', 'text', at('target.id', 'target.name'), 'What it was done to, by Cloud Resource Name or name.'),
  field('key', 'text', [{ derived: 'keyId' }], 'The key, by its id, wherever the event names it.'),
  field('ring', 'text', at('requestData.keyRingId', 'responseData.keyRingId'), 'The key ring.'),
  field('instance', 'text', [{ derived: 'instance' }], 'The service instance, by its GUID.'),
  field('time', 'time', at('eventTime'), 'When it happened.'),
  field('code', 'number', at('reason.reasonCode'), 'HTTP status of the answer.'),
  field('reason', 'text', at('reason.reasonForFailure'), 'Why it failed, in words.'),
  field('address', 'text', at('initiator.host.address'), 'Where the request came from.'),
  field('agent', 'text', at('initiator.host.agent'), 'The program that sent it.'),
  field('credential', 'text', at('initiator.credential.type'), 'How the initiator proved who it is.'),
  field('request', 'text', at('correlationId'), 'The correlation id that all events of one request carry.'),
  field('uri', 'text', at('requestData.requestURI'), 'The path that was asked for.'),
  field('index', 'number', [{ derived: 'index' }], "The entry's index in the log."),
  field(
    'change',
    'text',
    [{ derived: 'change' }],
    'Whether a policy or setting became looser or stricter, or other: neither, or nobody can tell.',
  ),
]

const own: readonly (readonly [path: string, kind: FieldKind, meaning: string])[] = [
  ['id', 'text', "The event's id."],
  ['message', 'text', 'The message of the event.'],
  ['eventTime', 'time', 'When it happened.'],
  ['eventType', 'text', 'The type of the event.'],
  ['typeURI', 'text', 'The type of the record.'],
  ['dataEvent', 'boolean', 'Whether data was used (true) or something was managed (false).'],
  ['correlationId', 'text', 'The id that all events of one request carry.'],
  ['logSourceCRN', 'text', 'The resource that logged the event.'],
  ['saveServiceCopy', 'boolean', 'Whether the service keeps a copy.'],
  ['initiator.id', 'text', 'Who did it, by id.'],
  ['initiator.name', 'text', 'Who did it, by name.'],
  ['initiator.typeURI', 'text', 'The kind of initiator.'],
  ['initiator.authnId', 'text', 'The login identity behind an assumed one.'],
  ['initiator.authnName', 'text', 'Its name.'],
  ['initiator.credential.type', 'text', 'How the initiator proved who it is.'],
  ['initiator.host.address', 'text', 'Where the request came from.'],
  ['initiator.host.addressType', 'text', 'The kind of address.'],
  ['initiator.host.agent', 'text', 'The program that sent it.'],
  ['target.id', 'text', 'What it was done to, by Cloud Resource Name.'],
  ['target.name', 'text', 'What it was done to, by name.'],
  ['target.typeURI', 'text', 'The kind of target.'],
  ['target.resourceGroupId', 'text', 'The resource group of the target.'],
  ['target.host.address', 'text', 'The address of the target.'],
  ['observer.name', 'text', 'Who observed it.'],
  ['reason.reasonCode', 'number', 'HTTP status of the answer.'],
  ['reason.reasonType', 'text', 'Its reason phrase.'],
  ['reason.reasonForFailure', 'text', 'Why it failed, in words.'],
  ['requestData.requestURI', 'text', 'The path that was asked for.'],
  ['requestData.instanceID', 'text', 'The service instance, by its GUID.'],
]

const kindOf = (type: string): FieldKind =>
  type === 'integer' ? 'number' : type === 'date' ? 'time' : type === 'boolean' ? 'boolean' : 'text'

/** Every member by its own name: the model's, and those of request and response data that the catalogue lists. */
const memberFields: ReadonlyMap<string, QueryField> = (() => {
  const found = new Map(own.map(([path, kind, meaning]) => [path, field(path, kind, at(path), meaning)]))
  for (const { path, type, meaning } of catalogueFields) {
    if (!found.has(path)) found.set(path, field(path, kindOf(type), at(path), meaning))
  }
  return found
})()

/** Names of data fields without their side: `keyType` is the one of the request or of the response. */
const dataFields: ReadonlyMap<string, QueryField> = (() => {
  const byName = new Map<string, QueryField>()
  for (const member of memberFields.values()) {
    const name = /^(?:request|response)Data\.(.+)$/.exec(member.name)?.[1]
    if (name === undefined) continue
    const known = byName.get(name)
    if (known === undefined) byName.set(name, { ...member, name })
    else byName.set(name, { ...known, sources: [...known.sources, ...member.sources] })
  }
  return byName
})()

const byName: ReadonlyMap<string, QueryField> = new Map(
  [...dataFields.values(), ...memberFields.values(), ...shortFields].map((one) => [one.name.toLowerCase(), one]),
)

/** Members of these may be asked for by any name: events that were imported have their own. */
const openPath = /^(?:requestData|responseData)(?:\.[A-Za-z0-9_-]{1,64}){1,6}$/

/** The field of a name, whatever its case; undefined when events have none of that name. */
export function queryField(name: string): QueryField | undefined {
  const known = byName.get(name.toLowerCase())
  if (known !== undefined || !openPath.test(name)) return known
  return field(name, 'text', at(name), 'A member of the data.')
}

/** Every field, short names first, then by name. */
export function queryFields(): readonly QueryField[] {
  const short = new Set(shortFields.map(({ name }) => name))
  const others = [...memberFields.values(), ...dataFields.values()].filter(({ name }) => !short.has(name))
  return [...shortFields, ...others.toSorted((a, b) => (a.name < b.name ? -1 : 1))]
}

/** Known names that are nearly this one, the nearest first, at most three. */
export function similarFields(name: string): readonly string[] {
  const wanted = name.toLowerCase()
  return [...byName.values()]
    .map((one) => ({ name: one.name, distance: distance(wanted, one.name.toLowerCase()) }))
    .filter(({ distance: edits }) => edits <= Math.max(1, Math.floor(wanted.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((one) => one.name)
}

/** Levenshtein distance: letters to put in, take out or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
