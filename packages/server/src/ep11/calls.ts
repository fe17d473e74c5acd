/** Between gRPC and the door: each call is admitted before its message is read, and answered once its event is durable. */
import type { Logger } from 'pino'
import { Refusal } from '../errors.ts'
import type { Later } from '../listening/deadline.ts'
import type { CallBounds } from './call-bounds.ts'
import { correlationIdOf } from './call-head.ts'
import type { Ep11Answer, Ep11Door } from './door.ts'
import { type Failure, failureOfError, failureOfRefusal } from './failure.ts'
import type { GrpcCall } from './grpc/call.ts'
import type { MessageFault } from './grpc/message.ts'
import { timeoutOf } from './grpc/metadata.ts'
import type { SentMessage } from './method.ts'
import type { BoundMetrics, CallBound } from './metrics.ts'

export interface CallParts {
  readonly door: Ep11Door
  readonly bounds: CallBounds
  /** Bytes of metadata, names and values. */
  readonly metadataBytes: number
  readonly messageBytes: number
  /** From a call's turn to the last byte of its message, milliseconds. */
  readonly messageMs: number
  /** From the answer until its last byte is taken, milliseconds. */
  readonly answerMs: number
  readonly metrics: BoundMetrics
  readonly later: Later
  readonly log: Logger
}

/** Never rejects: whatever becomes of a call, it is answered or over. */
export async function serveCall(call: GrpcCall, parts: CallParts): Promise<void> {
  try {
    await serve(call, parts)
  } catch (error) {
    parts.log.error(placeOf(error), 'a call of EP11 failed unexpectedly')
    const outcome = { failure: failureOfRefusal(new Refusal('INTERNAL')) }
    answer(call, { ...unnamed(call), outcome }, parts)
  }
}

async function serve(call: GrpcCall, parts: CallParts): Promise<void> {
  if (call.metadataBytes > parts.metadataBytes) return end(call, 'metadata', parts)
  const timeout = call.text('grpc-timeout')
  const timeoutMs = timeout === undefined ? Infinity : timeoutOf(timeout)
  if (timeoutMs !== undefined && timeoutMs < 1) return end(call, 'deadline', parts)
  // Timers know no longer times, and nobody waits for them.
  if (timeoutMs !== undefined && timeoutMs < 2 ** 31) {
    call.whenClosed(parts.later(timeoutMs, () => end(call, 'deadline', parts)))
  }

  const admitted = await parts.door.admit(call)
  if ('outcome' in admitted) return answer(call, admitted, parts)
  if (call.isOver) return
  const seat = parts.bounds.enter(admitted.caller.id)
  if (seat === undefined) return end(call, 'calls', parts, admitted)
  call.whenClosed(() => seat.leave())
  // Of a call that is over before its turn nothing comes after this.
  await new Promise<void>((resolve) =>
    seat.read({
      begin: resolve,
      received: () => call.received,
      giveWay: () => end(call, 'slow', parts, admitted),
    }),
  )
  if (call.isOver) return seat.done()

  call.within(parts.messageMs, () => end(call, 'time', parts, admitted))
  const sent = await call.read(parts.messageBytes)
  seat.done()
  if (sent === undefined) return
  const message = typeof sent === 'string' ? refusalOf(sent) : timeoutMs === undefined ? noTimeout() : sent
  let answered: Ep11Answer
  try {
    if (typeof sent !== 'string' && !seat.hold(sent.length)) return end(call, 'bytes', parts, admitted)
    answered = await parts.door.answer(admitted, message)
  } finally {
    if (typeof sent !== 'string') sent.fill(0)
  }
  const { outcome } = answered
  const isHeld = 'failure' in outcome || seat.hold(outcome.message.length)
  if (isHeld) answer(call, answered, parts)
  else end(call, 'bytes', parts, answered)
  // It was copied to be sent.
  if ('message' in outcome) outcome.message.fill(0)
}

function answer(call: GrpcCall, answered: Ep11Answer, { answerMs }: CallParts): void {
  const { outcome } = answered
  // Whoever does not take an answer takes nothing else either.
  call.within(answerMs, () => call.connection.destroy())
  if ('failure' in outcome) call.fail(namesOf(answered), outcome.failure)
  else call.succeed(namesOf(answered), outcome.message)
  if (answered.isLast === true) call.connection.close()
}

/** Without an event of its own: nothing was done, or what was done has its event. */
function end(call: GrpcCall, bound: EndingBound, parts: CallParts, names: Names = unnamed(call)): void {
  if (call.isOver) return
  parts.metrics.ended(bound)
  const { correlationId, eventId } = names
  answer(call, { correlationId, eventId, outcome: { failure: failureOf(bound) } }, parts)
}

type EndingBound = Exclude<CallBound, 'protocol'>

function failureOf(bound: EndingBound): Failure {
  switch (bound) {
    case 'metadata':
      return failureOfRefusal(new Refusal('EP11_TOO_LONG', { message: 'The metadata are too long.' }))
    case 'calls':
      return failureOfRefusal(new Refusal('TOO_MANY_REQUESTS'))
    case 'bytes':
      return failureOfRefusal(new Refusal('TOO_MANY_REQUESTS', { message: 'Too much is being answered.' }))
    case 'time':
      return failureOfError({ returnValue: 'CKR_IBM_REQ_TIMEOUT', message: 'The message took too long.' })
    case 'slow':
      return failureOfError({
        returnValue: 'CKR_IBM_REQ_TIMEOUT',
        message: 'The message came too slowly while others waited.',
      })
    case 'deadline':
      return failureOfError({ returnValue: 'CKR_IBM_REQ_TIMEOUT', message: 'The client’s own time is over.' })
  }
}

/** Recorded like any other refusal: its client is known, and has sent all that it wanted to. */
function refusalOf(fault: MessageFault): SentMessage {
  switch (fault) {
    case 'too_long':
      return new Refusal('EP11_TOO_LONG')
    case 'number':
      return new Refusal('EP11_MESSAGE_UNSUPPORTED')
    case 'encoding':
      return new Refusal('EP11_MESSAGE_UNSUPPORTED', { message: 'Messages are taken plain, or by gzip or deflate.' })
    case 'cut':
      return new Refusal('EP11_CANNOT_UNMARSHAL')
  }
}

function noTimeout(): SentMessage {
  return new Refusal('INVALID_FIELD_ERR', { message: 'The metadata grpc-timeout are no time.' })
}

/** What an answered call is known by. */
interface Names {
  readonly correlationId: string
  readonly eventId?: string | undefined
}

function unnamed(call: GrpcCall): Pick<Ep11Answer, 'correlationId' | 'eventId'> {
  return { correlationId: correlationIdOf(call), eventId: undefined }
}

function namesOf({ correlationId, eventId }: Names): string[] {
  const names = ['x-correlation-id', correlationId, 'correlation-id', correlationId]
  if (eventId !== undefined) names.push('keywitness-event-id', eventId)
  return names
}

/** Where an error came from; not its text, which may quote what it was about. */
function placeOf(error: unknown): { name: string; at: string[] } {
  const { name, stack = '' } = error instanceof Error ? error : new Error()
  return { name, at: stack.split('\n').filter((line) => /^\s+at /.test(line)) }
}
