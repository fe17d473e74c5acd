/** Between gRPC and the door: each call is admitted before its message is read, and answered once its event is durable. */
import {
  Metadata,
  type sendUnaryData,
  type ServerInterceptingCallInterface,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServerUnaryCall,
} from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { Refusal } from '../errors.ts'
import type { Later } from '../listening/deadline.ts'
import type { CallBounds, Seat } from './call-bounds.ts'
import type { CallHead, Ep11Peer } from './call-head.ts'
import type { Admitted, Ep11Answer, Ep11Door } from './door.ts'
import { type Failure, failureOfRefusal } from './failure.ts'
import type { BoundMetrics, CallBound } from './metrics.ts'
import { grpcStatuses } from './return-statuses.ts'

export interface CallParts {
  readonly door: Ep11Door
  readonly bounds: CallBounds
  /** Bytes of metadata, names and values. */
  readonly metadataBytes: number
  /** From a call's turn to the last byte of its message, milliseconds. */
  readonly messageMs: number
  /** From the answer until its last byte is taken, milliseconds. */
  readonly answerMs: number
  readonly metrics: BoundMetrics
  readonly later: Later
  readonly log: Logger
}

/** The connection that a call came over. */
export interface CallConnection {
  readonly peer: Ep11Peer
  /** Ends it, with every call on it. */
  destroy(): void
}

type FindConnection = (call: ServerInterceptingCallInterface) => CallConnection | undefined
type Handle = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void

export interface Calls {
  readonly interceptor: ServerInterceptor
  /** Answers calls of whatever path. */
  readonly handle: Handle
}

/** A call whose message is read or answered, by the metadata that it came with. */
interface Underway {
  readonly admitted: Admitted
  readonly seat: Seat
  readonly connection: CallConnection
  isOver: boolean
  cancelTimer: () => void
}

export function createCalls(parts: CallParts, connectionOf: FindConnection): Calls {
  const underway = new WeakMap<Metadata, Underway>()
  return {
    interceptor: ({ path }, call) => {
      let current: Underway | undefined
      let isOver = false
      const listener = new ServerListenerBuilder()
        .withOnReceiveMetadata((metadata, pass) => {
          const connection = connectionOf(call)
          if (connection === undefined) return
          const head = headOf(path, call, metadata, connection.peer)
          if (bytesIn(metadata) > parts.metadataBytes) {
            end(call, 'metadata', 'The metadata is too long.', parts)
            return
          }
          void admit(parts, head, call).then((admitted) => {
            if (admitted === undefined || isOver) return
            const seat = parts.bounds.enter(admitted.caller.id)
            if (seat === undefined) {
              parts.metrics.ended('calls')
              const failure = failureOfRefusal(new Refusal('TOO_MANY_REQUESTS'))
              sendFailure(call, { correlationId: admitted.correlationId, eventId: undefined }, failure)
              return
            }
            const mine: Underway = { admitted, seat, connection, isOver: false, cancelTimer: () => undefined }
            current = mine
            underway.set(metadata, mine)
            seat.read(() => {
              mine.cancelTimer = parts.later(parts.messageMs, () => {
                end(call, 'time', 'The message took too long.', parts)
              })
              pass(metadata)
            })
          })
        })
        .withOnReceiveMessage((message: Buffer, pass) => {
          if (current?.seat.hold(message.length) !== false) pass(message)
          else end(call, 'bytes', 'Too much is being answered.', parts)
        })
        .withOnReceiveHalfClose((pass) => {
          current?.cancelTimer()
          current?.seat.done()
          pass()
        })
        .withOnCancel(() => {
          isOver = true
          if (current === undefined) return
          current.isOver = true
          current.cancelTimer()
          current.seat.leave()
        })
        .build()
      return new ServerInterceptingCall(call, { start: (begin) => begin(listener) })
    },
    handle: (call, callback) => {
      const current = underway.get(call.metadata)
      if (current === undefined) throw new Error('ep11: a call that nobody admitted')
      void answer(parts, current, call, callback)
    },
  }
}

/** Without an event, as nothing was done. */
function end(call: ServerInterceptingCallInterface, bound: CallBound, details: string, { metrics }: CallParts): void {
  metrics.ended(bound)
  const code = bound === 'time' ? grpcStatuses.DEADLINE_EXCEEDED : grpcStatuses.RESOURCE_EXHAUSTED
  call.sendStatus({ code, details })
}

/** Undefined when it was answered. */
async function admit(
  { door, log }: CallParts,
  head: CallHead,
  call: ServerInterceptingCallInterface,
): Promise<Admitted | undefined> {
  try {
    const admitted = await door.admit(head)
    if (!('outcome' in admitted)) return admitted
    const { outcome } = admitted
    if ('failure' in outcome) sendFailure(call, admitted, outcome.failure)
  } catch (error) {
    log.error(placeOf(error), 'a call of EP11 failed unexpectedly')
    call.sendStatus({ code: grpcStatuses.INTERNAL, details: 'The service failed.' })
  }
  return undefined
}

async function answer(
  { door, answerMs, later, log }: CallParts,
  current: Underway,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): Promise<void> {
  let answered: Ep11Answer
  try {
    answered = await door.answer(current.admitted, call.request)
  } catch (error) {
    log.error(placeOf(error), 'a call of EP11 failed unexpectedly')
    callback({ code: grpcStatuses.INTERNAL, details: 'The service failed.' })
    return
  } finally {
    call.request.fill(0)
  }
  const { outcome } = answered
  if ('failure' in outcome) {
    if (current.isOver) return
    call.sendMetadata(namesOf(answered))
    callback(statusOf(outcome.failure))
    return
  }
  const { message } = outcome
  if (!current.isOver) {
    call.sendMetadata(namesOf(answered))
    if (current.seat.hold(message.length)) {
      // A stream that is not read cannot be ended alone from here.
      current.cancelTimer = later(answerMs, () => current.connection.destroy())
      callback(null, message)
    } else callback({ code: grpcStatuses.RESOURCE_EXHAUSTED, details: 'Too much is being answered.' })
  }
  // It was copied to be sent.
  message.fill(0)
}

function sendFailure(
  call: ServerInterceptingCallInterface,
  answered: Pick<Ep11Answer, 'correlationId' | 'eventId'>,
  failure: Failure,
): void {
  call.sendMetadata(namesOf(answered))
  call.sendStatus(statusOf(failure))
}

function statusOf({ code, details, status }: Failure): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', Buffer.from(status))
  return { code, details, metadata }
}

/** What an answered call is known by. */
function namesOf({ correlationId, eventId }: Pick<Ep11Answer, 'correlationId' | 'eventId'>): Metadata {
  const metadata = new Metadata()
  metadata.set('x-correlation-id', correlationId)
  metadata.set('correlation-id', correlationId)
  if (eventId !== undefined) metadata.set('keywitness-event-id', eventId)
  return metadata
}

function headOf(path: string, call: ServerInterceptingCallInterface, metadata: Metadata, peer: Ep11Peer): CallHead {
  const only = (name: string): string | Buffer | undefined => {
    const values = metadata.get(name)
    return values.length === 1 ? values[0] : undefined
  }
  return {
    path,
    authority: call.getHost(),
    peer,
    text: (name) => {
      const value = only(name)
      return typeof value === 'string' ? value : undefined
    },
    binary: (name) => {
      const value = only(name)
      return typeof value === 'object' ? value : undefined
    },
  }
}

function bytesIn(metadata: Metadata): number {
  let bytes = 0
  for (const [name, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of Array.isArray(values) ? values : [values]) bytes += name.length + String(value ?? '').length
  }
  return bytes
}

/** Where an error came from; not its text, which may quote what it was about. */
function placeOf(error: unknown): { name: string; at: string[] } {
  const { name, stack = '' } = error instanceof Error ? error : new Error()
  return { name, at: stack.split('\n').filter((line) => /^\s+at /.test(line)) }
}
