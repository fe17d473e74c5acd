/** One call: its metadata, its one message, and its one answer, on a stream of HTTP/2 (gRPC over HTTP/2). */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type Later, Deadline } from '../../listening/deadline.ts'
import type { Connection } from './connection.ts'
import { encodings, framed, type MessageFault, MessageReader } from './message.ts'
import { binaryValue, bytesOf, lengthOf, percentEncoded, type RawHeaders, textOf } from './metadata.ts'

/** How a call failed. */
export interface GrpcFailure {
  /** Status code of gRPC. */
  readonly code: number
  readonly details: string
  /** A google.rpc.Status, for `grpc-status-details-bin`. */
  readonly status: Uint8Array
}

/** Metadata of an answer: names and values in turn. */
export type AnswerMetadata = readonly string[]

const succeeded = { 'grpc-status': '0' } as const
const withTrailers = { waitForTrailers: true } as const

export class GrpcCall {
  /** As it was sent: whatever bytes. */
  readonly path: string
  readonly authority: string | undefined
  readonly connection: Connection
  readonly #stream: ServerHttp2Stream
  readonly #raw: RawHeaders
  /** The time that its present step may take. */
  readonly #step: Deadline
  #reader: MessageReader | undefined
  #received = 0
  #stopReading = (): void => undefined
  #isAnswered = false
  #hasEnded = false
  #over: (() => void)[] | undefined = []

  /** @param raw metadata, pseudo-headers with them */
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    raw: RawHeaders,
    connection: Connection,
    later: Later,
  ) {
    this.path = headers[':path'] ?? ''
    this.authority = headers[':authority'] ?? headers.host
    this.connection = connection
    this.#stream = stream
    this.#raw = raw
    this.#step = new Deadline(later)
    // Whoever breaks a stream off ends its call; there is nothing else to do about it.
    stream.on('error', () => undefined)
    stream.on('close', () => this.#close())
  }

  /** Answered, or its client has given it up: what else is found out about it reaches nobody. */
  get isOver(): boolean {
    return this.#isAnswered || this.#over === undefined || this.#stream.closed || this.#stream.destroyed
  }

  /** Bytes of its metadata, names and values. */
  get metadataBytes(): number {
    return lengthOf(this.#raw)
  }

  /** Bytes of its message so far, and of what frames it. */
  get received(): number {
    return this.#received
  }

  text(name: string): string | undefined {
    return textOf(this.#raw, name)
  }

  binary(name: string): Buffer | 'malformed' | undefined {
    return bytesOf(this.#raw, name)
  }

  /** Runs once the last byte of the answer is taken, or the stream has ended otherwise. */
  whenClosed(run: () => void): void {
    if (this.#over === undefined) run()
    else this.#over.push(run)
  }

  /** Bounds its present step, in place of the one before; `run` must end the call or its connection. The last is the answer. */
  within(ms: number, run: () => void): void {
    if (!this.isOver) this.#step.set(ms, run)
  }

  /**
   * Nothing of the message is read before. Whoever gets it overwrites it.
   * @returns undefined when the call is over before its message is there
   */
  async read(bytesMax: number): Promise<Buffer | MessageFault | undefined> {
    const stream = this.#stream
    const reader = new MessageReader(bytesMax)
    this.#reader = reader
    const fault = await new Promise<MessageFault | undefined>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        this.#received += chunk.length
        const found = this.isOver ? undefined : reader.take(chunk)
        if (found === undefined) return
        stream.pause()
        resolve(found)
      })
      const end = (): void => {
        this.#hasEnded = true
        resolve(undefined)
      }
      // The end of a stream without any byte may have been told already.
      if (stream.readableEnded) end()
      else stream.on('end', end)
      this.#stopReading = () => resolve(undefined)
    })
    if (this.isOver) return undefined
    this.#step.clear()
    if (fault !== undefined) return fault
    const message = await reader.end(this.text('grpc-encoding'))
    this.#reader = undefined
    return message
  }

  /** Copies the message. Like `fail`, does nothing when the call is over. */
  succeed(metadata: AnswerMetadata, message: Uint8Array): void {
    if (this.isOver) return
    this.#answer(metadata, succeeded)
    this.#stream.end(framed(message))
  }

  fail(metadata: AnswerMetadata, { code, details, status }: GrpcFailure): void {
    if (this.isOver) return
    this.#answer(metadata, {
      'grpc-status': `${code}`,
      'grpc-message': percentEncoded(details),
      'grpc-status-details-bin': binaryValue(status),
    })
    this.#stream.end()
  }

  /** As what is no call of gRPC; whoever goes on sending must be bounded by `within`. */
  refuse(headers: OutgoingHttpHeaders): void {
    if (this.isOver) return
    this.#isAnswered = true
    this.#stream.respond(headers, { endStream: true })
    this.#stream.resume()
  }

  #answer(metadata: AnswerMetadata, trailers: Readonly<Record<string, string>>): void {
    this.#isAnswered = true
    this.#stopReading()
    const stream = this.#stream
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers)
      // What is still coming is read over. It is not reset ("Early Server Closure"): HTTP/2 of Node drops trailers behind that.
      if (!this.#hasEnded) stream.resume()
    })
    const head = [':status', '200', 'content-type', 'application/grpc+proto', 'grpc-accept-encoding', encodings]
    stream.respond([...head, ...metadata], withTrailers)
  }

  #close(): void {
    this.#step.clear()
    this.#stopReading()
    this.#reader?.discard()
    const over = this.#over ?? []
    this.#over = undefined
    for (const run of over) run()
  }
}
