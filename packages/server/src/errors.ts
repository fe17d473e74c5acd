/** Every error of the product: stable code, HTTP status and text; other protocols' codes stand beside it as they come. */
import type { Receipt } from './audit.ts'

export interface ErrorSpec {
  readonly status: number
  /** Text for people; never holds anything the caller sent. */
  readonly message: string
}

/** Codes of the key management API are those of Key Protect (reference: kms-rest-api.md, section 5.3). */
export const errors = {
  BAD_BODY_ERR: { status: 400, message: 'The body is not valid JSON of the expected shape.' },
  NO_BODY_ERR: { status: 400, message: 'This request needs a body.' },
  INVALID_FIELD_ERR: { status: 400, message: 'A member of the body is not valid.' },
  INVALID_QUERY_PARAM_ERR: { status: 400, message: 'A query parameter is not valid.' },
  KEY_ROOT_REQ_ERR: { status: 400, message: 'This action needs a root key.' },
  KEY_PAYLOAD_REQ_ERR: { status: 400, message: 'Rotating an imported key needs a payload.' },
  UNAUTHORIZED_ERR: { status: 401, message: 'The caller may not do this here.' },
  KEY_NOT_FOUND_ERR: { status: 404, message: 'There is no such key.' },
  NOT_FOUND: { status: 404, message: 'There is no such resource.' },
  KEY_ACTION_INVALID_STATE_ERR: { status: 409, message: "The key's state does not allow this action." },
  KEY_DELETED_ERR: { status: 410, message: 'The key has been deleted.' },
  KEY_ROTATION_NOT_PERMITTED: { status: 409, message: 'The key was rotated less than an hour ago.' },
  BODY_TOO_LARGE: { status: 413, message: 'The body is larger than allowed.' },
  UNPROCESSABLE_CIPHERTEXT_ERR: { status: 422, message: 'The ciphertext was not made by this key, or was altered.' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests.' },
  INTERNAL: { status: 500, message: 'The service failed; the cause is in its log under the correlation id.' },
  UNIT_UNAVAILABLE: { status: 503, message: 'No crypto unit can do this now.' },
  AUDIT_UNAVAILABLE: { status: 503, message: 'The call could not be recorded in time; nothing was changed.' },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof errors

/** A refusal in the product's own words. The listener turns it into its protocol's form. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly status: number
  /** Names the member or query parameter at fault, never its value. */
  readonly at: { readonly type: 'field' | 'query_param'; readonly name: string } | undefined
  /** The event that witnesses this refusal, once recorded. */
  receipt: Receipt | undefined

  constructor(
    code: ErrorCode,
    options: { message?: string; at?: { type: 'field' | 'query_param'; name: string }; cause?: unknown } = {},
  ) {
    super(options.message ?? errors[code].message, { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.status = errors[code].status
    this.at = options.at
  }
}
