/** Builds events: what a service knows about a call, put into the one shape, each value checked by its type. */
import type { CatalogueEntry, FieldSpec } from './catalogue/entry.ts'
import { type ActionName, catalogue } from './catalogue.ts'
import { EventError } from './error.ts'
import { credentialTypes, initiatorTypes, outcomes } from './event.ts'
import type {
  ActivityEvent,
  EventData,
  EventFacts,
  EventStamp,
  EventValue,
  Initiator,
  InitiatorHost,
  Reason,
  Target,
} from './event.ts'
import { type Attach, checkField, checkText, digestOf, fitText, listsToAttach } from './field-types.ts'
import { messageFrom, messageStem } from './message.ts'
import { reasonTypeOf } from './reason.ts'
import { harmlessUri } from './request-uri.ts'
import { severityOfEntry } from './severity.ts'
import { formatEventTime } from './time.ts'
import { variantOf } from './variant.ts'

/** UTF-16 units of the descriptive texts of an event. They are cut, not refused: they may come from outside. */
export const textMax = { name: 256, agent: 256, reasonForFailure: 1024, serviceName: 64 } as const

/** A member of request or response data, in canonical order: a value, or values under a common first name. */
type Slot =
  | {
      readonly key: string
      readonly name: string
      readonly at: string
      readonly field: FieldSpec
      readonly slots?: undefined
    }
  | {
      readonly key: string
      readonly name: CommonName
      readonly at: string
      readonly field?: undefined
      readonly slots?: undefined
    }
  | { readonly key: string; readonly slots: readonly Slot[] }

/** Members of request data that every action has. */
const commonNames = ['instanceID', 'requestURI'] as const
type CommonName = (typeof commonNames)[number]
type Common = { readonly [name in CommonName]?: string | undefined }
type Values = { readonly [name: string]: unknown }
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What is the same for all events of an action, found once. */
interface Template {
  readonly entry: CatalogueEntry
  readonly stem: string
  readonly request: readonly Slot[]
  readonly response: readonly Slot[]
  /** Whether any of its fields is a list. */
  readonly hasLists: boolean
}

/** The lists of an event that go in as their digests, and where their whole is kept. */
interface Attaching {
  readonly lists: ReadonlySet<unknown>
  readonly attach: Attach
}

function attachingOf(attach: Attach, asked: Values, answered: Values): Attaching | undefined {
  const lists = listsToAttach(asked, answered)
  return lists.size === 0 ? undefined : { lists, attach }
}

/** Filled on first use of an action; holds nothing but what the catalogue says. */
const templates = new Map<string, Template>()

/**
 * The event of one call. Members stand in canonical order, so that printing needs no sorting.
 *
 * Type URI, severity, message, data event and reason type come from the catalogue. Trusted Key Entry events get no
 * correlation id, KMIP events no host address.
 *
 * @throws EventError with the code and the member at fault when a value is outside its type
 */
export function buildEvent<A extends ActionName>(facts: EventFacts<A>, stamp: EventStamp): ActivityEvent {
  const { entry, stem, request, response, hasLists } = templates.get(facts.action) ?? prepare(facts.action)
  const { outcome, correlationId } = facts
  const asked: Values = facts.request ?? {}
  const answered: Values = facts.response ?? {}
  const attaching = hasLists && stamp.attach !== undefined ? attachingOf(stamp.attach, asked, answered) : undefined
  const requestData = dataOf(request, asked, 'requestData', facts, attaching)
  const responseData = dataOf(response, answered, 'responseData', {}, attaching)
  const variant = facts.variant ?? variantOf(entry, requestData)
  const name = fitText(facts.target.name, textMax.name, 'target.name')
  const serviceName = fitText(stamp.serviceName, textMax.serviceName, 'serviceName')

  const event: Partial<Writable<ActivityEvent>> = { action: entry.action }
  if (correlationId !== undefined && entry.family !== 'tke') event.correlationId = checkCorrelation(correlationId)
  event.dataEvent = entry.dataEvent
  event.eventTime = formatEventTime(stamp.time)
  event.eventType = 'activity'
  event.id = checkText('uuid', stamp.id, 'id')
  event.initiator = initiatorOf(facts.initiator, entry.family === 'kmip')
  event.logSourceCRN = checkText('crn', facts.logSourceCRN, 'logSourceCRN')
  event.message = messageFrom(serviceName, stem, name, outcome)
  event.observer = { name: 'ActivityTracker' }
  event.outcome = checkOneOf(outcomes, outcome, 'outcome')
  event.reason = reasonOf(facts.reason.code, facts.reason.forFailure)
  event.requestData = requestData
  event.responseData = responseData
  event.saveServiceCopy = true
  event.severity = severityOfEntry(entry, variant, outcome, facts.reason.code)
  event.target = targetOf(facts.target, name, entry.typeURI)
  event.typeURI = 'http://schemas.dmtf.org/cloud/audit/1.0/event'
  return event as ActivityEvent
}

function prepare(action: string): Template {
  const entry = catalogue.entry(action)
  if (entry === undefined || entry.retired === true || entry.action !== action) {
    throw new EventError('UNKNOWN_ACTION', 'action', 'not an action of the catalogue that is emitted')
  }
  const common = commonNames.map((name) => ({ key: name, name, at: `requestData.${name}` }))
  const template = {
    entry,
    stem: messageStem(entry),
    request: [...common, ...slotsOf(entry.request, 'requestData')].sort(byKey),
    response: slotsOf(entry.response, 'responseData').sort(byKey),
    hasLists: [...entry.request, ...entry.response].some(({ type }) => type.endsWith('[]')),
  }
  templates.set(action, template)
  return template
}

/** Fields as slots, those under a common first name together. */
function slotsOf(fields: readonly FieldSpec[], side: string): Slot[] {
  const groups = new Map<string, Slot[]>()
  const slots: Slot[] = []
  for (const field of fields) {
    const { name } = field
    const dot = name.indexOf('.')
    const first = name.slice(0, Math.max(dot, 0))
    const group = dot === -1 ? slots : (groups.get(first) ?? [])
    if (dot !== -1 && group.length === 0) {
      groups.set(first, group)
      slots.push({ key: first, slots: group })
    }
    group.push({ key: name.slice(dot + 1), name, at: `${side}.${name}`, field })
  }
  for (const group of groups.values()) group.sort(byKey)
  return slots
}

function byKey(a: Slot, b: Slot): number {
  return a.key < b.key ? -1 : 1
}

function dataOf(
  slots: readonly Slot[],
  values: Values,
  side: string,
  common: Common,
  attaching: Attaching | undefined,
): EventData {
  const data: { [member: string]: EventValue } = {}
  const taken = fill(data, slots, values, common, attaching)
  let given = 0
  for (const name of Object.keys(values)) if (values[name] !== undefined) given++
  if (given !== taken) throw new EventError('UNKNOWN_FIELD', side, 'has a field that the action does not have')
  return data
}

/** Puts the values there are into `data`; returns how many fields had one. */
function fill(
  data: { [member: string]: EventValue },
  slots: readonly Slot[],
  values: Values,
  common: Common,
  attaching: Attaching | undefined,
): number {
  let taken = 0
  for (const slot of slots) {
    if (slot.slots !== undefined) {
      const inner: { [member: string]: EventValue } = {}
      const found = fill(inner, slot.slots, values, common, attaching)
      if (found > 0) data[slot.key] = inner
      taken += found
    } else if (slot.field === undefined) {
      const value = common[slot.name]
      if (value !== undefined) data[slot.key] = commonValue(slot.name, value)
    } else {
      const value = values[slot.name]
      if (value === undefined) continue
      const isAttached = attaching?.lists.has(value) === true && Array.isArray(value)
      const fitting = isAttached ? digestOf(slot.field, value, slot.at, attaching.attach) : value
      data[slot.key] = checkField(slot.field, fitting, slot.at)
      taken++
    }
  }
  return taken
}

function commonValue(name: CommonName, value: string): string {
  return name === 'requestURI' ? harmlessUri(value) : checkText('identifier', value, 'requestData.instanceID')
}

function initiatorOf(facts: EventFacts<ActionName>['initiator'], isPrivate: boolean): Initiator {
  const initiator: Partial<Writable<Initiator>> = {}
  if (facts.authnId !== undefined) initiator.authnId = checkText('identifier', facts.authnId, 'initiator.authnId')
  if (facts.authnName !== undefined) {
    initiator.authnName = fitText(facts.authnName, textMax.name, 'initiator.authnName')
  }
  initiator.credential = { type: checkOneOf(credentialTypes, facts.credential.type, 'initiator.credential.type') }
  initiator.host = hostOf(facts.host, isPrivate)
  initiator.id = checkText('identifier', facts.id, 'initiator.id')
  initiator.name = fitText(facts.name, textMax.name, 'initiator.name')
  initiator.typeURI = checkOneOf(Object.values(initiatorTypes), facts.typeURI, 'initiator.typeURI')
  return initiator as Initiator
}

function hostOf(facts: InitiatorHost | undefined, isPrivate: boolean): InitiatorHost {
  const host: Writable<InitiatorHost> = {}
  if (facts?.address !== undefined && !isPrivate) {
    host.address = checkAddress(facts.address, 'initiator.host.address')
    host.addressType = facts.addressType ?? (facts.address.includes(':') ? 'IPv6' : 'IPv4')
  }
  if (facts?.agent !== undefined) host.agent = fitText(facts.agent, textMax.agent, 'initiator.host.agent')
  return host
}

function targetOf(facts: EventFacts<ActionName>['target'], name: string, typeURI: string): Target {
  const target: Partial<Writable<Target>> = {}
  if (facts.host !== undefined) target.host = { address: checkAddress(facts.host.address, 'target.host.address') }
  target.id = checkText('crn', facts.id, 'target.id')
  target.name = name
  if (facts.resourceGroupId !== undefined) {
    target.resourceGroupId = checkText('crn', facts.resourceGroupId, 'target.resourceGroupId')
  }
  target.typeURI = typeURI
  return target as Target
}

function reasonOf(code: number, forFailure: string | undefined): Reason {
  if (!(Number.isInteger(code) && code >= 100 && code <= 599)) {
    throw new EventError('BAD_VALUE', 'reason.code', 'not an HTTP status')
  }
  const reasonType = reasonTypeOf(code)
  if (forFailure === undefined) return { reasonCode: code, reasonType }
  const reasonForFailure = fitText(forFailure, textMax.reasonForFailure, 'reason.forFailure')
  return { reasonCode: code, reasonForFailure, reasonType }
}

function checkAddress(address: string, at: string): string {
  if (!/^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,16})?$/.test(address)) {
    throw new EventError('BAD_VALUE', at, 'not an IP address')
  }
  return address
}

/** Correlation ids may come from the client: up to 128 visible characters. */
function checkCorrelation(id: string): string {
  if (!/^[!-~]{1,128}$/.test(id)) throw new EventError('BAD_VALUE', 'correlationId', 'not 1 to 128 visible characters')
  return id
}

function checkOneOf<T extends string>(values: readonly T[], value: T, at: string): T {
  if (!values.includes(value)) throw new EventError('BAD_VALUE', at, 'not one of the values it can have')
  return value
}
