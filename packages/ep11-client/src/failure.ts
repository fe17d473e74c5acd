/** From how gRPC ended a call to an `Ep11Error`: the trailer's word where there is one, else what the status means. */
import { type Metadata, status } from '@grpc/grpc-js'
import { fromBinary } from '@bufbuild/protobuf'
import { anyUnpack } from '@bufbuild/protobuf/wkt'
import { returnValueName, type ReturnValue, returnValues } from './constants/return-values.ts'
import { Ep11Error } from './ep11-error.ts'
import { Grep11ErrorSchema } from './schema/error_pb.ts'
import { StatusSchema } from './schema/status_pb.ts'

/** How a call ended that has no answer. */
export interface Ended {
  /** A status code of gRPC. */
  readonly code: number
  readonly details: string
  /** Of the trailer. */
  readonly metadata: Metadata
}

/** What an answered call is known by; either may be missing. */
export interface CallIds {
  readonly correlationId: string | undefined
  readonly eventId: string | undefined
}

const sentenceCharsMax = 512
const trailerBytesMax = 16_384
const idPattern = /^[\x21-\x7e]{1,128}$/

/** Of the first metadata that has them: at the beginning of an answer, or at its end when there is nothing else. */
export function idsOf(...places: readonly Metadata[]): CallIds {
  const find = (name: string): string | undefined => {
    for (const place of places) {
      const [value] = place.get(name)
      if (typeof value === 'string' && idPattern.test(value)) return value
    }
    return undefined
  }
  return { correlationId: find('x-correlation-id') ?? find('correlation-id'), eventId: find('keywitness-event-id') }
}

export function errorOf(method: string, ended: Ended, ids: CallIds): Ep11Error {
  const told = detailOf(ended.metadata)
  if (told === undefined) return unexplained(method, ended, ids)
  const returnValue = returnValueName(told.code)
  const name = returnValue ?? `0x${told.code.toString(16)}`
  // The service puts the name first; it is there once, whether it did or not.
  const sentence = told.detail.startsWith(name) ? told.detail : `${name}: ${told.detail}`
  return new Ep11Error(`${method}: ${sentence}`, { returnValue, ...ids, method, code: told.code, retry: told.retry })
}

/** A failure that this side has found: nobody was reached, or nobody answered in time. */
export function ownError(method: string, returnValue: ReturnValue, sentence: string, retry: boolean): Ep11Error {
  const code = returnValues[returnValue]
  return new Ep11Error(`${method}: ${returnValue}: ${sentence}`, { returnValue, code, retry, method })
}

/** The one `Grep11Error` of the trailer (reference grep11, section 13.1); undefined for anything but exactly that. */
function detailOf(metadata: Metadata): { code: number; detail: string; retry: boolean } | undefined {
  const [bytes, ...others] = metadata.get('grpc-status-details-bin')
  if (typeof bytes !== 'object' || others.length > 0 || bytes.length > trailerBytesMax) return undefined
  try {
    const [any, ...more] = fromBinary(StatusSchema, bytes).details
    const error = any === undefined || more.length > 0 ? undefined : anyUnpack(any, Grep11ErrorSchema)
    if (error === undefined || error.code === 0n || error.code > 0xffff_ffffn) return undefined
    return { code: Number(error.code), detail: printable(error.detail), retry: error.retry }
  } catch {
    return undefined
  }
}

function printable(text: string): string {
  return text.slice(0, sentenceCharsMax).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}

const UNAVAILABLE: number = status.UNAVAILABLE

interface Meaning {
  readonly returnValue: ReturnValue
  readonly sentence: string
  readonly retry?: boolean
}

/** Texts that come with a status alone are not repeated: nobody knows who wrote them. */
const meanings: Readonly<Partial<Record<number, Meaning>>> = {
  [UNAVAILABLE]: {
    returnValue: 'CKR_IBM_TRANSPORT_ERROR',
    sentence: 'The service was not reached, or the connection was lost',
    retry: true,
  },
  // This side hears of no cancellation of its own.
  [status.CANCELLED]: {
    returnValue: 'CKR_IBM_TRANSPORT_ERROR',
    sentence: 'The service broke the call off',
    retry: true,
  },
  [status.DEADLINE_EXCEEDED]: { returnValue: 'CKR_IBM_REQ_TIMEOUT', sentence: 'The service gave up', retry: true },
  [status.UNAUTHENTICATED]: {
    returnValue: 'CKR_GREP11_NOT_AUTHENTICATED',
    sentence: 'The service did not take the token',
  },
  [status.PERMISSION_DENIED]: { returnValue: 'CKR_FUNCTION_REJECTED', sentence: 'The service refused the call' },
  [status.UNIMPLEMENTED]: {
    returnValue: 'CKR_FUNCTION_NOT_SUPPORTED',
    sentence: 'The service does not have this call',
  },
  [status.RESOURCE_EXHAUSTED]: {
    returnValue: 'CKR_DEVICE_MEMORY',
    sentence: 'The call is too large, or the service has too much to do',
  },
}

const otherwise: Meaning = { returnValue: 'CKR_GENERAL_ERROR', sentence: 'The service failed without saying how' }

function unexplained(method: string, { code, details }: Ended, ids: CallIds): Ep11Error {
  const { returnValue, sentence, retry = false } = meanings[code] ?? otherwise
  const why = code === UNAVAILABLE ? reasonIn(details) : undefined
  const text = why === undefined ? sentence : `${sentence} (${why})`
  const facts = { returnValue, ...ids, code: returnValues[returnValue], retry, method }
  return new Ep11Error(`${method}: ${returnValue}: ${text}.`, facts)
}

/** Why a connection could not be had, where the text is one of Node's own. */
const reasons =
  /\bE[A-Z]{4,20}\b|\bCERT_[A-Z_]{4,40}\b|self-signed certificate(?: in certificate chain)?|unable to (?:verify the first certificate|get (?:local )?issuer certificate)|certificate has expired|Hostname\/IP does not match certificate's altnames|alert (?:certificate required|bad certificate|unknown ca|handshake failure)/

function reasonIn(details: string): string | undefined {
  return reasons.exec(details.slice(0, 4_096))?.[0]
}
