/** What a KMIP client is told of a refusal, and what the codec's errors are in the product's own words. */
import { reasonForRefusal } from '@keywitness/cadf'
import { type ErrorCode, errors, type ErrorSpec, Refusal } from '../errors.ts'
import { KmipError } from './message/kmip-error.ts'
import type { ResultReason } from './ttlv/enumerations.ts'

/** The codec's reasons as errors of the product. */
const codes: Readonly<Partial<Record<ResultReason, ErrorCode>>> = {
  InvalidMessage: 'KMIP_INVALID_MESSAGE',
  InvalidField: 'KMIP_INVALID_FIELD',
  MissingData: 'KMIP_MISSING_DATA',
  FeatureNotSupported: 'KMIP_FEATURE_NOT_SUPPORTED',
  OperationNotSupported: 'KMIP_OPERATION_NOT_SUPPORTED',
  ResponseTooLarge: 'KMIP_RESPONSE_TOO_LARGE',
}

/** Any error as a refusal; undefined for what nobody foresaw. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (!(error instanceof KmipError)) return undefined
  return new Refusal(codes[error.reason] ?? 'KMIP_INVALID_MESSAGE', { message: error.message })
}

/** The result reason of a refusal: what has none of its own is a failure of the server. */
export function reasonOf({ code }: Refusal): ResultReason {
  const spec: ErrorSpec = errors[code]
  return spec.kmip ?? 'GeneralFailure'
}

/** The reason for failure of an event. INTERNAL says nothing that its status does not. */
export function reasonForFailure({ code, message }: Refusal): string {
  return code === 'INTERNAL' ? message : reasonForRefusal(message, code)
}
