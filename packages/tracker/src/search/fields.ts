/** What can be searched of an entry, taken from its parsed JSON. Tolerant: imported events have odd shapes. */
import type { FieldSource } from '@keywitness/cadf'
import { eventTimeOf } from '../event-time.ts'
import type { SearchColumn } from './schema.ts'

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

export type Json = { readonly [member: string]: unknown }

const columnOfPath: ReadonlyMap<string, SearchColumn> = new Map<string, SearchColumn>([
  ['id', 'id'],
  ['action', 'action'],
  ['outcome', 'outcome'],
  ['severity', 'severity'],
  ['initiator.id', 'initiator'],
  ['target.id', 'target'],
  ['correlationId', 'correlationId'],
  ['reason.reasonCode', 'reasonCode'],
])

/** The search column that holds a source's values. */
export function searchColumnOf(source: FieldSource): SearchColumn | undefined {
  if ('path' in source) return columnOfPath.get(source.path)
  return source.derived === 'index' || source.derived === 'change' ? undefined : source.derived
}

/** The event inside an entry; an empty one when the bytes are not an entry. */
export function eventOf(bytes: Uint8Array): Json {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    return objectOf(objectOf(JSON.parse(text))['event'])
  } catch {
    return {}
  }
}

/** The fields of an event; each is taken out when it is asked for. */
export function searchFields(event: Json): SearchFields {
  return new EventFields(event)
}

class EventFields implements SearchFields {
  readonly #event: Json

  constructor(event: Json) {
    this.#event = event
  }

  get time(): number | undefined {
    return timeOf(this.#event['eventTime'])
  }

  get id(): string | undefined {
    return textOf(this.#event['id'])
  }

  get action(): string | undefined {
    return textOf(this.#event['action'])
  }

  get outcome(): string | undefined {
    return textOf(this.#event['outcome'])
  }

  get severity(): string | undefined {
    return textOf(this.#event['severity'])
  }

  get initiator(): string | undefined {
    return textOf(objectOf(this.#event['initiator'])['id'])
  }

  get target(): string | undefined {
    return textOf(objectOf(this.#event['target'])['id'])
  }

  get instance(): string | undefined {
    const { requestData, logSourceCRN } = this.#event
    return textOf(objectOf(requestData)['instanceID']) ?? crnPart(textOf(logSourceCRN), crnInstance)
  }

  get correlationId(): string | undefined {
    return textOf(this.#event['correlationId'])
  }

  get keyId(): string | undefined {
    const { target } = this
    if (crnPart(target, crnResourceType) === 'key') return crnPart(target, crnResource)
    const { responseData, requestData } = this.#event
    return textOf(objectOf(responseData)['keyId']) ?? textOf(objectOf(requestData)['keyId'])
  }

  get reasonCode(): number | undefined {
    return numberOf(objectOf(this.#event['reason'])['reasonCode'])
  }
}

/** Segments of a Cloud Resource Name: `crn:v1:cname:ctype:service:location:scope:instance:resource-type:resource`. */
const crnInstance = 7
const crnResourceType = 8
const crnResource = 9

function crnPart(crn: string | undefined, part: number): string | undefined {
  let at = 0
  for (let skipped = 0; skipped < part; skipped++) {
    at = crn === undefined ? 0 : crn.indexOf(':', at) + 1
    if (at === 0) return undefined
  }
  const end = crn?.indexOf(':', at) ?? 0
  const text = crn?.slice(at, end === -1 ? undefined : end)
  return text === '' ? undefined : text
}

/** A value's members; none when it has none. */
export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  // Some producers write numbers as texts.
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : undefined
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? eventTimeOf(value) : undefined
}
