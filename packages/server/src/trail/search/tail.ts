/** A live tail: events as they become numbered, in order, none twice; a reader that cannot keep up is told and dropped. */
import { PassThrough, type Readable } from 'node:stream'
import type { Destination } from '../../audit.ts'
import { limits } from '../../limits.ts'
import type { TrailFilter } from '../messages.ts'
import type { Growth, Trail } from '../trail.ts'

export const heartbeatMs = 15_000
/** How often it is asked whether a reader may still read, also while nothing happens (design 8: within a second). */
export const lookEveryMs = 1_000
/** A reader that takes nothing for this long is dropped; it may come back with what it has. */
const slowReaderMs = 30_000
/** Events sent in one piece. */
const pieceEvents = 500

export interface TailRequest {
  readonly place: Destination
  readonly filter: TrailFilter
  /** Index of the last event the reader has; -1 for none. */
  readonly after: number
}

/** What a tail needs of the trail. */
export type TailedTrail = Pick<Trail, 'ask' | 'listen'>

/** Every open tail of the process; bounded, and ended in an orderly way when the server stops. */
export class Tails {
  readonly #open = new Set<Tail>()
  readonly #trail: TailedTrail

  constructor(trail: TailedTrail) {
    this.#trail = trail
  }

  /** Whether there can be no more, of this account or of all. */
  isFullFor(account: string): boolean {
    if (this.#open.size >= limits.tails) return true
    let own = 0
    for (const tail of this.#open) if (tail.account === account) own += 1
    return own >= limits.tailsOfAccount
  }

  get count(): number {
    return this.#open.size
  }

  /** The body of the answer; it ends when its reader goes. `isAllowed` is asked before anything is told, and each second. */
  start(request: TailRequest, isAllowed: () => boolean): Readable {
    const body = new PassThrough()
    const tail = new Tail(this.#trail, request, body, isAllowed)
    this.#open.add(tail)
    body.once('close', () => this.#open.delete(tail))
    return body
  }

  /** Ends all tails; their readers come back with `Last-Event-ID`. */
  stop(): void {
    for (const tail of this.#open) tail.end('shutting-down')
  }
}

class Tail {
  readonly #trail: TailedTrail
  readonly #request: TailRequest
  readonly #body: PassThrough
  readonly #stopListening: () => void
  readonly #looking: NodeJS.Timeout
  readonly #abort = new AbortController()
  readonly #isAllowed: () => boolean
  #after: number
  #covered = -1
  #looks = 0
  #isReading = false
  #isStale = true
  #isClosed = false
  /** Since when the reader takes nothing (monotonic ms). Nothing more is read from the log for it meanwhile. */
  #blockedSince: number | undefined

  constructor(trail: TailedTrail, request: TailRequest, body: PassThrough, isAllowed: () => boolean) {
    this.#trail = trail
    this.#request = request
    this.#body = body
    this.#after = request.after
    this.#isAllowed = isAllowed
    this.#stopListening = trail.listen(request.place, (growth) => this.#grew(growth))
    this.#looking = setInterval(() => this.#look(), lookEveryMs)
    body.on('drain', () => {
      this.#blockedSince = undefined
      this.#read()
    })
    body.once('close', () => this.#close())
    this.#read()
  }

  get account(): string {
    return this.#request.place.account
  }

  end(reason: 'slow-reader' | 'shutting-down' | 'not-allowed' | 'failed'): void {
    if (this.#isClosed) return
    this.#body.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`)
    this.#close()
  }

  #close(): void {
    this.#isClosed = true
    clearInterval(this.#looking)
    this.#stopListening()
    this.#abort.abort()
  }

  #look(): void {
    this.#looks += 1
    if (!this.#isAllowed()) this.end('not-allowed')
    else if (this.#blockedSince !== undefined) {
      if (performance.now() - this.#blockedSince > slowReaderMs) this.#drop()
    } else if (this.#looks % (heartbeatMs / lookEveryMs) === 0) this.#write(': still here\n\n')
  }

  #grew(growth: Growth): void {
    if (this.#isClosed) return
    const isIdle = !this.#isReading && this.#blockedSince === undefined
    if (isIdle && growth.covered !== this.#covered && growth.size <= this.#after + 1) {
      if (!this.#isAllowed()) return this.end('not-allowed')
      this.#sayCovered(growth)
    }
    this.#isStale = true
    this.#read()
  }

  #sayCovered(growth: Growth): void {
    this.#covered = growth.covered
    // Its id says how far was looked: who comes back need not look there again, though nothing matched.
    const id = this.#after < 0 ? '' : `id: ${this.#after}\n`
    this.#write(`event: covered\n${id}data: ${JSON.stringify(growth)}\n\n`)
  }

  /** One read at a time; growth during a read makes it read again. */
  #read(): void {
    if (this.#isReading || !this.#isStale || this.#isClosed || this.#blockedSince !== undefined) return
    this.#isReading = true
    this.#isStale = false
    const given = { filter: this.#request.filter, after: this.#after, limit: pieceEvents }
    this.#trail.ask(this.#request.place, 'tail', given, { signal: this.#abort.signal }).then(
      ({ json, scannedTo, covered, size }) => {
        this.#isReading = false
        // Asked again before anything is told: rights that ended since tell nothing more.
        if (!this.#isAllowed()) return this.end('not-allowed')
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

  /** What is said to a reader that does not read can wait in no buffer: the connection goes. */
  #drop(): void {
    this.end('slow-reader')
    this.#body.destroy()
  }

  #write(piece: string): void {
    if (this.#isClosed || this.#body.write(piece)) return
    this.#blockedSince ??= performance.now()
  }
}
