/**
 * What each return value of PKCS #11 is in gRPC and in an event: one table (reference grep11, section 13.3; which status goes
 * with which value is not public and our own choice).
 */
import { type ReturnValue, returnValues } from '@keywitness/crypto-unit/ep11/return-values'

/** Status codes of gRPC that are answered here. */
export const grpcStatuses = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const

type GrpcStatus = keyof typeof grpcStatuses

export interface ReturnStatus {
  readonly grpc: GrpcStatus
  /** `reason.reasonCode` of the event. */
  readonly status: number
  /** Whether the same call may succeed when it is made again. */
  readonly retry: boolean
}

interface Row extends ReturnStatus {
  readonly values: readonly ReturnValue[]
}

const rows: readonly Row[] = [
  {
    grpc: 'INVALID_ARGUMENT',
    status: 400,
    retry: false,
    values: [
      'CKR_SLOT_ID_INVALID',
      'CKR_ARGUMENTS_BAD',
      'CKR_ATTRIBUTE_READ_ONLY',
      'CKR_ATTRIBUTE_SENSITIVE',
      'CKR_ATTRIBUTE_TYPE_INVALID',
      'CKR_ATTRIBUTE_VALUE_INVALID',
      'CKR_DATA_INVALID',
      'CKR_DATA_LEN_RANGE',
      'CKR_ENCRYPTED_DATA_INVALID',
      'CKR_ENCRYPTED_DATA_LEN_RANGE',
      'CKR_KEY_HANDLE_INVALID',
      'CKR_KEY_SIZE_RANGE',
      'CKR_KEY_TYPE_INCONSISTENT',
      'CKR_KEY_NOT_NEEDED',
      'CKR_KEY_CHANGED',
      'CKR_KEY_NEEDED',
      'CKR_KEY_INDIGESTIBLE',
      'CKR_MECHANISM_INVALID',
      'CKR_MECHANISM_PARAM_INVALID',
      'CKR_OBJECT_HANDLE_INVALID',
      'CKR_PIN_INVALID',
      'CKR_PIN_LEN_RANGE',
      'CKR_SIGNATURE_INVALID',
      'CKR_SIGNATURE_LEN_RANGE',
      'CKR_TEMPLATE_INCOMPLETE',
      'CKR_TEMPLATE_INCONSISTENT',
      'CKR_UNWRAPPING_KEY_HANDLE_INVALID',
      'CKR_UNWRAPPING_KEY_SIZE_RANGE',
      'CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT',
      'CKR_USER_TYPE_INVALID',
      'CKR_WRAPPED_KEY_INVALID',
      'CKR_WRAPPED_KEY_LEN_RANGE',
      'CKR_WRAPPING_KEY_HANDLE_INVALID',
      'CKR_WRAPPING_KEY_SIZE_RANGE',
      'CKR_WRAPPING_KEY_TYPE_INCONSISTENT',
      'CKR_DOMAIN_PARAMS_INVALID',
      'CKR_CURVE_NOT_SUPPORTED',
      'CKR_BUFFER_TOO_SMALL',
      'CKR_SAVED_STATE_INVALID',
      'CKR_INFORMATION_SENSITIVE',
      'CKR_PIN_TOO_WEAK',
      'CKR_PUBLIC_KEY_INVALID',
      'CKR_IBM_BLOB_ERROR',
      'CKR_IBM_NONCRT_KEY_SIZE',
      'CKR_IBM_PERF_CATEGORY_INVALID',
      'CKR_IBM_TARGET_INVALID',
      'CKR_IBM_PQC_PARAMS_NOT_SUPPORTED',
      'CKR_IBM_PARAM_NOT_SUPPORTED',
      'CKR_GREP11_CANNOT_UNMARSHAL',
    ],
  },
  {
    grpc: 'FAILED_PRECONDITION',
    status: 409,
    retry: false,
    values: [
      'CKR_ACTION_PROHIBITED',
      'CKR_KEY_FUNCTION_NOT_PERMITTED',
      'CKR_KEY_NOT_WRAPPABLE',
      'CKR_KEY_UNEXTRACTABLE',
      'CKR_OPERATION_ACTIVE',
      'CKR_OPERATION_NOT_INITIALIZED',
      'CKR_SESSION_CLOSED',
      'CKR_SESSION_HANDLE_INVALID',
      'CKR_SESSION_READ_ONLY',
      'CKR_SESSION_EXISTS',
      'CKR_TOKEN_NOT_PRESENT',
      'CKR_TOKEN_NOT_RECOGNIZED',
      'CKR_TOKEN_WRITE_PROTECTED',
      'CKR_USER_ALREADY_LOGGED_IN',
      'CKR_USER_NOT_LOGGED_IN',
      'CKR_CRYPTOKI_NOT_INITIALIZED',
      'CKR_IBM_WKID_MISMATCH',
      'CKR_IBM_WK_NOT_INITIALIZED',
      'CKR_IBM_READONLY',
      'CKR_IBM_STATIC_POLICY',
      'CKR_IBM_FCV_NOT_SET',
      'CKR_IBM_SESSION_IMMUTABLE',
    ],
  },
  {
    grpc: 'PERMISSION_DENIED',
    status: 403,
    retry: false,
    values: ['CKR_PIN_INCORRECT', 'CKR_PIN_EXPIRED', 'CKR_PIN_LOCKED', 'CKR_FUNCTION_REJECTED'],
  },
  { grpc: 'UNAUTHENTICATED', status: 401, retry: false, values: ['CKR_GREP11_NOT_AUTHENTICATED'] },
  {
    grpc: 'UNIMPLEMENTED',
    status: 400,
    retry: false,
    values: ['CKR_FUNCTION_NOT_SUPPORTED', 'CKR_RANDOM_SEED_NOT_SUPPORTED', 'CKR_IBM_API_MISMATCH'],
  },
  { grpc: 'NOT_FOUND', status: 404, retry: false, values: ['CKR_GREP11_MISSING'] },
  { grpc: 'ABORTED', status: 409, retry: true, values: ['CKR_GREP11_CONFLICT'] },
  { grpc: 'ABORTED', status: 409, retry: false, values: ['CKR_GREP11_REPLAY', 'CKR_IBM_BLOBKEY_CONFLICT'] },
  {
    grpc: 'RESOURCE_EXHAUSTED',
    status: 429,
    retry: false,
    values: ['CKR_HOST_MEMORY', 'CKR_SESSION_COUNT', 'CKR_IBM_TRANSPORT_LIMIT'],
  },
  { grpc: 'RESOURCE_EXHAUSTED', status: 429, retry: true, values: ['CKR_DEVICE_MEMORY'] },
  {
    grpc: 'UNAVAILABLE',
    status: 503,
    retry: true,
    values: ['CKR_DEVICE_REMOVED', 'CKR_IBM_MODE_CONFLICT', 'CKR_IBM_TRANSPORT_ERROR'],
  },
  {
    grpc: 'INTERNAL',
    status: 500,
    retry: false,
    values: [
      'CKR_GENERAL_ERROR',
      'CKR_FUNCTION_FAILED',
      'CKR_DEVICE_ERROR',
      'CKR_RANDOM_NO_RNG',
      'CKR_IBM_INTERNAL_ERROR',
      'CKR_IBM_OA_API_ERROR',
      'CKR_IBM_ERROR_STATE',
      'CKR_GREP11_CANNOT_MARSHAL',
      'CKR_GREP11_DBINTERNAL',
    ],
  },
  { grpc: 'DEADLINE_EXCEEDED', status: 504, retry: true, values: ['CKR_IBM_REQ_TIMEOUT'] },
  { grpc: 'CANCELLED', status: 408, retry: false, values: ['CKR_CANCEL', 'CKR_FUNCTION_CANCELED'] },
]

const byValue = new Map<ReturnValue, ReturnStatus>(
  rows.flatMap(({ values, ...status }) => values.map((value) => [value, status] as const)),
)

/** Of every return value but CKR_OK, which is no error. */
export function statusOf(value: ReturnValue): ReturnStatus {
  const status = byValue.get(value)
  if (status === undefined) throw new Error(`ep11: ${value} is no error`)
  return status
}

/** In the order of their numbers, for the reference page. */
export function allStatuses(): readonly (readonly [ReturnValue, ReturnStatus])[] {
  return [...byValue].toSorted(([one], [other]) => returnValues[one] - returnValues[other])
}
