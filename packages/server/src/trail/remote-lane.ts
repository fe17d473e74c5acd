/** Delivers a destination's outbox rows to a tracker of another server: in order, at least once, through every cut. */
import type { Destination } from '../audit.ts'
import { batchBounds, type BatchAnswer, encodeBatch, parseBatchAnswer } from './entry-batch.ts'
import type { FromForwarder, RemotePlace } from './messages.ts'
import type { OutboxReader, OutboxRow } from './outbox-reader.ts'
import { type Network, refusedBy, RemoteServer, RemoteTrouble, troubleOf } from './remote-server.ts'

export interface RemoteLaneParts {
  readonly place: RemotePlace
  readonly outbox: OutboxReader
  readonly say: (message: FromForwarder) => void
  readonly network: Network
  /** Deliver what was recorded until the place was taken from that server, then say that it ended. */
  readonly isEnding?: boolean
}

/** Pauses after failures in a row, milliseconds. */
const pauseMs = { first: 500, most: 30_000 } as const
/** How often the other side is asked how much is covered, while something is not. */
const coverageEveryMs = 1_000
/** Rows the other server has, but that no checkpoint of its covers yet. */
interface Uncovered {
  readonly number: number
  /** Size of its log when it had taken them. */
  readonly size: number
}

export class RemoteLane {
  readonly #parts: RemoteLaneParts
  readonly #stopping = new AbortController()
  readonly #server: RemoteServer
  #wake = Promise.withResolvers<void>()
  /** Undefined until the other side has said how far it is. */
  #cursor: number | undefined
  #destination = 0
  #producer = ''
  #delivered = 0
  #covered = 0
  #uncovered: Uncovered[] = []
  #failures = 0

  constructor(parts: RemoteLaneParts) {
    this.#parts = parts
    this.#server = new RemoteServer(parts.place, parts.network, this.#stopping.signal)
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
    while (!signal.aborted) {
      try {
        const hasMore = await this.#step()
        if (this.#failures > 0) this.#say({ kind: 'opened' })
        this.#failures = 0
        if (!hasMore && this.#parts.isEnding === true && this.#hasDelivered()) return this.#ended()
        if (!hasMore) await this.#rest(this.#uncovered.length > 0 ? coverageEveryMs : undefined)
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
        await this.#rest(Math.min(pauseMs.most, pauseMs.first * 2 ** (this.#failures - 1)), false)
      }
    }
  }

  /** One exchange, when there is something to say. Answers whether there is more to do at once. */
  async #step(): Promise<boolean> {
    if (this.#cursor === undefined) return await this.#begin()
    const { outbox } = this.#parts
    const newest = outbox.newest()
    const { rows, attached, isAll } = outbox.batch(
      this.#cursor,
      this.#destination,
      batchBounds.entries,
      batchBounds.fullBytes,
    )
    const taken = withinBytes(rows, attached)
    const last = taken.at(-1)
    if (last === undefined) {
      this.#cursor = Math.max(this.#cursor, newest)
      if (this.#uncovered.length > 0) this.#heard(await this.#deliver([]))
      return false
    }
    const answer = await this.#deliver(taken)
    if ((answer.last?.sequence ?? 0) < last.sequence) {
      throw new RemoteTrouble('BAD_ANSWER', 'it acknowledged less than was delivered')
    }
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
    return !isAll || taken.length < rows.length
  }

  /** Binds this destination's numbers over there, and asks how far they are. */
  async #begin(): Promise<boolean> {
    const { place, outbox, isEnding = false } = this.#parts
    const row = outbox.producer({ ...place, isEnding })
    // Nothing was recorded for this place yet.
    if (row === undefined) return false
    this.#destination = row.destination
    this.#producer = row.producer
    this.#delivered = row.delivered
    const body = Buffer.from(JSON.stringify({ producer: row.producer }))
    const bound = await this.#server.call('POST', 'producers', body, 'application/json')
    if (bound.status !== 200 && bound.status !== 201) {
      const isTaken = bound.status === 409
      throw refusedBy(
        bound,
        isTaken ? 'somebody else delivers the numbers of this server' : 'it does not take our events',
      )
    }
    const answer = await this.#deliver([])
    this.#cursor = outbox.cursor(row, answer.last?.sequence ?? 0)
    this.#uncovered = [{ number: Math.max(this.#cursor, 0), size: answer.size }]
    this.#heard(answer)
    return true
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
    const path = `producers/${this.#producer}/entries`
    const answer = await this.#server.call('POST', path, body, 'application/octet-stream')
    if (answer.status !== 200) throw refusedBy(answer, 'it did not take a batch of events')
    const taken = parseBatchAnswer(answer.body.toString())
    if (taken === undefined) throw new RemoteTrouble('BAD_ANSWER', 'its answer cannot be read')
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

  #failed(error: unknown): void {
    this.#failures += 1
    // How far the other side is, is asked anew: a batch may have arrived though its answer did not.
    this.#cursor = undefined
    this.#server.forget()
    if (this.#failures > 1) return
    const { url } = this.#parts.place
    const { code, message } = troubleOf(error)
    this.#say({ kind: 'failed', code, message: `events cannot be delivered to ${url}: ${message}` })
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
