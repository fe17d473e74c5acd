/** When handshakes are given their bytes: as much at a time, and for one address, as everybody else can bear. */
import { Rates } from './rates.ts'

/** How much a handshake may ask of the thread that serves everybody. Times in milliseconds of processor. */
export interface HandshakeWork {
  /** Bytes of the peer until it is done. */
  readonly bytes: number
  /** What one flight of an honest client costs at most: no address is charged for it. */
  readonly freeMs: number
  /** Of one address, beyond that. */
  readonly msPerSecond: number
  readonly msBurst: number
  /** Of all in one turn of the event loop, the last one excepted: others wait for the next turn. */
  readonly msPerTurn: number
}

/** A handshake under way. */
interface Candidate {
  /** Its address, as bounds count it. */
  readonly source: string
  /** Ends it: its address has used up its time. */
  readonly refuse: () => void
}

interface Waiting<Handshake> {
  readonly handshake: Handshake
  readonly give: () => void
}

export interface HandshakeTurnsParts {
  readonly work: HandshakeWork
  /** Addresses whose time is counted at once. */
  readonly sources: number
  readonly monotonic: () => number
  /** Processor time of this thread so far, milliseconds. In place of the machine's. */
  readonly processorMs?: () => number
}

/** Finished or not, a handshake is paid for by its address: one that is never finished costs the same. */
export class HandshakeTurns<Handshake extends Candidate> {
  readonly #work: HandshakeWork
  readonly #spent: Rates
  readonly #processorMs: () => number
  readonly #waiting: Waiting<Handshake>[] = []
  #current: Handshake | undefined
  #usedMs = 0
  #isTurnCounted = false

  constructor({ work, sources, monotonic, processorMs }: HandshakeTurnsParts) {
    this.#work = work
    this.#spent = new Rates({ perSecond: work.msPerSecond, burst: work.msBurst, tellMs: 0, sources }, monotonic)
    this.#processorMs = processorMs ?? threadMs
  }

  /** The one that is being given bytes: what TLS says meanwhile, it says of this one. */
  get current(): Handshake | undefined {
    return this.#current
  }

  /** Whether an address has not used up its time. */
  hasTime(source: string): boolean {
    return !this.#spent.isInDebt(source)
  }

  /** Calls `give` now, or in a later turn of the event loop; or ends the handshake instead. */
  take(handshake: Handshake, give: () => void): void {
    if (this.#usedMs >= this.#work.msPerTurn) {
      this.#waiting.push({ handshake, give })
      return
    }
    if (!this.hasTime(handshake.source)) {
      handshake.refuse()
      return
    }
    this.#countTurn()
    const before = this.#processorMs()
    this.#current = handshake
    try {
      give()
    } finally {
      this.#current = undefined
      const ms = this.#processorMs() - before
      this.#usedMs += ms
      if (ms > this.#work.freeMs) this.#spent.charge(handshake.source, ms - this.#work.freeMs)
    }
  }

  #countTurn(): void {
    if (this.#isTurnCounted) return
    this.#isTurnCounted = true
    setImmediate(() => {
      this.#isTurnCounted = false
      this.#usedMs = 0
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.take(next.handshake, next.give)
        if (this.#usedMs >= this.#work.msPerTurn) break
      }
    })
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
