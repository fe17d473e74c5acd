/** One connection to a unit's process: many calls in flight, batched writes, a deadline per call, bounded queues. */
import type { Duplex } from 'node:stream'
import { Fields, FrameBatch, FrameReader } from '@keywitness/crypto-unit/frames'
import { UnitRefusal } from './unit-client.ts'
import { refusalOf } from './refusals.ts'

/** Calls that may wait for an answer at once. */
const CALLS_MAX = 8_192
/** Bytes that may wait for a unit that does not read. */
const BYTES_MAX = 16 * 1024 * 1024
/** Slow calls that may be without an answer at once, given-up ones included. */
const SLOW_CALLS_MAX = 256
/** A deadline is counted in this many ticks. */
const TICKS_PER_DEADLINE = 40

interface Call {
  readonly read: (answer: Fields) => unknown
  readonly resolve: (value: never) => void
  readonly reject: (reason: unknown) => void
  /** Tick at which the wait ends. */
  readonly due: number
  /** Waits longer than the others, which therefore may end before it. */
  readonly isPatient: boolean
}

export interface PipeOptions {
  readonly deadlineMs: number
  /** Silence with answers owed after which `onHang` is called, again and again. */
  readonly hangMs: number
  readonly onHang: () => void
}

/**
 * How long a call waits: milliseconds, or `slowMs` for a call that the unit answers whenever it has the answer, while it
 * goes on answering others. Its silence is none.
 */
export type Wait = number | { readonly slowMs: number }

export class UnitPipe {
  readonly #socket: Duplex
  readonly #options: PipeOptions
  readonly #batch = new FrameBatch()
  /** By id, oldest first: ids only grow, and a Map keeps the order of insertion. */
  readonly #calls = new Map<number, Call>()
  #nextId = 1
  #isFlushPlanned = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined
  #tick = 0
  /** Requests without an answer, given-up ones included, and since when the unit has been silent. */
  #owed = 0
  #lastHeard = 0
  #lateAnswers = 0
  /** Slow calls without an answer, given-up ones included. */
  readonly #slow = new Set<number>()

  constructor(socket: Duplex, options: PipeOptions) {
    this.#socket = socket
    this.#options = options
    const reader = new FrameReader((id, status, payload) => this.#answer(id, status, payload))
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch {
        this.close()
      }
      chunk.fill(0)
    })
    socket.on('error', () => this.close())
    socket.on('close', () => this.close())
  }

  /** Answers that came after their call had been given up. */
  get lateAnswers(): number {
    return this.#lateAnswers
  }

  /**
   * Sends a request and waits for its answer. `put` writes the payload at once; `read` copies what it keeps.
   * @throws UnitRefusal, UnitFault, UnitCommandRefusal; UnitRefusal `TIMEOUT` after the deadline, `UNAVAILABLE` when
   *   the pipe is closed or too much waits already
   */
  call<T>(
    operation: number,
    put: (request: FrameBatch) => void,
    read: (answer: Fields) => T,
    wait: Wait = this.#options.deadlineMs,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#isClosed) throw new UnitRefusal('UNAVAILABLE', 'The crypto unit is not running.')
      const isSlow = typeof wait === 'object'
      const deadlineMs = isSlow ? wait.slowMs : wait
      const isPatient = deadlineMs > this.#options.deadlineMs
      const isFull =
        this.#calls.size >= CALLS_MAX ||
        this.#batch.length + this.#socket.writableLength > BYTES_MAX ||
        (isSlow && this.#slow.size >= SLOW_CALLS_MAX)
      // The server's own calls are patient: the unit hears of a committed state whatever callers have piled up.
      if (isFull && (isSlow || !isPatient)) {
        throw new UnitRefusal('UNAVAILABLE', 'Too many calls wait for the crypto unit.')
      }
      const id = this.#nextId
      this.#batch.begin(id, operation)
      try {
        put(this.#batch)
        this.#batch.end()
      } catch (error) {
        this.#batch.abandon()
        throw error
      }
      this.#nextId = id === 0xffff_ffff ? 1 : id + 1
      const due = this.#tick + Math.ceil((deadlineMs * TICKS_PER_DEADLINE) / this.#options.deadlineMs)
      this.#calls.set(id, { read, resolve, reject, due, isPatient })
      if (isSlow) this.#slow.add(id)
      else if (this.#owed++ === 0) this.#lastHeard = this.#tick
      this.#planFlush()
      this.#timer ??= setInterval(() => this.#onTick(), this.#options.deadlineMs / TICKS_PER_DEADLINE)
    })
  }

  /** Refuses what waits and lets the pipe go; at its end the unit's process ends. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#socket.destroy()
    for (const { reject } of this.#calls.values()) {
      reject(new UnitRefusal('UNAVAILABLE', 'The crypto unit ended before it answered.'))
    }
    this.#calls.clear()
  }

  #answer(id: number, status: number, payload: Buffer): void {
    if (!this.#slow.delete(id)) this.#owed--
    this.#lastHeard = this.#tick
    const call = this.#calls.get(id)
    if (call === undefined) {
      this.#lateAnswers++
      return
    }
    this.#calls.delete(id)
    try {
      const answer = new Fields(payload)
      if (status !== 0) throw refusalOf(status, answer)
      call.resolve(call.read(answer) as never)
    } catch (error) {
      call.reject(error)
    }
  }

  /** All calls of one turn of the loop go out in one write. */
  #planFlush(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setImmediate(() => {
      this.#isFlushPlanned = false
      if (this.#isClosed || this.#batch.length === 0) return
      const piece = this.#batch.take()
      this.#socket.write(piece, () => this.#batch.recycle(piece))
    })
  }

  /**
   * Time is counted in ticks of this process: when the server itself was stopped or stuck, the answers that came
   * meanwhile are read before anybody is refused.
   */
  #onTick(): void {
    this.#tick++
    for (const [id, call] of this.#calls) {
      if (call.due >= this.#tick && call.isPatient) continue
      if (call.due >= this.#tick) break
      this.#calls.delete(id)
      call.reject(new UnitRefusal('TIMEOUT', 'The crypto unit did not answer in time.'))
    }
    const { hangMs, deadlineMs, onHang } = this.#options
    if (this.#owed === 0 && this.#calls.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    } else if (this.#owed > 0 && (this.#tick - this.#lastHeard) * deadlineMs > hangMs * TICKS_PER_DEADLINE) {
      onHang()
    }
  }
}
