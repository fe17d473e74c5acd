/** Whether a parsed value is an event: every member of the model there, of its type, and nothing beside them. */
import { depthMax } from './canonical.ts'
import { EventError } from './error.ts'
import type { ActivityEvent } from './event.ts'
import { isOfType } from './field-types.ts'

type Check = (value: unknown, at: string) => void

/** UTF-16 units of any text of an event outside its data. */
const textMax = 4096

const text: Check = (value, at) => require(typeof value === 'string' && value.length <= textMax, at)
const boolean: Check = (value, at) => require(typeof value === 'boolean', at)
const uuid: Check = (value, at) => require(typeof value === 'string' && isOfType('uuid', value), at)
const crn: Check = (value, at) => require(typeof value === 'string' && isOfType('crn', value), at)
const integer: Check = (value, at) => require(Number.isSafeInteger(value), at)
const eventTime: Check = (value, at) =>
  require(typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\+0000$/.test(value), at)
const actionName: Check = (value, at) =>
  require(typeof value === 'string' && value.length <= 128 && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value), at)

function oneOf(...values: readonly string[]): Check {
  return (value, at) => require(values.includes(value as string), at)
}

/** An object with these members; a name that ends in `?` may be missing. */
function object(members: { readonly [name: string]: Check }): Check {
  const checks = new Map(Object.entries(members).map(([name, check]) => [name.replace('?', ''), check]))
  const required = Object.keys(members).filter((name) => !name.endsWith('?'))
  return (value, at) => {
    const found = plainObject(value, at)
    for (const name of required) require(Object.hasOwn(found, name), `${at}.${name}`)
    for (const name of Object.keys(found)) {
      const check = checks.get(name)
      if (check === undefined) throw new EventError('BAD_SHAPE', at, 'has a member that an event does not have')
      check(found[name], `${at}.${name}`)
    }
  }
}

/** Data members are checked when an event is built; a reader takes what later catalogues may have added. */
const data: Check = (value, at) => checkMembers(value, at, 1)

function checkMembers(value: unknown, at: string, depth: number): void {
  for (const member of Object.values(plainObject(value, at))) checkDatum(member, at, depth)
}

/** What nests deeper than anything that has a canonical form is refused before the stack ends. */
function checkDatum(value: unknown, at: string, depth: number): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return
  if (Array.isArray(value)) return require(value.every((item) => typeof item === 'string'), at)
  if (depth === depthMax) throw new EventError('TOO_DEEP', at, `more than ${depthMax} levels`)
  checkMembers(value, at, depth + 1)
}

/** Made once per reader of events, on first use. */
function eventCheck(): Check {
  return object({
    action: actionName,
    'correlationId?': text,
    dataEvent: boolean,
    eventTime,
    eventType: oneOf('activity'),
    id: uuid,
    initiator: object({
      'authnId?': text,
      'authnName?': text,
      credential: object({ type: text }),
      host: object({ 'address?': text, 'addressType?': oneOf('IPv4', 'IPv6', 'CSE'), 'agent?': text }),
      id: text,
      name: text,
      typeURI: text,
    }),
    logSourceCRN: crn,
    message: text,
    observer: object({ name: oneOf('ActivityTracker') }),
    outcome: oneOf('success', 'failure', 'pending', 'unknown'),
    reason: object({ reasonCode: integer, 'reasonForFailure?': text, reasonType: text }),
    requestData: data,
    responseData: data,
    saveServiceCopy: boolean,
    severity: oneOf('normal', 'warning', 'critical'),
    target: object({ 'host?': object({ address: text }), id: crn, name: text, 'resourceGroupId?': crn, typeURI: text }),
    typeURI: oneOf('http://schemas.dmtf.org/cloud/audit/1.0/event'),
  })
}

let check: Check | undefined

/**
 * The value as an event. Its size is bounded by the entry it came from.
 *
 * @throws EventError `BAD_SHAPE`, naming the member at fault; `TOO_DEEP`
 */
export function checkEvent(value: unknown): ActivityEvent {
  check ??= eventCheck()
  check(value, 'event')
  return value as ActivityEvent
}

function plainObject(value: unknown, at: string): { readonly [name: string]: unknown } {
  require(typeof value === 'object' && value !== null && !Array.isArray(value), at)
  return value as { readonly [name: string]: unknown }
}

function require(condition: boolean, at: string): void {
  if (!condition) throw new EventError('BAD_SHAPE', at, 'is missing or not what an event has there')
}
