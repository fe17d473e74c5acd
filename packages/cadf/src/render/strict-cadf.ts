/** An event in strict CADF (DSP0262 1.0.0): what any reader of the standard takes, derived and never stored. */
import { EventError } from '../error.ts'
import { formatEventTime, parseEventTime } from '../time.ts'
import { cadfActionOf, cadfObserverOf, cadfOutcomes, cadfTargetOf, isCadfResource } from './cadf-taxonomy.ts'
import { looseMember, looseText, type LogPlace, type LooseEvent } from './place.ts'

/** A plain JSON object, its members in the order of the standard's tables. */
type Members = { readonly [member: string]: unknown }

/** Where HTTP status codes are defined: the domain that CADF asks a reason to name. */
const httpStatuses = 'http://www.iana.org/assignments/http-status-codes/http-status-codes.xml'

const jsonType = 'mime:application/json'

/** Words that refer to a role inside the record, where an id must name something outside of it. */
const references = new Set(['initiator', 'target', 'observer', 'default'])

/** Members of our dialect that CADF has no place for; they go along as one attachment. */
const kept = [
  'action',
  'correlationId',
  'dataEvent',
  'eventTime',
  'initiator.authnId',
  'initiator.authnName',
  'initiator.credential.type',
  'initiator.host.addressType',
  'logSourceCRN',
  'observer.name',
  'reason.reasonForFailure',
  'reason.reasonType',
  'saveServiceCopy',
  'target.host.address',
  'target.resourceGroupId',
  'target.typeURI',
] as const

/**
 * The strict rendering. Names that the taxonomies have not are mapped; nothing is left out: what has no place in CADF
 * stands in the attachment `activityTracker`. A credential is not among the initiator's members, since CADF demands a
 * token there and none is ever recorded.
 *
 * Takes events of older producers too: what is missing is `unknown`.
 */
export function strictCadf(entry: LooseEvent, place: LogPlace): Members {
  const { event } = entry
  const action = looseText(event, 'action') ?? ''
  const outcome = looseText(event, 'outcome') ?? ''
  return {
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    id: identifier(looseText(event, 'id'), `${place.origin}#${place.index}`),
    eventType: 'activity',
    eventTime: strictTime(looseText(event, 'eventTime'), looseText(event, 'id')),
    action: cadfActionOf(action),
    outcome: cadfOutcomes.includes(outcome) ? outcome : 'unknown',
    initiator: initiatorOf(event),
    target: resource(event, 'target', cadfTargetOf(looseText(event, 'target.typeURI') ?? '')),
    observer: {
      id: identifier(looseText(event, 'logSourceCRN'), 'unknown'),
      typeURI: cadfObserverOf(action),
      name: 'ActivityTracker',
    },
    ...reasonOf(looseText(event, 'reason.reasonCode')),
    ...named('severity', looseText(event, 'severity')),
    ...named('name', looseText(event, 'message')),
    tags: tagsOf(event, place),
    ...attachmentsOf(entry),
    reporterchain: [{ role: 'relay', reporter: { id: place.origin, typeURI: 'service/security/audit' } }],
  }
}

/** One line of an export. */
export function strictCadfLine(entry: LooseEvent, place: LogPlace): string {
  return JSON.stringify(strictCadf(entry, place))
}

function named(name: string, value: string | undefined): Members {
  return value === undefined || value === '' ? {} : { [name]: value }
}

function identifier(id: string | undefined, otherwise: string): string {
  const name = (id ?? '').toWellFormed().replaceAll(/\s/gu, encodeURIComponent)
  if (name === '') return otherwise
  return references.has(name) ? `id:${name}` : name
}

/** `yyyy-mm-ddThh:mm:ss.ff+00:00`: CADF wants the colon and takes no `Z`. */
function strictTime(time: string | undefined, id: string | undefined): string {
  return formatEventTime(timeOf(time ?? '') ?? timeOfUuid(id ?? '') ?? 0).replace(/\+0000$/, '+00:00')
}

function timeOf(text: string): number | undefined {
  try {
    const time = parseEventTime(text)
    return time >= 0 ? time : undefined
  } catch (error) {
    if (error instanceof EventError) return undefined
    throw error
  }
}

/** The time in a UUID of version 7 (RFC 9562, section 5.7). */
function timeOfUuid(id: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(id) ?? []
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16)
}

function initiatorOf(event: unknown): Members {
  const type = (looseText(event, 'initiator.typeURI') ?? '').replace(/^\//, '')
  return resource(event, 'initiator', isCadfResource(type) ? type : 'unknown')
}

function resource(event: unknown, role: 'initiator' | 'target', typeURI: string): Members {
  const host = {
    ...named('address', looseText(event, `${role}.host.address`)),
    ...named('agent', looseText(event, `${role}.host.agent`)),
  }
  return {
    id: identifier(looseText(event, `${role}.id`), 'unknown'),
    typeURI,
    ...named('name', looseText(event, `${role}.name`)),
    ...(Object.keys(host).length === 0 ? {} : { host }),
  }
}

function reasonOf(code: string | undefined): Members {
  return code === undefined ? {} : { reason: { reasonType: httpStatuses, reasonCode: code } }
}

/** `name?value=…`, the value percent-encoded. */
function tagsOf(event: unknown, { index, leafHash }: LogPlace): string[] {
  const correlationId = looseText(event, 'correlationId')
  const tags: readonly (readonly [string, string | undefined])[] = [
    ['correlation_id', correlationId],
    ['log_index', String(index)],
    ['leaf_hash', leafHash],
  ]
  return tags.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}?value=${encodeURIComponent(value.toWellFormed())}`],
  )
}

/** The text of the standard names an attachment's type `contentType`, its tables and pycadf `typeURI`: both are given. */
function attachmentsOf(entry: LooseEvent): Members {
  const { event, producer, sequence } = entry
  const members: { [name: string]: unknown } = {}
  for (const name of kept) {
    const value = looseMember(event, name)
    if (value !== undefined) members[name] = value
  }
  const numbers = {
    ...(producer === undefined ? {} : { producer }),
    ...(sequence === undefined ? {} : { sequence }),
  }
  const contents: readonly (readonly [string, unknown])[] = [
    ['requestData', looseMember(event, 'requestData')],
    ['responseData', looseMember(event, 'responseData')],
    ['activityTracker', { ...members, ...numbers }],
  ]
  const attachments = contents.flatMap(([name, content]) =>
    isEmpty(content) ? [] : [{ name, typeURI: jsonType, contentType: jsonType, content }],
  )
  return attachments.length === 0 ? {} : { attachments }
}

function isEmpty(content: unknown): boolean {
  if (content === undefined || content === null || content === '') return true
  return typeof content === 'object' && Object.keys(content).length === 0
}
