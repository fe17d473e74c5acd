/** How many calls are under way, of all and of one caller, how many of them are read at a time, and what they hold. */
import { Crowd } from '../listening/crowd.ts'

export interface CallBoundsOptions {
  /** Under way, of everybody and of one caller. */
  readonly calls: number
  readonly callsOfCaller: number
  /** Whose message is being read: only those can hold bytes that nobody has counted yet. */
  readonly readings: number
  readonly readingsOfCaller: number
  /** Of the messages and answers of all calls under way. */
  readonly heldBytes: number
}

/** One call, from when its caller is known to its end. */
export interface Seat {
  /** Runs once the call's message may be read; the others wait. */
  read(begin: () => void): void
  /** The message is there, or never will be. */
  done(): void
  /** Holds as many bytes more. False when all calls together hold too many. */
  hold(bytes: number): boolean
  /** Gives everything back; may be called again. */
  leave(): void
}

interface Waiting {
  readonly caller: string
  readonly seat: object
  readonly begin: () => void
}

export class CallBounds {
  readonly #options: CallBoundsOptions
  readonly #ofCaller: Crowd<object>
  readonly #readingOfCaller: Crowd<object>
  /** The longest waiting first. */
  readonly #waiting = new Set<Waiting>()
  #calls = 0
  #readings = 0
  #held = 0

  constructor(options: CallBoundsOptions) {
    this.#options = options
    this.#ofCaller = new Crowd(options.callsOfCaller)
    this.#readingOfCaller = new Crowd(options.readingsOfCaller)
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls
  }

  /** Undefined when there are too many. */
  enter(caller: string): Seat | undefined {
    const seat = {}
    if (this.#calls >= this.#options.calls || !this.#ofCaller.enter(caller, seat)) return undefined
    this.#calls++
    let held = 0
    let step: 'entered' | 'waiting' | 'reading' | 'read' | 'left' = 'entered'
    let waiting: Waiting | undefined
    const done = (): void => {
      if (waiting !== undefined) this.#waiting.delete(waiting)
      if (step === 'reading') {
        this.#readings--
        this.#readingOfCaller.leave(caller, seat)
      }
      const isOver = step === 'reading'
      if (step !== 'left') step = 'read'
      if (isOver) this.#next()
    }
    return {
      read: (begin) => {
        if (step !== 'entered') return
        step = 'waiting'
        const turn = (): void => {
          step = 'reading'
          begin()
        }
        waiting = { caller, seat, begin: turn }
        this.#waiting.add(waiting)
        this.#next()
      },
      done,
      hold: (bytes) => {
        if (step === 'left') return false
        held += bytes
        this.#held += bytes
        return this.#held <= this.#options.heldBytes
      },
      leave: () => {
        if (step === 'left') return
        done()
        step = 'left'
        this.#calls--
        this.#held -= held
        this.#ofCaller.leave(caller, seat)
      },
    }
  }

  /** Lets those read who waited longest, and whose caller has not as many at it already. */
  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#readings >= this.#options.readings) return
      const { caller, seat, begin } = waiting
      if (!this.#readingOfCaller.enter(caller, seat)) continue
      this.#waiting.delete(waiting)
      this.#readings++
      begin()
    }
  }
}
