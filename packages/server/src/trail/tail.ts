/** A live tail: events as they become numbered, in order, none twice; a reader that cannot keep up is told and dropped. */
import type { ServerResponse } from 'node:http'
import type { Destination } from '../audit.ts'
import { limits } from '../limits.ts'
import type { TrailFilter } from './messages.ts'
import type { Growth, Trail } from './trail.ts'

const heartbeatMs = 15_000
/** Events sent in one piece. */
const pieceEvents = 500

export interface TailRequest {
  readonly place: Destination
  readonly filter: TrailFilter
  /** Index of the last event the reader has; -1 for none. */
  readonly after: number
}

/** Every open tail of the process; bounded, and ended in an orderly way when the server stops. */
export class Tails {
  readonly #open = new Set<Tail>()
  readonly #trail: Trail

  constructor(trail: Trail) {
    this.#trail = trail
  }

  get isFull(): boolean {
    return this.#open.size >= limits.tails
  }

  get count(): number {
    return this.#open.size
  }

  /** Takes over a response whose headers are not sent yet. `isAllowed` is asked again with every heartbeat. */
  start(request: TailRequest, response: ServerResponse, isAllowed: () => boolean): void {
    const tail = new Tail(this.#trail, request, response, isAllowed)
    this.#open.add(tail)
    response.once('close', () => this.#open.delete(tail))
  }

  /** Ends all tails; their readers come back with `Last-Event-ID`. */
  stop(): void {
    for (const tail of this.#open) tail.end('shutting-down')
  }
}

class Tail {
  readonly #trail: Trail
  readonly #request: TailRequest
  readonly #response: ServerResponse
  readonly #stopListening: () => void
  readonly #heartbeat: NodeJS.Timeout
  readonly #abort = new AbortController()
  #after: number
  #covered = -1
  #isReading = false
  #isStale = true

  constructor(trail: Trail, request: TailRequest, response: ServerResponse, isAllowed: () => boolean) {
    this.#trail = trail
    this.#request = request
    this.#response = response
    this.#after = request.after
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    this.#stopListening = trail.listen(request.place, (growth) => this.#grew(growth))
    this.#heartbeat = setInterval(() => {
      if (isAllowed()) this.#write(': still here\n\n')
      else this.end('not-allowed')
    }, heartbeatMs)
    response.once('close', () => this.#close())
    this.#read()
  }

  end(reason: 'slow-reader' | 'shutting-down' | 'not-allowed' | 'failed'): void {
    if (this.#response.writableEnded) return
    this.#response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`)
    this.#close()
  }

  #close(): void {
    clearInterval(this.#heartbeat)
    this.#stopListening()
    this.#abort.abort()
  }

  #grew(growth: Growth): void {
    if (growth.covered !== this.#covered && !this.#isReading && growth.size <= this.#after + 1) this.#sayCovered(growth)
    this.#isStale = true
    this.#read()
  }

  #sayCovered(growth: Growth): void {
    this.#covered = growth.covered
    this.#write(`event: covered\ndata: ${JSON.stringify(growth)}\n\n`)
  }

  /** One read at a time; growth during a read makes it read again. */
  #read(): void {
    if (this.#isReading || !this.#isStale || this.#response.writableEnded) return
    this.#isReading = true
    this.#isStale = false
    const given = { filter: this.#request.filter, after: this.#after, limit: pieceEvents }
    this.#trail.ask(this.#request.place, 'tail', given, { signal: this.#abort.signal }).then(
      ({ json, scannedTo, covered, size }) => {
        this.#isReading = false
        this.#after = scannedTo
        if (json !== undefined)
          this.#write(`event: events\nid: ${scannedTo}\ndata: ${Buffer.from(json).toString()}\n\n`)
        if (covered !== this.#covered) this.#sayCovered({ size, covered })
        this.#isStale ||= scannedTo + 1 < size
        this.#read()
      },
      () => {
        this.#isReading = false
        if (!this.#abort.signal.aborted) this.end('failed')
      },
    )
  }

  #write(piece: string): void {
    if (this.#response.writableEnded) return
    this.#response.write(piece)
    if (this.#response.writableLength > limits.tailBacklogBytes) this.end('slow-reader')
  }
}
