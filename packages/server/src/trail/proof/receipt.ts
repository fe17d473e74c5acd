/** Receipts that wait: until a checkpoint covers the event, the time is over, the client leaves, or the server stops. */
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Growth, TrackerRow, Trail } from '../trail.ts'

/** What a receipt needs of the trail. */
export type ProvingTrail = Pick<Trail, 'ask' | 'listen' | 'growth'>

export interface ReceiptRequest {
  readonly row: TrackerRow
  /** Event id, or index in the log. */
  readonly id: string
  readonly waitMs: number
  /** Aborted once the client has left. */
  readonly gone: AbortSignal
}

/** An event that was recorded this long ago is with its tracker by now, unless that cannot go on. */
const deliveryMs = 60_000
/** Pause before an event that is not numbered yet is looked for again. */
const lookAgainMs = 100

/**
 * Every receipt that waits in this process; bounded. What waits is a listener and a timer: no thread is asked until the
 * checkpoint is there.
 */
export class Receipts {
  readonly #trail: ProvingTrail
  readonly #clock: Clock
  readonly #waiting = new Map<string, number>()
  readonly #stopped = new AbortController()
  #total = 0

  constructor(trail: ProvingTrail, clock: Clock) {
    this.#trail = trail
    this.#clock = clock
  }

  /** How many wait. */
  get count(): number {
    return this.#total
  }

  /**
   * The proof file of an event.
   *
   * @throws Refusal NOT_FOUND; NOT_COVERED when no checkpoint covers it in time; SEARCH_WITHDRAWN when the client left;
   *   TOO_MANY_REQUESTS when too many receipts of the account wait
   */
  async receipt(request: ReceiptRequest): Promise<string> {
    const { row, waitMs } = request
    if (waitMs === 0) return await this.#look(request, performance.now())
    const waiting = this.#waiting.get(row.account) ?? 0
    if (waiting >= limits.receiptsWaitingOfAccount || this.#total >= limits.receiptsWaiting) {
      throw new Refusal('TOO_MANY_REQUESTS')
    }
    this.#waiting.set(row.account, waiting + 1)
    this.#total += 1
    try {
      return await this.#look(request, performance.now() + waitMs)
    } finally {
      this.#total -= 1
      const left = (this.#waiting.get(row.account) ?? 1) - 1
      if (left === 0) this.#waiting.delete(row.account)
      else this.#waiting.set(row.account, left)
    }
  }

  /** Ends all waiting: what is not covered is answered as such. */
  stop(): void {
    this.#stopped.abort()
  }

  async #look({ row, id, gone }: ReceiptRequest, deadline: number): Promise<string> {
    for (;;) {
      const { size } = this.#trail.growth(row)
      const found = await this.#trail.ask(row, 'receipt', { id }, { signal: gone })
      if (found !== undefined && 'text' in found) return found.text
      // Recorded, but not numbered yet: its tracker gets it any moment.
      if (found === undefined && !this.#mayComeStill(id)) throw new Refusal('NOT_FOUND')
      const isThere =
        found === undefined
          ? (growth: Growth) => growth.size > size
          : (growth: Growth) => growth.covered > found.uncovered
      const inTime = await this.#until(row, isThere, deadline, gone)
      if (!inTime) throw new Refusal(found === undefined ? 'NOT_FOUND' : 'NOT_COVERED')
      if (found === undefined) await pause(Math.min(lookAgainMs, deadline - performance.now()))
    }
  }

  /** Whether the id is of an event of the last minute; a UUID of version 7 says when it was made. */
  #mayComeStill(id: string): boolean {
    const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? []
    if (high === undefined || low === undefined) return false
    const age = this.#clock.now() - Number.parseInt(high + low, 16)
    return age > -deliveryMs && age < deliveryMs
  }

  /** Whether the log came to be so before the deadline. */
  #until(row: TrackerRow, isSo: (growth: Growth) => boolean, deadline: number, gone: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const left = deadline - performance.now()
      if (gone.aborted) return reject(new Refusal('SEARCH_WITHDRAWN'))
      if (isSo(this.#trail.growth(row))) return resolve(true)
      if (left <= 0 || this.#stopped.signal.aborted) return resolve(false)
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        stopListening()
        gone.removeEventListener('abort', leave)
        this.#stopped.signal.removeEventListener('abort', giveUp)
        then()
      }
      const giveUp = (): void => settle(() => resolve(false))
      const leave = (): void => settle(() => reject(new Refusal('SEARCH_WITHDRAWN')))
      const timer = setTimeout(giveUp, left)
      const stopListening = this.#trail.listen(row, (growth) => {
        if (isSo(growth)) settle(() => resolve(true))
      })
      gone.addEventListener('abort', leave)
      this.#stopped.signal.addEventListener('abort', giveUp)
    })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
