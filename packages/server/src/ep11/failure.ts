/** How a call failed, as clients of GREP11 are told: a gRPC status with exactly one Grep11Error (reference, section 13.1). */
import { create, toBinary } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import type { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import { type ReturnValue, returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import { type ErrorCode, type ErrorSpec, errors, type Refusal } from '../errors.ts'
import { grpcStatuses, statusOf } from './return-statuses.ts'
import { Grep11ErrorSchema } from '@keywitness/ep11-client/schema/error_pb'
import { StatusSchema } from '@keywitness/ep11-client/schema/status_pb'

export interface Failure {
  readonly value: ReturnValue
  /** Status code of gRPC. */
  readonly code: number
  /** The return value's name comes first: people and samples look for it. */
  readonly details: string
  /** What stands in the trailer `grpc-status-details-bin`. */
  readonly status: Uint8Array
}

/** Stay refused until somebody has read again or asks for less, unlike others of their return value or status. */
const lasting = new Set<ErrorCode>(['ALREADY_EXISTS', 'KEYSTORE_STALE', 'EP11_TOO_LONG'])

export function failureOfError({ returnValue, message }: Pick<Ep11Error, 'returnValue' | 'message'>): Failure {
  return failure(returnValue, message, statusOf(returnValue).retry)
}

/** What has no return value of its own is a failure of the server. */
export function failureOfRefusal({ code, message, status }: Refusal): Failure {
  const { ckr = 'CKR_GENERAL_ERROR' }: ErrorSpec = errors[code]
  return failure(ckr, message, !lasting.has(code) && (statusOf(ckr).retry || status === 429))
}

function failure(value: ReturnValue, message: string, retry: boolean): Failure {
  const code = grpcStatuses[statusOf(value).grpc]
  const details = `${value}: ${message}`
  const error = create(Grep11ErrorSchema, { code: BigInt(returnValues[value]), detail: details, retry })
  const status = create(StatusSchema, { code, message: details, details: [anyPack(Grep11ErrorSchema, error)] })
  return { value, code, details, status: toBinary(StatusSchema, status) }
}
