/** Delivers a destination's outbox rows to a tracker of another server: in order, at least once, through every cut. */
import type { Destination } from '../../audit.ts'
import { batchBounds, type BatchAnswer, encodeBatch, parseBatchAnswer } from '../intake/entry-batch.ts'
import type { FromForwarder, RemotePlace } from '../messages.ts'
import type { OutboxReader, OutboxRow } from './outbox-reader.ts'
import { Failed } from '../../outbound/attempt.ts'
import { memberOf, refusedBy, type RemoteServer, RemoteTrouble, troubleOf } from './remote-server.ts'

export interface RemoteLaneParts {
  readonly place: RemotePlace
  readonly outbox: Pick<OutboxReader, 'newest' | 'batch' | 'attachments' | 'producer' | 'cursor'>
  readonly say: (message: FromForwarder) => void
  /** The server, whose calls end when the signal says so. */
  readonly connect: (stopped: AbortSignal) => Pick<RemoteServer, 'call'>
  /** Milliseconds that only go forward. */
  readonly now: () => number
  /** Deliver what was recorded until the place was taken from that server, then say that it ended. */
  readonly isEnding?: boolean
  /** Tests may want other pauses. */
  readonly pauseMs?: { readonly first: number; readonly most: number }
}

/** Pauses after failures in a row, milliseconds. */
const pausesMs = { first: 500, most: 30_000 } as const
/** How often the other side is asked how much is covered, while something is not. */
const coverageEveryMs = 1_000
/** Rows the other server has, but that no checkpoint of its covers yet. */
interface Uncovered {
  readonly number: number
  /** Size of its log when it had taken them. */
  readonly size: number
}

/** The other server's log is behind what it had said: it was set back to an older copy. */
class SetBack extends RemoteTrouble {
  constructor() {
    super('SET_BACK', 'it is set back again and again')
  }
}

export class RemoteLane {
  readonly #parts: RemoteLaneParts
  readonly #stopping = new AbortController()
  readonly #server: Pick<RemoteServer, 'call'>
  #wake = Promise.withResolvers<void>()
  /** Undefined until the other side has said how far it is. */
  #cursor: number | undefined
  #destination = 0
  #producer = ''
  #delivered = 0
  #covered = 0
  #uncovered: Uncovered[] = []
  /** What the other side said last: the highest number it holds (undefined until it did), and the size of its log. */
  #held: number | undefined
  #size = 0
  #heardAt = 0
  /** Rows of a batch at most: fewer after one was refused, or took too long. */
  #most: number = batchBounds.entries
  #failures = 0
  #setBacks = 0
  /** What was said last to be the matter. */
  #trouble: string | undefined

  constructor(parts: RemoteLaneParts) {
    this.#parts = parts
    this.#server = parts.connect(this.#stopping.signal)
    void this.#run()
  }

  get place(): Destination {
    return this.#parts.place
  }

  /** There may be new rows. */
  wake(): void {
    this.#wake.resolve()
  }

  /** Ends what is under way; the outbox keeps what was not acknowledged. */
  stop(): void {
    this.#stopping.abort()
    this.#wake.resolve()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { isEnding = false, pauseMs = pausesMs } = this.#parts
    while (!signal.aborted) {
      try {
        const did = await this.#step()
        if (did !== 'again') this.#went()
        if (did !== 'nothing') continue
        if (isEnding && this.#hasDelivered()) return this.#ended()
        const sinceHeard = this.#parts.now() - this.#heardAt
        await this.#rest(this.#uncovered.length > 0 ? Math.max(0, coverageEveryMs - sinceHeard) : undefined)
      } catch (error) {
        if (signal.aborted) return
        // How far the other side is, is asked anew: a batch may have arrived though its answer did not.
        this.#cursor = undefined
        if (error instanceof SetBack && this.#setBacks++ === 0) {
          await this.#rest(pauseMs.first, false)
          continue
        }
        this.#failed(error)
        const asked = error instanceof RemoteTrouble ? error.pauseMs : 0
        await this.#rest(Math.max(asked, Math.min(pauseMs.most, pauseMs.first * 2 ** (this.#failures - 1))), false)
      }
    }
  }

  /**
   * One step. `taken`: rows arrived, and there may be more. `nothing`: nothing waits. `again`: nothing is known to be well
   * yet, but the next step can be taken at once.
   */
  async #step(): Promise<'taken' | 'nothing' | 'again'> {
    if (this.#cursor === undefined) return await this.#begin()
    const { outbox } = this.#parts
    const newest = outbox.newest()
    const { rows, attached } = outbox.batch(this.#cursor, this.#destination, this.#most, batchBounds.fullBytes)
    const taken = withinBytes(rows, attached)
    const last = taken.at(-1)
    if (last === undefined) {
      this.#cursor = Math.max(this.#cursor, newest)
      // Every commit wakes: what was asked a moment ago is not asked again.
      const isTime = this.#parts.now() - this.#heardAt >= coverageEveryMs
      if (this.#uncovered.length > 0 && isTime) this.#heard(await this.#deliver([]))
      return 'nothing'
    }
    let answer: BatchAnswer
    try {
      answer = await this.#deliver(taken)
    } catch (error) {
      return this.#smaller(taken, error)
    }
    if ((answer.last?.sequence ?? 0) < last.sequence) {
      throw new RemoteTrouble('BAD_ANSWER', 'it acknowledged less than was delivered')
    }
    this.#most = Math.min(batchBounds.entries, this.#most * 2)
    const fresh = taken.filter(({ number }) => number > this.#delivered)
    const bytes = fresh.reduce((sum, { entry, number }) => sum + entry.length + (attached.get(number) ?? 0), 0)
    this.#cursor = last.number
    if (fresh.length > 0) {
      this.#delivered = last.number
      const destination = this.#destination
      this.#parts.say({ kind: 'delivered', destination, number: last.number, events: fresh.length, bytes })
    }
    this.#uncovered.push({ number: last.number, size: answer.size })
    this.#heard(answer)
    return 'taken'
  }

  /** After a batch that was refused, or took too long, smaller ones are tried until the row is found that is the matter. */
  #smaller(rows: readonly OutboxRow[], error: unknown): 'again' {
    const isSlow = error instanceof Failed && error.problem === 'TIMEOUT'
    const status = error instanceof RemoteTrouble ? error.status : undefined
    const isBad = status === 400 || status === 413
    if (!isSlow && !isBad && status !== 408) throw error
    this.#most = Math.max(1, Math.floor(rows.length / 2))
    if (!isBad) throw error
    if (rows.length > 1) return 'again'
    const what = `it does not take row ${rows[0]?.number} of the outbox (status ${status})`
    throw new RemoteTrouble('REFUSED', what, { status })
  }

  /** Asks which log it is, binds this destination's numbers over there, and asks how far they are. */
  async #begin(): Promise<'nothing' | 'again'> {
    const { place, outbox, isEnding = false } = this.#parts
    const row = outbox.producer({ ...place, isEnding })
    // Nothing was recorded for this place yet.
    if (row === undefined) return 'nothing'
    this.#destination = row.destination
    this.#producer = row.producer
    this.#delivered = row.delivered
    const asked = await this.#server.call('GET', `producers/${row.producer}`)
    if (asked.status !== 200) throw refusedBy(asked, 'it does not take our events')
    this.#requireOrigin(memberOf(asked, 'origin'))
    if (memberOf(asked, 'isBound') !== true) await this.#bind()
    this.#held = undefined
    this.#size = 0
    const answer = await this.#deliver([])
    this.#cursor = outbox.cursor(row, answer.last?.sequence ?? 0)
    this.#uncovered = [{ number: Math.max(this.#cursor, 0), size: answer.size }]
    this.#heard(answer)
    return 'again'
  }

  async #bind(): Promise<void> {
    const body = Buffer.from(JSON.stringify({ producer: this.#producer }))
    const bound = await this.#server.call('POST', 'producers', body, 'application/json')
    if (bound.status === 200 || bound.status === 201) return
    if (bound.status !== 409) throw refusedBy(bound, 'it does not take our events')
    const isReleased = memberOf(bound, 'code') === 'PRODUCER_RELEASED'
    const what = isReleased
      ? 'an administrator there released the numbers of this server, and has to admit them again'
      : 'somebody else delivers the numbers of this server'
    throw refusedBy(bound, what)
  }

  /** Another log than the one that the place was given to: nothing is delivered to it. */
  #requireOrigin(origin: unknown): void {
    if (origin === this.#parts.place.origin) return
    throw new RemoteTrouble(
      'ORIGIN_CHANGED',
      `its log is another than ${this.#parts.place.origin}, which was agreed on`,
    )
  }

  /** Whether the other side has, and covers, everything that was recorded for it. */
  #hasDelivered(): boolean {
    const { place, outbox } = this.#parts
    return outbox.producer({ ...place, isEnding: true }) === undefined || this.#uncovered.length === 0
  }

  #ended(): void {
    const { account, location } = this.#parts.place
    this.#parts.say({ kind: 'ended', account, location })
  }

  async #deliver(rows: readonly OutboxRow[]): Promise<BatchAnswer> {
    const { outbox } = this.#parts
    const body = encodeBatch(rows.map(({ number, entry }) => ({ entry, attachments: outbox.attachments(number) })))
    const after = this.#held === undefined ? '' : `?after=${this.#held}`
    const path = `producers/${this.#producer}/entries${after}`
    const answer = await this.#server.call('POST', path, body, 'application/octet-stream')
    this.#heardAt = this.#parts.now()
    if (answer.status === 409) throw new SetBack()
    if (answer.status !== 200) throw refusedBy(answer, 'it did not take a batch of events')
    const taken = parseBatchAnswer(answer.body.toString())
    if (taken === undefined) throw new RemoteTrouble('BAD_ANSWER', 'its answer cannot be read')
    this.#requireOrigin(taken.origin)
    const held = taken.last?.sequence ?? 0
    if (held < (this.#held ?? 0) || taken.size < this.#size) throw new SetBack()
    this.#held = held
    this.#size = taken.size
    return taken
  }

  /** What a log that grew tells us: how far it is, and which rows are covered. */
  #heard({ size, covered }: BatchAnswer): void {
    const { account, location } = this.#parts.place
    let number = this.#covered
    while (this.#uncovered[0] !== undefined && this.#uncovered[0].size <= covered) {
      number = Math.max(number, this.#uncovered.shift()!.number)
    }
    if (number > this.#covered) {
      this.#covered = number
      this.#parts.say({ kind: 'covered', destination: this.#destination, number })
    }
    this.#parts.say({ kind: 'grown', account, location, size, covered })
  }

  /** Waits for new rows, at most so long. */
  async #rest(ms: number | undefined, untilWoken = true): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = ms === undefined ? undefined : setTimeout(() => late.resolve(), ms)
    const stopped = (): void => late.resolve()
    this.#stopping.signal.addEventListener('abort', stopped, { once: true })
    await Promise.race(untilWoken ? [late.promise, this.#wake.promise] : [late.promise])
    clearTimeout(timer)
    this.#stopping.signal.removeEventListener('abort', stopped)
    if (untilWoken) this.#wake = Promise.withResolvers<void>()
  }

  /** Rows arrived, or none waits: whatever was the matter is over. */
  #went(): void {
    this.#failures = 0
    this.#setBacks = 0
    if (this.#trouble !== undefined) this.#say({ kind: 'opened' })
    this.#trouble = undefined
  }

  #failed(error: unknown): void {
    this.#failures += 1
    const { code, message } = troubleOf(error)
    if (message === this.#trouble) return
    this.#trouble = message
    this.#say({ kind: 'failed', code, message: `events cannot be delivered to ${this.#parts.place.url}: ${message}` })
  }

  #say(message: { kind: 'opened' } | { kind: 'failed'; code: string; message: string }): void {
    const { account, location } = this.#parts.place
    const isRemote = message.kind === 'failed' ? { isRemote: true } : {}
    this.#parts.say({ ...message, ...isRemote, account, location })
  }
}

/** As many of the rows as fill a batch, but at least one. */
function withinBytes(rows: readonly OutboxRow[], attached: ReadonlyMap<number, number>): readonly OutboxRow[] {
  let bytes = 0
  const end = rows.findIndex(({ entry, number }, place) => {
    bytes += entry.length + (attached.get(number) ?? 0)
    return place > 0 && bytes > batchBounds.fullBytes
  })
  return end === -1 ? rows : rows.slice(0, end)
}
