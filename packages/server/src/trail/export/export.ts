/** Exports under way: page by page as fast as they are taken, each ended by an event that says how it ended. */
import { Readable } from 'node:stream'
import { csvHeader } from '@keywitness/cadf'
import { EvidenceSeal, evidenceAttachment, evidenceHead, evidenceLineHash, evidenceMissing } from '@keywitness/tlog'
import { sha256Of } from '@keywitness/tracker'
import type { Logger } from 'pino'
import type { Destination } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { ExportFormat, ExportPage, TrailFilter } from '../messages.ts'
import type { Trail } from '../trail.ts'

/** How an export can end. */
export type ExportEnd = 'complete' | 'client-left' | 'not-allowed' | 'shutting-down' | 'failed'

/** What was handed to the connection. */
export interface ExportedRows {
  readonly rows: number
  /** Index of the last one; undefined without any. */
  readonly lastIndex: number | undefined
}

export interface ExportRequest {
  readonly place: Destination
  readonly format: ExportFormat
  readonly filter: TrailFilter
  /** Index of the last row that the client has, or of the one before the first it wants. */
  readonly after: number
  /** Whether this goes on with an export that was broken off: then nothing stands before the rows. */
  readonly isResumed: boolean
  /** The index behind the last one wanted. */
  readonly end: number
  /** Size of the checkpoint that the export stands on, and its note. */
  readonly size: number
  readonly note: string
  /** Verifier keys that signed the note; what was asked, as one line: for evidence. */
  readonly keys: readonly string[]
  readonly query: string
  readonly isAllowed: () => boolean
  /** Aborted when the client leaves. */
  readonly gone: AbortSignal
  /** Records how it ended. @throws Refusal when that could not be recorded */
  readonly ended: (how: ExportEnd, rows: ExportedRows) => Promise<void>
}

/** What an export needs of the trail. */
export type ExportedTrail = Pick<Trail, 'ask'>

const encoder = new TextEncoder()
const newline = encoder.encode('\n')

/** Every export of the process; bounded for each account, and ended in an orderly way when the server stops. */
export class Exports {
  readonly #trail: ExportedTrail
  readonly #log: Logger
  readonly #open = new Set<Running>()

  constructor(trail: ExportedTrail, log: Logger) {
    this.#trail = trail
    this.#log = log
  }

  get count(): number {
    return this.#open.size
  }

  /** Whether an account has as many under way as it may have, or the process has. */
  isFull(account: string): boolean {
    const own = [...this.#open].filter(({ request }) => request.place.account === account).length
    return own >= limits.exportsOfAccount || this.#open.size >= limits.exports
  }

  /**
   * The body of the answer; nothing is read from the log before somebody reads from it. `begun` is to be called once the
   * beginning is recorded: only what has begun has an end.
   */
  start(request: ExportRequest): { readonly body: Readable; readonly begun: () => void } {
    const running = new Running(this.#trail, this.#log, request)
    this.#open.add(running)
    const { body } = running
    body.once('close', () => {
      void running.end('client-left').finally(() => this.#open.delete(running))
    })
    // Also when it never was an answer: its beginning could not be recorded.
    request.gone.addEventListener('abort', () => body.destroy(), { once: true })
    return { body, begun: () => running.begin() }
  }

  /** Ends all exports and resolves when their ends are recorded. */
  async stop(): Promise<void> {
    await Promise.all([...this.#open].map((running) => running.stop()))
  }
}

class Running {
  readonly request: ExportRequest
  readonly body: Readable
  readonly #trail: ExportedTrail
  readonly #log: Logger
  readonly #stopping = new AbortController()
  /** Aborted when nobody wants any more of it. */
  readonly #signal: AbortSignal
  readonly #seal = new EvidenceSeal(sha256Of)
  #rows = 0
  #lastIndex: number | undefined
  #hasBegun = false
  #ending: Promise<void> | undefined

  constructor(trail: ExportedTrail, log: Logger, request: ExportRequest) {
    this.#trail = trail
    this.#log = log
    this.request = request
    this.#signal = AbortSignal.any([request.gone, this.#stopping.signal])
    this.body = Readable.from(this.#pieces(), { objectMode: false, highWaterMark: 256 * 1024 })
  }

  begin(): void {
    this.#hasBegun = true
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    let how: ExportEnd = 'client-left'
    try {
      yield* this.#watched()
      // The last byte of the answer leaves when its end is durable.
      const seal = this.request.format === 'evidence' ? [this.#seal.line(), newline] : []
      await (this.#ending ??= this.#record('complete'))
      if (seal.length > 0) yield Buffer.concat(seal)
    } catch (error) {
      how = this.#whyEnded(error)
      if (how === 'failed') this.#log.error({ err: error }, 'an export failed')
      throw error
    } finally {
      await this.end(how)
    }
  }

  /** Records the end unless that was done; never throws. */
  async end(how: ExportEnd): Promise<void> {
    if (!this.#hasBegun) return
    try {
      await (this.#ending ??= this.#record(how))
    } catch (error) {
      this.#log.error({ err: error, how }, 'the end of an export could not be recorded')
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.end('shutting-down')
    this.body.destroy()
  }

  #record(how: ExportEnd): Promise<void> {
    return this.request.ended(how, { rows: this.#rows, lastIndex: this.#lastIndex })
  }

  #whyEnded(error: unknown): ExportEnd {
    if (this.#stopping.signal.aborted) return 'shutting-down'
    if (this.request.gone.aborted) return 'client-left'
    return error instanceof Refusal && error.code === 'UNAUTHORIZED_ERR' ? 'not-allowed' : 'failed'
  }

  /** The content; a reader that takes nothing for too long is dropped, and may come back for the rest. */
  async *#watched(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#content()) {
      const stalled = setTimeout(() => this.body.destroy(), limits.exportStallMs)
      try {
        yield piece
      } finally {
        clearTimeout(stalled)
      }
    }
  }

  async *#content(): AsyncGenerator<Uint8Array> {
    const { format, after, end, size, isResumed } = this.request
    if (format === 'csv' && !isResumed) yield encoder.encode(`${csvHeader}\r\n`)
    if (format === 'evidence') yield this.#lines(evidenceHead(this.request))
    const had = new Set<string>()
    for (let at = after, proved = 0, isLast = false; !isLast;) {
      const page = await this.#page({ at, proved, end, size })
      for (const hash of hashesOf(page)) this.#seal.add(hash)
      this.#rows += page.rows
      this.#lastIndex = page.lastIndex ?? this.#lastIndex
      if (page.bytes.length > 0) yield page.bytes
      for (const sha256 of page.evidence?.attached ?? []) {
        if (had.has(sha256)) continue
        had.add(sha256)
        yield await this.#attachment(sha256, page.lastIndex ?? 0)
      }
      at = page.scannedTo
      proved = page.evidence?.proved ?? 0
      isLast = page.isLast
    }
  }

  #lines(lines: readonly Uint8Array[]): Uint8Array {
    for (const line of lines) this.#seal.add(evidenceLineHash(line, sha256Of))
    return Buffer.concat(lines.flatMap((line) => [line, newline]))
  }

  async #attachment(sha256: string, index: number): Promise<Uint8Array> {
    const content = await this.#patiently(() =>
      this.#trail.ask(this.request.place, 'attachment', { id: String(index), sha256 }, { signal: this.#signal }),
    )
    const hash = Buffer.from(sha256, 'hex')
    return this.#lines([content === undefined ? evidenceMissing(hash) : evidenceAttachment(hash, content)])
  }

  #page({ at, proved, end, size }: { at: number; proved: number; end: number; size: number }): Promise<ExportPage> {
    const { place, filter, format } = this.request
    const ask = { filter, format, after: at, end, size, proved }
    return this.#patiently(() => this.#trail.ask(place, 'export', ask, { signal: this.#signal }))
  }

  /** A question that waited too long behind others is asked again; rights that ended end the export. */
  async #patiently<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      if (!this.request.isAllowed()) throw new Refusal('UNAUTHORIZED_ERR')
      try {
        const answer = await question()
        // Asked again before anything is told: rights that ended since tell nothing more.
        if (!this.request.isAllowed()) throw new Refusal('UNAUTHORIZED_ERR')
        return answer
      } catch (error) {
        const isPassing = error instanceof Refusal && ['SEARCH_CANCELLED', 'TOO_MANY_REQUESTS'].includes(error.code)
        if (!isPassing || tries >= limits.exportTries || this.#signal.aborted) throw error
      }
    }
  }
}

function* hashesOf({ evidence }: ExportPage): Generator<Uint8Array> {
  const hashes = evidence?.lineHashes ?? new Uint8Array()
  for (let at = 0; at < hashes.length; at += 32) yield hashes.slice(at, at + 32)
}
