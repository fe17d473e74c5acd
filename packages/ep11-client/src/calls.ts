/** One call of EP11 from its message to its answer: its turn, its token, its deadline, and its repetitions where those help. */
import type { Client } from '@grpc/grpc-js'
import { Metadata, status } from '@grpc/grpc-js'
import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Ep11Error } from './ep11-error.ts'
import { type CallIds, type Ended, errorOf, idsOf, ownError } from './failure.ts'
import type { Tokens } from './tokens.ts'
import type { Turns } from './turns.ts'

/** A call that was answered or refused, and recorded. */
export interface Witnessed {
  /** `SignSingle` */
  readonly method: string
  readonly correlationId: string
  /** The event, in the trail of the instance. HPCS does not tell it. */
  readonly eventId: string | undefined
  readonly outcome: 'success' | 'failure'
}

export interface CallOptions {
  /** Of each call with its repetitions, milliseconds; 30,000 without, and 90,000 where keys are generated. */
  readonly deadlineMs?: number
  /** Ends the call; the function rejects with its reason. */
  readonly signal?: AbortSignal
  /** Stands in the events of the calls: 1 to 128 printable characters of ASCII, no blanks. The service makes one without. */
  readonly correlationId?: string
  /** Told of every answer, repetitions included. What it throws ends the function that is under way. */
  readonly onWitnessed?: (call: Witnessed) => void
}

export interface CallParts {
  readonly client: Client
  readonly tokens: Tokens
  readonly turns: Turns
  /** GUID of the instance; undefined where the address says it, or there is one only. */
  readonly instance: string | undefined
  /** How often a call is made again at most. */
  readonly repetitions: number
}

/** What a call of this kind may take and survive. */
export interface CallKind {
  readonly deadlineMs: number
  /** Nothing is changed by making it twice: it is made again also when it is not known what became of the first. */
  readonly isRepeatable: boolean
}

const usual: CallKind = { deadlineMs: 30_000, isRepeatable: true }
export const generating: CallKind = { deadlineMs: 90_000, isRepeatable: true }
export const changing: CallKind = { deadlineMs: 30_000, isRepeatable: false }

const deadlineMsMax = 600_000
const firstPauseMs = 100

export class Calls {
  readonly #parts: CallParts
  readonly #options: CallOptions
  /** Pin blob of a login. */
  readonly #session: Uint8Array | undefined

  /** @throws TypeError for options that cannot be used */
  constructor(parts: CallParts, options: CallOptions, session: Uint8Array | undefined) {
    const { deadlineMs, correlationId } = options
    if (deadlineMs !== undefined && !(deadlineMs >= 1 && deadlineMs <= deadlineMsMax)) {
      throw new TypeError(`deadlineMs is 1 to ${deadlineMsMax}.`)
    }
    if (correlationId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(correlationId)) {
      throw new TypeError('correlationId is 1 to 128 printable characters of ASCII without blanks.')
    }
    this.#parts = parts
    this.#options = options
    this.#session = session
  }

  with(options: CallOptions): Calls {
    return new Calls(this.#parts, { ...this.#options, ...options }, this.#session)
  }

  inSession(session: Uint8Array | undefined): Calls {
    return new Calls(this.#parts, this.#options, session)
  }

  /** @throws Ep11Error, and whatever the signal was aborted with */
  async ask<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    kind: CallKind = usual,
  ): Promise<MessageShape<O>> {
    const { turns } = this.#parts
    const message = messageOf(method, request)
    const deadline = AbortSignal.timeout(this.#options.deadlineMs ?? kind.deadlineMs)
    const { signal: given } = this.#options
    const signal = given === undefined ? deadline : AbortSignal.any([given, deadline])
    try {
      if (!(await turns.enter(signal))) {
        throw ownError(method.name, 'CKR_HOST_MEMORY', 'Too many calls wait in this process.', true)
      }
      try {
        return await this.#repeated(method, message, kind, signal)
      } finally {
        turns.leave()
      }
    } catch (error) {
      if (error !== deadline.reason) throw error
      throw ownError(method.name, 'CKR_IBM_REQ_TIMEOUT', 'There was no answer in time.', true)
    } finally {
      message.fill(0)
    }
  }

  async #repeated<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: Buffer,
    kind: CallKind,
    signal: AbortSignal,
  ): Promise<MessageShape<O>> {
    const { repetitions, tokens } = this.#parts
    let hasAnotherToken = false
    for (let made = 0; ;) {
      let token: string | undefined
      try {
        token = await tokens.current(signal)
        return await this.#once(method, message, token, signal)
      } catch (error) {
        if (!(error instanceof Ep11Error)) throw error
        const isToken = token !== undefined && error.returnValue === 'CKR_GREP11_NOT_AUTHENTICATED'
        if (isToken && !hasAnotherToken && tokens.refused(token as string)) {
          hasAnotherToken = true
          continue
        }
        if (made >= repetitions || !mayRepeat(error, kind)) throw error
      }
      await paused(firstPauseMs * 4 ** made++, signal)
    }
  }

  async #once<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: Buffer,
    token: string,
    signal: AbortSignal,
  ): Promise<MessageShape<O>> {
    const path = `/${method.parent.typeName}/${method.name}`
    const { answer, ended, ids } = await unary(this.#parts.client, path, message, this.#metadata(token), signal)
    if (ids.correlationId !== undefined) {
      const outcome = ended === undefined ? 'success' : 'failure'
      this.#options.onWitnessed?.({ method: method.name, ...ids, correlationId: ids.correlationId, outcome })
    }
    if (ended !== undefined) throw errorOf(method.name, ended, ids)
    try {
      return fromBinary(method.output, answer ?? new Uint8Array(), { readUnknownFields: false })
    } catch {
      throw ownError(method.name, 'CKR_GREP11_CANNOT_UNMARSHAL', 'The answer is no message of this method.', false)
    }
  }

  #metadata(token: string): Metadata {
    const metadata = new Metadata()
    const { instance } = this.#parts
    const { correlationId } = this.#options
    metadata.set('authorization', `Bearer ${token}`)
    if (instance !== undefined) metadata.set('bluemix-instance', instance)
    if (correlationId !== undefined) metadata.set('x-correlation-id', correlationId)
    if (this.#session !== undefined) metadata.set('ep11-session-bin', Buffer.from(this.#session))
    return metadata
  }
}

function messageOf<I extends DescMessage>(method: DescMethodUnary<I>, request: MessageInitShape<I>): Buffer {
  try {
    const bytes = toBinary(method.input, create(method.input, request))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } catch {
    // The library's text may quote what it was given.
    throw new TypeError(`${method.name}: a value is not of the type that is asked for.`)
  }
}

/** A conflict stays one until somebody has read again. */
function mayRepeat({ retry, returnValue, correlationId }: Ep11Error, { isRepeatable }: CallKind): boolean {
  if (!retry || returnValue === 'CKR_GREP11_CONFLICT') return false
  return isRepeatable || correlationId !== undefined
}

/** Between half of this and all of it, so that those who failed together do not come back together. */
function paused(ms: number, signal: AbortSignal): Promise<void> {
  return wait(randomInt(ms / 2, ms + 1), undefined, { signal }).catch(() => {
    throw signal.reason as Error
  })
}

interface Reply {
  readonly answer: Buffer | undefined
  readonly ended: Ended | undefined
  readonly ids: CallIds
}

const asItIs = (bytes: Buffer): Buffer => bytes

/** @throws whatever `signal` was aborted with */
function unary(client: Client, path: string, message: Buffer, sent: Metadata, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    let headers = new Metadata()
    const abort = (): void => {
      call.cancel()
      reject(signal.reason as Error)
    }
    const call = client.makeUnaryRequest(path, asItIs, asItIs, message, sent, (error, answer) => {
      signal.removeEventListener('abort', abort)
      const ended = error === null ? undefined : endedOf(error)
      resolve({ answer, ended, ids: idsOf(headers, ...(ended === undefined ? [] : [ended.metadata])) })
    })
    call.on('metadata', (got: Metadata) => (headers = got))
    signal.addEventListener('abort', abort, { once: true })
  })
}

function endedOf({ code, details, metadata }: Partial<Ended>): Ended {
  return { code: code ?? status.UNKNOWN, details: details ?? '', metadata: metadata ?? new Metadata() }
}
