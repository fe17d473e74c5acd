/** The one error of the API client, made from a problem document (RFC 9457) or from a connection that failed. */

/** Where a call failed: `network` means that no answer came at all. */
export type ApiErrorKind = 'network' | 'unauthenticated' | 'forbidden' | 'missing' | 'refused' | 'server'

export class ApiError extends Error {
  readonly kind: ApiErrorKind
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Stable code of the problem document, or `NETWORK`, or `HTTP_<status>` where the answer carried none. */
  readonly code: string
  readonly correlationId: string | undefined
  /** Seconds the server asked to wait. */
  readonly retryAfter: number | undefined

  constructor(fields: {
    status: number
    code: string
    message: string
    correlationId?: string | undefined
    retryAfter?: number | undefined
  }) {
    super(fields.message)
    this.name = 'ApiError'
    this.kind = kindOf(fields.status, fields.code)
    this.status = fields.status
    this.code = fields.code
    this.correlationId = fields.correlationId
    this.retryAfter = fields.retryAfter
  }
}

/** The error of a call that got no answer. */
export function networkError(cause: unknown): ApiError {
  const message = cause instanceof Error ? cause.message : 'no answer'
  return new ApiError({ status: 0, code: 'NETWORK', message })
}

/** What a call threw, as the one error. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : networkError(error)
}

/** The error of an answer that is not a success: of a problem document, or of Key Protect's envelope. */
export async function errorOf(response: Response): Promise<ApiError> {
  const header = response.headers.get('Retry-After')
  const retryAfter = header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined
  const fields = {
    status: response.status,
    // In Key Protect's form a 401 has no reasons: the header says whether the caller or the right is missing.
    code: response.headers.get('Keywitness-Reason') ?? `HTTP_${response.status}`,
    message: response.statusText,
    correlationId: response.headers.get('Correlation-Id') ?? undefined,
    retryAfter,
  }
  try {
    const body: unknown = await response.json()
    if (body === null || typeof body !== 'object') return new ApiError(fields)
    if ('resources' in body) return new ApiError({ ...fields, ...envelopeIn(body.resources) })
    const code = 'code' in body && typeof body.code === 'string' ? body.code : fields.code
    const detail = 'detail' in body && typeof body.detail === 'string' ? body.detail : undefined
    const title = 'title' in body && typeof body.title === 'string' ? body.title : undefined
    const id = 'correlationId' in body && typeof body.correlationId === 'string' ? body.correlationId : undefined
    return new ApiError({
      ...fields,
      code,
      message: detail ?? title ?? fields.message,
      correlationId: id ?? fields.correlationId,
    })
  } catch {
    return new ApiError(fields)
  }
}

/** What Key Protect's envelope says of its one refusal. */
function envelopeIn(resources: unknown): { readonly code?: string; readonly message?: string } {
  const [resource] = Array.isArray(resources) ? (resources as readonly unknown[]) : []
  const reasons = memberOf(resource, 'reasons')
  const [reason] = Array.isArray(reasons) ? (reasons as readonly unknown[]) : []
  const code = memberOf(reason, 'code')
  const message = memberOf(reason, 'message') ?? memberOf(resource, 'errorMsg')
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  }
}

function memberOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function kindOf(status: number, code: string): ApiErrorKind {
  if (status === 0) return 'network'
  // A caller whom the server knows and who lacks a right is answered 401, too: the session goes on.
  if (status === 401) return code === 'UNAUTHORIZED_ERR' ? 'forbidden' : 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'missing'
  return status >= 500 ? 'server' : 'refused'
}
