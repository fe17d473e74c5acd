/**
 * The one error of the API client, made from a problem document (RFC 9457), from Key Protect's envelope, or from a connection
 * that failed.
 */

// The proof worker has it, too, which has no other texts and nothing that chooses them.
import texts from '../i18n/en/api.json' with { type: 'json' }

/** Where a call failed: `network` means that no answer came at all. */
export type ApiErrorKind = 'network' | 'unauthenticated' | 'forbidden' | 'missing' | 'refused' | 'server'

/** What of a request is refused: a member of its body, and within its text the characters. */
export interface ProblemPlace {
  /** Such as `rule.when.query`. */
  readonly name: string
  /** The first character at fault, and their number. */
  readonly from?: number
  readonly length?: number
}

export class ApiError extends Error {
  readonly kind: ApiErrorKind
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Stable code of the refusal, or `NETWORK`, or `HTTP_<status>` where the answer carried none. */
  readonly code: string
  readonly correlationId: string | undefined
  /** Seconds the server asked to wait. */
  readonly retryAfter: number | undefined
  readonly at: ProblemPlace | undefined

  constructor(fields: {
    status: number
    code: string
    message: string
    correlationId?: string | undefined
    retryAfter?: number | undefined
    at?: ProblemPlace | undefined
    cause?: unknown
  }) {
    super(fields.message, { cause: fields.cause })
    this.name = 'ApiError'
    this.kind = kindOf(fields.status, fields.code)
    this.status = fields.status
    this.code = fields.code
    this.correlationId = fields.correlationId
    this.retryAfter = fields.retryAfter
    this.at = fields.at
  }

  /** What it says, with the code that the server gave it; that nothing answered has none. */
  get told(): string {
    return this.code === noAnswer ? this.message : `${this.message} (${this.code})`
  }
}

/** The code of an error that is nobody's answer. */
export const noAnswer = 'NETWORK'

/** The error of a call that got no answer. What browsers say of that is for nobody to read: it is the cause. */
export function networkError(cause: unknown): ApiError {
  return new ApiError({ status: 0, code: noAnswer, message: texts.noAnswer, cause })
}

/** What a call threw, as the one error. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : networkError(error)
}

/** The server's own code of a refusal in Key Protect's form, whose 401 has no reasons. */
const reasonHeader = 'Keywitness-Reason'

/** The error of an answer that is not a success. Reads at most what a refusal says. */
export async function errorOf(response: Response): Promise<ApiError> {
  const header = response.headers.get('Retry-After')
  const retryAfter = header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined
  const fields = {
    status: response.status,
    code: `HTTP_${response.status}`,
    message: response.statusText,
    correlationId: response.headers.get('Correlation-Id') ?? undefined,
    retryAfter,
  }
  try {
    const body: unknown = await response.json()
    if (body === null || typeof body !== 'object') return new ApiError(fields)
    const said = envelopeOf(body, response) ?? problemOf(body)
    return new ApiError({
      ...fields,
      code: said.code ?? fields.code,
      message: said.message ?? fields.message,
      correlationId: said.correlationId ?? fields.correlationId,
      at: said.at,
    })
  } catch {
    return new ApiError(fields)
  }
}

interface Said {
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly correlationId?: string | undefined
  readonly at?: ProblemPlace | undefined
}

function problemOf(body: object): Said {
  return {
    code: textIn(body, 'code'),
    message: textIn(body, 'detail') ?? textIn(body, 'title'),
    correlationId: textIn(body, 'correlationId'),
    at: placeIn(body),
  }
}

function placeIn(body: object): ProblemPlace | undefined {
  const at: unknown = Reflect.get(body, 'at')
  if (typeof at !== 'object' || at === null) return undefined
  const name = textIn(at, 'name')
  const [from, length] = [numberIn(at, 'from'), numberIn(at, 'length')]
  if (name === undefined) return undefined
  return { name, ...(from !== undefined && { from }), ...(length !== undefined && { length }) }
}

/** Undefined for what is no envelope of Key Protect: `{resources: [{errorMsg, reasons: [{code, message}]}]}`. */
function envelopeOf(body: object, { status, headers }: Response): Said | undefined {
  const refusal = firstOf(body, 'resources')
  const errorMsg = refusal === undefined ? undefined : textIn(refusal, 'errorMsg')
  if (refusal === undefined || errorMsg === undefined) return undefined
  const reason = firstOf(refusal, 'reasons')
  const code = headers.get(reasonHeader) ?? (reason === undefined ? undefined : textIn(reason, 'code'))
  return {
    // Without the header nobody can tell; that must not end the session of who merely lacks a right.
    code: code ?? (status === 401 ? missingRight : undefined),
    message: (reason === undefined ? undefined : textIn(reason, 'message')) ?? errorMsg,
  }
}

function textIn(object: object, name: string): string | undefined {
  const value: unknown = Reflect.get(object, name)
  return typeof value === 'string' ? value : undefined
}

function numberIn(object: object, name: string): number | undefined {
  const value: unknown = Reflect.get(object, name)
  return typeof value === 'number' ? value : undefined
}

function firstOf(object: object, name: string): object | undefined {
  const value: unknown = Reflect.get(object, name)
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  return typeof first === 'object' && first !== null ? first : undefined
}

/** The code of a call that the server knows the caller of, and who may not do it. */
const missingRight = 'UNAUTHORIZED_ERR'

function kindOf(status: number, code: string): ApiErrorKind {
  if (status === 0) return 'network'
  // A caller whom the server knows and who lacks a right is answered 401, too: the session goes on.
  if (status === 401) return code === missingRight ? 'forbidden' : 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'missing'
  return status >= 500 ? 'server' : 'refused'
}
