/** An event as an object, put together member by member without a thought of speed: what written events are compared with. */
import { catalogue } from '../src/catalogue.ts'
import type { FieldSpec } from '../src/catalogue/entry.ts'
import { EventError } from '../src/error.ts'
import { credentialTypes, initiatorTypes, outcomes } from '../src/event.ts'
import { checkText, digestOf, fieldText, fitText, listsToAttach } from '../src/field-types.ts'
import {
  type ActionName,
  type Attach,
  type EventFacts,
  type EventStamp,
  formatEventTime,
  harmlessUri,
  messageOf,
  reasonTypeOf,
  severityOf,
  textMax,
} from '../src/index.ts'

type Facts = EventFacts<ActionName>
type Values = { readonly [name: string]: unknown }

/** The event of one call. Members stand in no order, those without a value are undefined. */
export function plainEvent(facts: Facts, stamp: EventStamp): object {
  const entry = catalogue.entry(facts.action)!
  const { request = {}, response = {}, outcome, correlationId, logSourceCRN, target, reason, instanceID } = facts
  const attached = stamp.attach === undefined ? new Set() : listsToAttach(request, response)
  const { requestURI } = facts
  const requestData = {
    ...dataOf('requestData', entry.request, request, attached, stamp.attach),
    ...(instanceID === undefined ? {} : { instanceID: checkText('identifier', instanceID, 'requestData.instanceID') }),
    ...(requestURI === undefined ? {} : { requestURI: harmlessUri(requestURI) }),
  }
  const responseData = dataOf('responseData', entry.response, response, attached, stamp.attach)
  const variant = entry.variants?.find(({ when }) => when.values.includes((request as Values)[when.request] as string))
  const name = fitText(target.name, textMax.name, 'target.name')
  const serviceName = fitText(stamp.serviceName, textMax.serviceName, 'serviceName')
  return defined({
    correlationId: entry.family === 'tke' || correlationId === undefined ? undefined : correlationOf(correlationId),
    eventTime: formatEventTime(stamp.time),
    id: checkText('uuid', stamp.id, 'id'),
    initiator: initiatorOf(facts.initiator, entry.family === 'kmip'),
    logSourceCRN: checkText('crn', logSourceCRN, 'logSourceCRN'),
    outcome: oneOf(outcomes, outcome, 'outcome'),
    reason: reasonOf(reason.code, reason.forFailure),
    target: defined({
      host: target.host && { address: addressOf(target.host.address, 'target.host.address') },
      id: checkText('crn', target.id, 'target.id'),
      name,
      resourceGroupId:
        target.resourceGroupId === undefined
          ? undefined
          : checkText('crn', target.resourceGroupId, 'target.resourceGroupId'),
      typeURI: entry.typeURI,
    }),
    action: entry.action,
    dataEvent: entry.dataEvent,
    eventType: 'activity',
    message: messageOf(serviceName, entry.action, name, outcome),
    observer: { name: 'ActivityTracker' },
    requestData,
    responseData,
    saveServiceCopy: true,
    severity: severityOf(entry.action, facts.variant ?? variant?.name, outcome, reason.code),
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
  })
}

function defined(members: Values): Values {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

function dataOf(
  side: string,
  fields: readonly FieldSpec[],
  values: Values,
  attached: ReadonlySet<unknown>,
  attach: Attach | undefined,
): Values {
  const data: { [member: string]: unknown } = {}
  for (const field of fields) {
    const at = `${side}.${field.name}`
    const value = values[field.name]
    if (value === undefined) continue
    const isAttached = attach !== undefined && attached.has(value)
    const fit = isAttached ? digestOf(field, value as unknown[], at, attach) : checked(field, value, at)
    const [last = '', first] = field.name.split('.').toReversed()
    if (first === undefined) data[last] = fit
    else data[first] = { ...(data[first] as object | undefined), [last]: fit }
  }
  const names = new Set(fields.map(({ name }) => name))
  if (Object.keys(defined(values)).some((name) => !names.has(name))) throw new EventError('UNKNOWN_FIELD', side, '')
  return data
}

/** Lists are checked where they are written. */
function checked(field: FieldSpec, value: unknown, at: string): unknown {
  if (field.type === 'identifier[]' || field.type === 'sha256[]') return JSON.parse(fieldText(field, value, at))
  if (field.type === 'integer' && Number.isSafeInteger(value)) return value
  if (field.type === 'boolean' && typeof value === 'boolean') return value
  if (typeof value !== 'string' || field.type === 'integer' || field.type === 'boolean') throw bad(at)
  if (field.type === 'enum' && field.values.includes(value)) return value
  if (field.type === 'enum') throw bad(at)
  if (field.type !== 'name') return checkText(field.type, value, at)
  if (value.length > field.max) throw new EventError('TOO_LONG', at, '')
  if (fitText(value, field.max, at) !== value) throw bad(at)
  return value
}

function initiatorOf(given: Facts['initiator'], isPrivate: boolean): Values {
  const { address, addressType, agent } = given.host ?? {}
  const hasAddress = address !== undefined && !isPrivate
  return defined({
    authnId: given.authnId === undefined ? undefined : checkText('identifier', given.authnId, 'initiator.authnId'),
    authnName:
      given.authnName === undefined ? undefined : fitText(given.authnName, textMax.name, 'initiator.authnName'),
    credential: { type: oneOf(credentialTypes, given.credential.type, 'initiator.credential.type') },
    host: defined({
      address: hasAddress ? addressOf(address, 'initiator.host.address') : undefined,
      addressType: hasAddress ? (addressType ?? (address.includes(':') ? 'IPv6' : 'IPv4')) : undefined,
      agent: agent === undefined ? undefined : fitText(agent, textMax.agent, 'initiator.host.agent'),
    }),
    id: checkText('identifier', given.id, 'initiator.id'),
    name: fitText(given.name, textMax.name, 'initiator.name'),
    typeURI: oneOf(Object.values(initiatorTypes), given.typeURI, 'initiator.typeURI'),
  })
}

function reasonOf(reasonCode: number, forFailure: string | undefined): Values {
  if (!Number.isInteger(reasonCode) || reasonCode < 100 || reasonCode > 599) throw bad('reason.code')
  const reasonForFailure =
    forFailure === undefined ? undefined : fitText(forFailure, textMax.reasonForFailure, 'reason.forFailure')
  return defined({ reasonCode, reasonType: reasonTypeOf(reasonCode), reasonForFailure })
}

function correlationOf(id: string): string {
  if (!/^[\x21-\x7e]{1,128}$/.test(id)) throw bad('correlationId')
  return id
}

function addressOf(address: string, at: string): string {
  if (!/^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,16})?$/.test(address)) throw bad(at)
  return address
}

function oneOf<T>(values: readonly T[], value: T, at: string): T {
  if (!values.includes(value)) throw bad(at)
  return value
}

function bad(at: string): EventError {
  return new EventError('BAD_VALUE', at, '')
}
