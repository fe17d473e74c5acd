/** What can be searched of an entry, taken from its parsed JSON. Tolerant: imported events have odd shapes. */
import { parseEventTime } from '@keywitness/cadf'

/** Searchable members of one event; absent where the event has none. */
export interface SearchFields {
  /** Milliseconds since the epoch. */
  readonly time: number | undefined
  readonly id: string | undefined
  readonly action: string | undefined
  readonly outcome: string | undefined
  readonly severity: string | undefined
  readonly initiator: string | undefined
  readonly target: string | undefined
  readonly instance: string | undefined
  readonly correlationId: string | undefined
  readonly keyId: string | undefined
  readonly reasonCode: number | undefined
}

type Json = { readonly [member: string]: unknown }

/** The event inside an entry; an empty one when the bytes are not an entry. */
export function eventOf(bytes: Uint8Array): Json {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    return objectOf(objectOf(JSON.parse(text))['event'])
  } catch {
    return {}
  }
}

export function searchFields(event: Json): SearchFields {
  const target = textOf(objectOf(event['target'])['id'])
  const requestData = objectOf(event['requestData'])
  return {
    time: timeOf(event['eventTime']),
    id: textOf(event['id']),
    action: textOf(event['action']),
    outcome: textOf(event['outcome']),
    severity: textOf(event['severity']),
    initiator: textOf(objectOf(event['initiator'])['id']),
    target,
    instance: textOf(requestData['instanceID']) ?? crnPart(textOf(event['logSourceCRN']), crnInstance),
    correlationId: textOf(event['correlationId']),
    keyId: keyOf(target, requestData, objectOf(event['responseData'])),
    reasonCode: numberOf(objectOf(event['reason'])['reasonCode']),
  }
}

/** Segments of a Cloud Resource Name: `crn:v1:cname:ctype:service:location:scope:instance:resource-type:resource`. */
const crnInstance = 7
const crnResourceType = 8
const crnResource = 9

function crnPart(crn: string | undefined, part: number): string | undefined {
  const text = crn?.split(':')[part]
  return text === '' ? undefined : text
}

function keyOf(target: string | undefined, requestData: Json, responseData: Json): string | undefined {
  if (crnPart(target, crnResourceType) === 'key') return crnPart(target, crnResource)
  return textOf(responseData['keyId']) ?? textOf(requestData['keyId'])
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return parseEventTime(value)
  } catch {
    return undefined
  }
}
