/** A checker of strict CADF that holds to DSP0262 where pycadf is loose: times, taxonomies, what a type of event needs. */
import { cadfOutcomes, isCadfAction, isCadfResource } from './cadf-taxonomy.ts'

/** What is wrong with a record, and where. */
export interface CadfFault {
  /** Dotted name of the member: `initiator.typeURI`, `tags.0`. */
  readonly at: string
  readonly what: string
}

/** Absolute URI (RFC 3986, section 4.3), nothing in it that must be encoded. */
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-[\]_a-z~%]+$/

/** `yyyy-mm-ddThh:mm:ss[.fraction](+|-)hh:mm`, section 6.2.2: the offset is mandatory, and `Z` is none. */
const timestamp = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?[+-](?:0\d|1[0-4]):[0-5]\d$/

/** Every fault of a value as an event record of DSP0262 1.0.0; none: it is one. Takes any value. */
export function checkStrictCadf(record: unknown): CadfFault[] {
  const check = new Check()
  const event = check.object(record, '')
  if (event === undefined) return check.faults
  check.that(event['typeURI'] === 'http://schemas.dmtf.org/cloud/audit/1.0/event', 'typeURI', 'is not that of an event')
  check.identifier(event['id'], 'id')
  const isType = ['activity', 'monitor', 'control'].includes(event['eventType'] as string)
  check.that(isType, 'eventType', 'is none of activity, monitor, control')
  check.time(event['eventTime'], 'eventTime')
  check.that(isText(event['action']) && isCadfAction(event['action']), 'action', 'is not in the action taxonomy')
  check.that(cadfOutcomes.includes(event['outcome'] as string), 'outcome', 'is not in the outcome taxonomy')
  for (const role of ['initiator', 'target', 'observer']) check.oneOf(event, role, '', role)
  for (const name of ['severity', 'name']) check.optionalText(event, name, '')
  const { eventType } = event
  check.that(eventType !== 'control' || event['reason'] !== undefined, 'reason', 'is missing: a control event has one')
  const measurements = event['measurements']
  check.that(eventType !== 'monitor' || measurements !== undefined, 'measurements', 'are missing: a monitor event has')
  if (event['reason'] !== undefined) check.reason(event['reason'])
  check.list(measurements, 'measurements', (value, at) => check.measurement(value, at))
  check.list(event['tags'], 'tags', (tag, at) => check.that(isTag(tag), at, 'is not name?value=…'))
  check.list(event['attachments'], 'attachments', (value, at) => check.attachment(value, at))
  check.list(event['reporterchain'], 'reporterchain', (value, at) => check.reporterStep(value, at))
  return check.faults
}

type Members = { readonly [name: string]: unknown }

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTag(value: unknown): boolean {
  return isText(value) && /^[\w.:/-]+\?value=[!#-;=?-~]*$/.test(value)
}

class Check {
  readonly faults: CadfFault[] = []

  that(holds: boolean, at: string, what: string): void {
    if (!holds) this.faults.push({ at, what })
  }

  object(value: unknown, at: string): Members | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
    this.faults.push({ at, what: 'is no object' })
    return undefined
  }

  list(value: unknown, at: string, item: (value: unknown, at: string) => void): void {
    if (value === undefined) return
    if (!Array.isArray(value) || value.length === 0) return this.that(false, at, 'is no list with something in it')
    for (const [place, one] of value.entries()) item(one, `${at}.${place}`)
  }

  text(value: unknown, at: string): void {
    this.that(isText(value), at, 'is no text')
  }

  optionalText(object: Members, name: string, prefix: string): void {
    if (object[name] !== undefined) this.text(object[name], `${prefix}${name}`)
  }

  identifier(value: unknown, at: string): void {
    this.that(isText(value) && !/\s/.test(value), at, 'is no identifier')
  }

  uri(value: unknown, at: string): void {
    this.that(isText(value) && uri.test(value), at, 'is no absolute URI')
  }

  time(value: unknown, at: string): void {
    const [, day] = isText(value) ? (timestamp.exec(value) ?? []) : []
    // A day that the calendar does not have rolls over into another.
    const isDay =
      day !== undefined &&
      !Number.isNaN(Date.parse(`${day}T00:00:00Z`)) &&
      new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
    this.that(isDay, at, 'is not yyyy-mm-ddThh:mm:ss with fraction and an offset hh:mm')
  }

  /** A resource under its name, or its identifier under that name with `Id`: exactly one of them. */
  oneOf(object: Members, name: string, prefix: string, role: string): void {
    const byValue = object[name] !== undefined
    const byId = object[`${name}Id`] !== undefined
    this.that(byValue !== byId, `${prefix}${name}`, byValue ? `is there beside ${name}Id` : 'is missing')
    if (byValue) this.resource(object[name], `${prefix}${name}`, role)
    if (byId) this.identifier(object[`${name}Id`], `${prefix}${name}Id`)
  }

  resource(value: unknown, at: string, role: string): void {
    const resource = this.object(value, at)
    if (resource === undefined) return
    this.identifier(resource['id'], `${at}.id`)
    this.that(resource['id'] !== role, `${at}.id`, 'refers to itself')
    const isReference = ['initiator', 'target'].includes(resource['id'] as string) && Object.keys(resource).length === 1
    const { typeURI } = resource
    const isTyped = isReference || (isText(typeURI) && isCadfResource(typeURI))
    this.that(isTyped, `${at}.typeURI`, 'is not in the resource taxonomy')
    for (const name of ['name', 'domain']) this.optionalText(resource, name, `${at}.`)
    if (resource['ref'] !== undefined) this.uri(resource['ref'], `${at}.ref`)
    if (resource['host'] !== undefined)
      this.texts(resource['host'], `${at}.host`, [], ['id', 'address', 'agent', 'platform'])
    if (resource['credential'] !== undefined) {
      this.texts(resource['credential'], `${at}.credential`, ['token'], ['type', 'authority'])
    }
    this.list(resource['addresses'], `${at}.addresses`, (one, place) =>
      this.texts(one, place, ['url'], ['name', 'port']),
    )
    const areBoth = resource['geolocation'] !== undefined && resource['geolocationId'] !== undefined
    this.that(!areBoth, `${at}.geolocation`, 'is there beside geolocationId')
    this.list(resource['attachments'], `${at}.attachments`, (one, place) => this.attachment(one, place))
  }

  /** An object of texts: those that it must and those that it may have. */
  texts(value: unknown, at: string, required: readonly string[], optional: readonly string[]): void {
    const object = this.object(value, at)
    if (object === undefined) return
    for (const name of required) this.text(object[name], `${at}.${name}`)
    for (const name of optional) this.optionalText(object, name, `${at}.`)
  }

  reason(value: unknown): void {
    const reason = this.object(value, 'reason')
    if (reason === undefined) return
    const pairs = [
      ['reasonType', 'reasonCode'],
      ['policyType', 'policyId'],
    ] as const
    this.that(
      pairs.some(([domain]) => reason[domain] !== undefined),
      'reason',
      'has no type with its code',
    )
    for (const [domain, code] of pairs) {
      if (reason[domain] === undefined && reason[code] === undefined) continue
      this.uri(reason[domain], `reason.${domain}`)
      this.text(reason[code], `reason.${code}`)
    }
  }

  measurement(value: unknown, at: string): void {
    const measurement = this.object(value, at)
    if (measurement === undefined) return
    this.that(measurement['result'] !== undefined, `${at}.result`, 'is missing')
    const byValue = measurement['metric'] !== undefined
    this.that(byValue !== (measurement['metricId'] !== undefined), `${at}.metric`, 'is not there once')
    if (byValue) this.texts(measurement['metric'], `${at}.metric`, ['metricId', 'unit'], ['name'])
    if (measurement['calculatedBy'] !== undefined) this.resource(measurement['calculatedBy'], `${at}.calculatedBy`, '')
  }

  /** The standard's text has `contentType`, its tables `typeURI`: one of them must say what the content is. */
  attachment(value: unknown, at: string): void {
    const attachment = this.object(value, at)
    if (attachment === undefined) return
    this.that(attachment['content'] !== undefined && attachment['content'] !== null, `${at}.content`, 'is missing')
    const types = ['typeURI', 'contentType'].filter((name) => attachment[name] !== undefined)
    this.that(types.length > 0, `${at}.typeURI`, 'is missing')
    for (const name of types) this.uri(attachment[name], `${at}.${name}`)
    this.optionalText(attachment, 'name', `${at}.`)
  }

  reporterStep(value: unknown, at: string): void {
    const step = this.object(value, at)
    if (step === undefined) return
    this.that(['observer', 'modifier', 'relay'].includes(step['role'] as string), `${at}.role`, 'is none of the three')
    this.oneOf(step, 'reporter', `${at}.`, '')
    if (step['reporterTime'] !== undefined) this.time(step['reporterTime'], `${at}.reporterTime`)
    this.list(step['attachments'], `${at}.attachments`, (one, place) => this.attachment(one, place))
  }
}
