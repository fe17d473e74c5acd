/** How many calls are under way, of all and of one caller, how many of them are read at a time, and what they hold. */
import { Crowd } from '../listening/crowd.ts'
import type { Later } from '../listening/deadline.ts'

export interface CallBoundsOptions {
  /** Under way, of everybody and of one caller. */
  readonly calls: number
  readonly callsOfCaller: number
  /** Whose message is being read: only those can hold bytes that nobody has counted yet. */
  readonly readings: number
  readonly readingsOfCaller: number
  /** While others wait for a place, a reading that gets fewer bytes than these in this time gives its own up. */
  readonly slowBytes: number
  readonly slowMs: number
  /** Of the messages and answers of all calls under way. */
  readonly heldBytes: number
}

/** One call, from when its caller is known to its end. */
export interface Seat {
  /** Has the message read once there is a place for it; the others wait. */
  read(reading: Reading): void
  /** The message is there, or never will be. */
  done(): void
  /** Holds as many bytes more. False when all calls together hold too many. */
  hold(bytes: number): boolean
  /** Gives everything back; may be called again. */
  leave(): void
}

/** A message that is to be read, or is being read. */
export interface Reading {
  begin(): void
  /** Bytes that came so far. */
  received(): number
  /** Its place is given to another: the call must end. */
  giveWay(): void
}

interface Reader {
  readonly caller: string
  readonly reading: Reading
}

export class CallBounds {
  readonly #options: CallBoundsOptions
  readonly #ofCaller: Crowd<object>
  readonly #readingOfCaller: Crowd<Reader>
  /** The longest waiting first. */
  readonly #waiting = new Set<Reader>()
  /** The oldest first. */
  readonly #reading = new Set<Reader>()
  readonly #later: Later
  /** Takes the present look at slow messages back. */
  #unwatch: (() => void) | undefined
  #calls = 0
  #held = 0

  constructor(options: CallBoundsOptions, later: Later) {
    this.#options = options
    this.#ofCaller = new Crowd(options.callsOfCaller)
    this.#readingOfCaller = new Crowd(options.readingsOfCaller)
    this.#later = later
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls
  }

  /**
   * Undefined when there are too many. A caller has at most as many as are still free: however many callers take all
   * that they can, whoever comes next finds room.
   */
  enter(caller: string): Seat | undefined {
    const seat = {}
    if (!this.#ofCaller.enter(caller, seat, this.#options.calls - this.#calls)) return undefined
    this.#calls++
    let held = 0
    let step: 'entered' | 'asked' | 'read' | 'left' = 'entered'
    let reader: Reader | undefined
    const done = (): void => {
      if (step !== 'left') step = 'read'
      if (reader !== undefined) this.#end(reader)
    }
    return {
      read: (reading) => {
        if (step !== 'entered') return
        step = 'asked'
        reader = { caller, reading }
        this.#waiting.add(reader)
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

  /** Whether it was being read, waited, or had given way before. */
  #end(reader: Reader): void {
    this.#waiting.delete(reader)
    this.#release(reader)
    this.#next()
  }

  #release(reader: Reader): void {
    if (this.#reading.delete(reader)) this.#readingOfCaller.leave(reader.caller, reader)
  }

  /** Lets those read who waited longest, and whose caller has not as many at it already. */
  #next(): void {
    for (const reader of this.#waiting) {
      if (this.#reading.size >= this.#options.readings) break
      this.#begin(reader)
    }
    this.#watchSlow()
  }

  /** Unless the caller has as many at it already. */
  #begin(reader: Reader): void {
    if (!this.#readingOfCaller.enter(reader.caller, reader)) return
    this.#waiting.delete(reader)
    this.#reading.add(reader)
    reader.reading.begin()
  }

  /** From when all places are taken and somebody waits for one who might have one, it is seen how fast each message comes. */
  #watchSlow(): void {
    const isCrowded =
      this.#reading.size >= this.#options.readings &&
      [...this.#waiting].some(({ caller }) => this.#readingOfCaller.hasRoom(caller))
    if (!isCrowded) {
      this.#unwatch?.()
      this.#unwatch = undefined
      return
    }
    if (this.#unwatch !== undefined) return
    const before = [...this.#reading].map((reader) => [reader, reader.reading.received()] as const)
    this.#unwatch = this.#later(this.#options.slowMs, () => this.#replaceSlow(before))
  }

  /** The oldest first, and each for one whose caller had room before: whoever is slow gains no place by it. */
  #replaceSlow(before: readonly (readonly [Reader, number])[]): void {
    this.#unwatch = undefined
    const waiting = [...this.#waiting].filter(({ caller }) => this.#readingOfCaller.hasRoom(caller))
    for (const [reader, bytes] of before) {
      if (!this.#reading.has(reader) || reader.reading.received() - bytes >= this.#options.slowBytes) continue
      // Another message of the same caller may have taken the room there was.
      let next = waiting.shift()
      while (next !== undefined && !this.#readingOfCaller.hasRoom(next.caller)) next = waiting.shift()
      if (next === undefined) break
      this.#release(reader)
      this.#begin(next)
      reader.reading.giveWay()
    }
    this.#watchSlow()
  }
}
