/** How the Go client reads answers: which status means what, and what it cannot decode. */
import type { GoResource } from './go-style-client.ts'

/** An answer that was taken apart. */
export interface GoAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  readonly json: unknown
  readonly resources: readonly GoResource[] | undefined
  readonly error: GoError | undefined
}

export interface GoReason {
  readonly code: string
  readonly message: string
  readonly status: number
  readonly moreInfo?: string
  readonly target?: { readonly type: string; readonly name: string }
}

function headerOf(headers: GoAnswer['headers'], name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** A refusal as its callers get it. */
export class GoError extends Error {
  readonly status: number
  readonly reasons: readonly GoReason[]
  readonly correlationId: string
  readonly eventId: string

  constructor(status: number, message: string, reasons: readonly GoReason[], headers: GoAnswer['headers']) {
    super(message)
    this.name = 'GoError'
    this.status = status
    this.reasons = reasons
    this.correlationId = headerOf(headers, 'correlation-id')
    this.eventId = headerOf(headers, 'keywitness-event-id')
  }
}

/** Members that it decodes into `time.Time`: without a zone that fails. */
const times =
  /^(?:(?:creation|lastUpdate|lastRotate|expiration|deletion|restoreExpiration)Date|lastUpdated|authExpiration|purgeAllowedFrom|purgeScheduledOn|(?:created|updated|destroyed)_at)$/
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/**
 * @param expectsNothing the caller gave no value to decode into: a body that is there fails
 * @throws SyntaxError for a body of a 200 that is empty or no JSON; Error for a time without a zone, a status that is
 *   no integer, a body where none is expected
 */
export function parseAnswer(
  answer: { status: number; text: string; headers: GoAnswer['headers'] },
  expectsNothing: boolean,
): GoAnswer {
  const { status, text } = answer
  if (status === 200 || (status === 201 && text !== '')) {
    if (text === '') throw new SyntaxError('unexpected end of JSON input')
    const json: unknown = JSON.parse(text)
    if (expectsNothing) throw new Error(`json: Unmarshal(nil): a body came with ${status}`)
    checkTimes(json, '')
    const resources = (json as { resources?: readonly GoResource[] }).resources
    return { ...answer, json, resources, error: undefined }
  }
  const isEmpty = status === 201 || status === 204
  if (isEmpty) {
    if (text !== '') throw new Error(`a ${status} with a body`)
    return { ...answer, json: undefined, resources: undefined, error: undefined }
  }
  return { ...answer, json: undefined, resources: undefined, error: errorOf(answer) }
}

function errorOf({ status, text, headers }: { status: number; text: string; headers: GoAnswer['headers'] }): GoError {
  // It tells its own envelope from anything else by this member's name.
  if (!text.includes('errorMsg')) return new GoError(status, text, [], headers)
  const [resource] = (JSON.parse(text) as { resources: { errorMsg: string; reasons?: GoReason[] }[] }).resources
  if (resource === undefined) throw new Error('index out of range: an error without a resource')
  for (const reason of resource.reasons ?? []) {
    if (!Number.isInteger(reason.status)) throw new Error('json: cannot unmarshal status into an integer')
  }
  return new GoError(status, resource.errorMsg, resource.reasons ?? [], headers)
}

function checkTimes(value: unknown, name: string): void {
  if (Array.isArray(value)) for (const item of value) checkTimes(item, name)
  else if (typeof value === 'object' && value !== null) {
    for (const [member, inner] of Object.entries(value)) checkTimes(inner, member)
  } else if (times.test(name) && (typeof value !== 'string' || !rfc3339.test(value))) {
    throw new Error(`parsing time of ${name}: not RFC 3339`)
  }
}
