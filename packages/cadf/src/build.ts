/** Builds events: what a service knows about a call, put into the one shape, each value checked by its type. */
import { quoted } from './canonical.ts'
import type { CatalogueEntry, FieldSpec } from './catalogue/entry.ts'
import { type ActionName, catalogue } from './catalogue.ts'
import { EventError } from './error.ts'
import { addressTypes, credentialTypes, initiatorTypes, outcomes } from './event.ts'
import type { ActivityEvent, EventFacts, EventStamp, InitiatorHost, WrittenEvent } from './event.ts'
import { type Attach, checkText, digestOf, fieldText, fitText, listsToAttach } from './field-types.ts'
import { messageFrom, messageStem } from './message.ts'
import { reasonTypeOf } from './reason.ts'
import { harmlessUri } from './request-uri.ts'
import { severityOfEntry } from './severity.ts'
import { formatEventTime } from './time.ts'
import { variantOf } from './variant.ts'

/** UTF-16 units of the descriptive texts of an event. They are cut, not refused: they may come from outside. */
export const textMax = { name: 256, agent: 256, reasonForFailure: 1024, serviceName: 64 } as const

const initiatorTypeURIs = Object.values(initiatorTypes)
const noValues = {}

/** A field of request or response data, a value that every action has there, or fields under a common first name. */
type Slot = FieldSlot | CommonSlot | GroupSlot

interface Labelled {
  readonly key: string
  /** The key as it is written before its value. */
  readonly label: string
}

interface FieldSlot extends Labelled {
  readonly kind: 'field'
  readonly name: string
  readonly at: string
  readonly field: FieldSpec
}

interface CommonSlot extends Labelled {
  readonly kind: 'common'
  readonly name: CommonName
}

interface GroupSlot extends Labelled {
  readonly kind: 'group'
  readonly slots: readonly Slot[]
}

/** Members of request data that every action has. */
const commonNames = ['instanceID', 'requestURI'] as const
type CommonName = (typeof commonNames)[number]
type Common = { readonly [name in CommonName]?: string | undefined }
type Values = { readonly [name: string]: unknown }

/** What an action has in its request data, or in its response data. */
interface Side {
  readonly name: 'requestData' | 'responseData'
  /** In canonical order. */
  readonly slots: readonly Slot[]
  readonly fields: ReadonlySet<string>
  readonly lists: readonly string[]
}

/** What is the same for all events of an action, found once. */
interface Template {
  readonly entry: CatalogueEntry
  readonly stem: string
  readonly request: Side
  readonly response: Side
}

/** The lists of an event that go in as their digests, and where their whole is kept. */
interface Attaching {
  readonly lists: ReadonlySet<unknown>
  readonly attach: Attach
}

/** Filled on first use of an action; holds nothing but what the catalogue says. */
const templates = new Map<string, Template>()

/** The event of one call as an object: see {@link writeEvent}. */
export function buildEvent<A extends ActionName>(facts: EventFacts<A>, stamp: EventStamp): ActivityEvent {
  return JSON.parse(writeEvent(facts, stamp).text) as ActivityEvent
}

/**
 * The event of one call, written as canonical JSON: its members are here in their canonical order, and so are those of
 * the objects in it. Between bare quotes stands only what is checked to hold nothing that JSON escapes; any other text is
 * `quoted`.
 *
 * Type URI, severity, message, data event and reason type come from the catalogue. Trusted Key Entry events get no
 * correlation id, KMIP events no host address.
 *
 * @throws EventError with the code and the member at fault when a value is outside its type
 */
export function writeEvent<A extends ActionName>(facts: EventFacts<A>, stamp: EventStamp): WrittenEvent {
  const { entry, stem, request, response } = templates.get(facts.action) ?? prepare(facts.action)
  const { reason } = facts
  const outcome = checkOneOf(outcomes, facts.outcome, 'outcome')
  const asked: Values = facts.request ?? noValues
  const answered: Values = facts.response ?? noValues
  const attaching = attachingOf(stamp.attach, request, asked, response, answered)
  const requestData = dataOf(request, asked, facts, attaching)
  const responseData = dataOf(response, answered, noValues, attaching)
  const variant = facts.variant ?? variantOf(entry, asked)
  const name = fitText(facts.target.name, textMax.name, 'target.name')
  const serviceName = fitText(stamp.serviceName, textMax.serviceName, 'serviceName')
  const correlation = entry.family === 'tke' ? '' : correlationOf(facts.correlationId)
  const eventTime = formatEventTime(stamp.time)
  const id = checkText('uuid', stamp.id, 'id')
  const text =
    `{"action":"${entry.action}"${correlation},"dataEvent":${entry.dataEvent},"eventTime":"${eventTime}"` +
    `,"eventType":"activity","id":"${id}","initiator":${initiatorOf(facts.initiator, entry.family === 'kmip')}` +
    `,"logSourceCRN":"${checkText('crn', facts.logSourceCRN, 'logSourceCRN')}"` +
    `,"message":${quoted(messageFrom(serviceName, stem, name, outcome))},"observer":{"name":"ActivityTracker"}` +
    `,"outcome":"${outcome}","reason":${reasonOf(reason.code, reason.forFailure)}` +
    `,"requestData":${requestData},"responseData":${responseData},"saveServiceCopy":true` +
    `,"severity":"${severityOfEntry(entry, variant, outcome, reason.code)}"` +
    `,"target":${targetOf(facts.target, name, entry.typeURI)}` +
    ',"typeURI":"http://schemas.dmtf.org/cloud/audit/1.0/event"}'
  return { text, id, eventTime, action: entry.action, outcome }
}

function prepare(action: string): Template {
  const entry = catalogue.entry(action)
  if (entry === undefined || entry.retired === true || entry.action !== action) {
    throw new EventError('UNKNOWN_ACTION', 'action', 'not an action of the catalogue that is emitted')
  }
  const template = {
    entry,
    stem: messageStem(entry),
    request: sideOf('requestData', entry.request, commonNames),
    response: sideOf('responseData', entry.response, []),
  }
  templates.set(action, template)
  return template
}

function sideOf(name: Side['name'], fields: readonly FieldSpec[], common: readonly CommonName[]): Side {
  const commonSlots = common.map((each): Slot => ({ kind: 'common', ...labelled(each), name: each }))
  return {
    name,
    slots: [...commonSlots, ...slotsOf(fields, name)].sort(byKey),
    fields: new Set(fields.map((field) => field.name)),
    lists: fields.filter(({ type }) => type.endsWith('[]')).map((field) => field.name),
  }
}

/** Fields as slots, those under a common first name together. */
function slotsOf(fields: readonly FieldSpec[], side: Side['name']): Slot[] {
  const groups = new Map<string, Slot[]>()
  const slots: Slot[] = []
  for (const field of fields) {
    const { name } = field
    const dot = name.indexOf('.')
    const first = name.slice(0, Math.max(dot, 0))
    const group = dot === -1 ? slots : (groups.get(first) ?? [])
    if (dot !== -1 && group.length === 0) {
      groups.set(first, group)
      slots.push({ kind: 'group', ...labelled(first), slots: group })
    }
    group.push({ kind: 'field', ...labelled(name.slice(dot + 1)), name, at: `${side}.${name}`, field })
  }
  for (const group of groups.values()) group.sort(byKey)
  return slots
}

function labelled(key: string): Labelled {
  return { key, label: `${quoted(key)}:` }
}

function byKey(a: Slot, b: Slot): number {
  return a.key < b.key ? -1 : 1
}

/** Few events have a list, and hardly any has a long one. */
function attachingOf(
  attach: Attach | undefined,
  request: Side,
  asked: Values,
  response: Side,
  answered: Values,
): Attaching | undefined {
  if (attach === undefined || !(hasList(request, asked) || hasList(response, answered))) return undefined
  const lists = listsToAttach(asked, answered)
  return lists.size === 0 ? undefined : { lists, attach }
}

function hasList({ lists }: Side, values: Values): boolean {
  return lists.some((name) => Array.isArray(values[name]))
}

function dataOf(side: Side, values: Values, common: Common, attaching: Attaching | undefined): string {
  const members = membersOf(side.slots, values, common, attaching)
  for (const name of Object.keys(values)) {
    if (!side.fields.has(name) && values[name] !== undefined) {
      throw new EventError('UNKNOWN_FIELD', side.name, 'has a field that the action does not have')
    }
  }
  return `{${members}}`
}

/** The members that have a value, written one after the other. */
function membersOf(slots: readonly Slot[], values: Values, common: Common, attaching: Attaching | undefined): string {
  let members = ''
  for (const slot of slots) {
    const value = valueOf(slot, values, common, attaching)
    if (value !== undefined) members += `${members === '' ? '' : ','}${slot.label}${value}`
  }
  return members
}

function valueOf(slot: Slot, values: Values, common: Common, attaching: Attaching | undefined): string | undefined {
  if (slot.kind === 'group') {
    const members = membersOf(slot.slots, values, common, attaching)
    return members === '' ? undefined : `{${members}}`
  }
  if (slot.kind === 'common') {
    const value = common[slot.name]
    return value === undefined ? undefined : commonValue(slot.name, value)
  }
  const value = values[slot.name]
  if (value === undefined) return undefined
  const isAttached = attaching?.lists.has(value) === true && Array.isArray(value)
  return fieldText(slot.field, isAttached ? digestOf(slot.field, value, slot.at, attaching.attach) : value, slot.at)
}

function commonValue(name: CommonName, value: string): string {
  return name === 'requestURI'
    ? quoted(harmlessUri(value))
    : `"${checkText('identifier', value, 'requestData.instanceID')}"`
}

function initiatorOf(facts: EventFacts<ActionName>['initiator'], isPrivate: boolean): string {
  const { authnId, authnName, credential, host, id, name, typeURI } = facts
  return (
    (authnId === undefined ? '{' : `{"authnId":"${checkText('identifier', authnId, 'initiator.authnId')}",`) +
    (authnName === undefined ? '' : `"authnName":${fitted(authnName, textMax.name, 'initiator.authnName')},`) +
    `"credential":{"type":"${checkOneOf(credentialTypes, credential.type, 'initiator.credential.type')}"}` +
    `,"host":${hostOf(host, isPrivate)},"id":"${checkText('identifier', id, 'initiator.id')}"` +
    `,"name":${fitted(name, textMax.name, 'initiator.name')}` +
    `,"typeURI":"${checkOneOf(initiatorTypeURIs, typeURI, 'initiator.typeURI')}"}`
  )
}

function hostOf(facts: InitiatorHost | undefined, isPrivate: boolean): string {
  const address = facts?.address === undefined || isPrivate ? '' : addressOf(facts.address, facts.addressType)
  if (facts?.agent === undefined) return `{${address}}`
  const agent = fitted(facts.agent, textMax.agent, 'initiator.host.agent')
  return `{${address}${address === '' ? '' : ','}"agent":${agent}}`
}

function addressOf(address: string, type: InitiatorHost['addressType']): string {
  const checked = checkAddress(address, 'initiator.host.address')
  const addressType = type ?? (address.includes(':') ? 'IPv6' : 'IPv4')
  return `"address":"${checked}","addressType":"${checkOneOf(addressTypes, addressType, 'initiator.host.addressType')}"`
}

function targetOf(facts: EventFacts<ActionName>['target'], name: string, typeURI: string): string {
  const { host, id, resourceGroupId } = facts
  return (
    (host === undefined ? '{' : `{"host":{"address":"${checkAddress(host.address, 'target.host.address')}"},`) +
    `"id":"${checkText('crn', id, 'target.id')}","name":${quoted(name)}` +
    (resourceGroupId === undefined
      ? ''
      : `,"resourceGroupId":"${checkText('crn', resourceGroupId, 'target.resourceGroupId')}"`) +
    `,"typeURI":"${typeURI}"}`
  )
}

function reasonOf(code: number, forFailure: string | undefined): string {
  if (!(Number.isInteger(code) && code >= 100 && code <= 599)) {
    throw new EventError('BAD_VALUE', 'reason.code', 'not an HTTP status')
  }
  const why = forFailure === undefined ? '' : fitted(forFailure, textMax.reasonForFailure, 'reason.forFailure')
  return `{"reasonCode":${code}${why === '' ? '' : `,"reasonForFailure":${why}`},"reasonType":"${reasonTypeOf(code)}"}`
}

/** A text that describes, cut to what there is room for. */
function fitted(text: string, max: number, at: string): string {
  return quoted(fitText(text, max, at))
}

function checkAddress(address: string, at: string): string {
  if (!/^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,16})?$/.test(address)) {
    throw new EventError('BAD_VALUE', at, 'not an IP address')
  }
  return address
}

/** Correlation ids may come from the client: up to 128 visible characters. */
function correlationOf(id: string | undefined): string {
  if (id === undefined) return ''
  if (id.length > 128 || !/^[!-~]+$/.test(id)) {
    throw new EventError('BAD_VALUE', 'correlationId', 'not 1 to 128 visible characters')
  }
  return `,"correlationId":${quoted(id)}`
}

function checkOneOf<T extends string>(values: readonly T[], value: T, at: string): T {
  if (!values.includes(value)) throw new EventError('BAD_VALUE', at, 'not one of the values it can have')
  return value
}
