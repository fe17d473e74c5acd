/** Long lists take turns: however many are asked for at once, the serving loop does everybody else's work in between. */
import { Refusal } from '../errors.ts'

/** What lists may take of one turn of the serving loop, milliseconds, where nothing else is said. */
const usualBudgetMs = 20
/** Longest wait for a turn, milliseconds. */
const waitMs = 2_000
/** Lists waiting for a turn; one more is refused at once. */
const waitingMax = 1_000

interface Waiting {
  readonly since: number
  readonly begin: () => void
  readonly refuse: () => void
}

/** Without it, a single connection with a few dozen pipelined lists holds the loop until the watchdog ends the process. */
export class Turns {
  readonly #monotonic: () => number
  readonly #budgetMs: number
  readonly #waiting: Waiting[] = []
  #spent = 0
  #isTurnPlanned = false

  /** @param monotonic milliseconds that never run backwards */
  constructor(monotonic: () => number, budgetMs = usualBudgetMs) {
    this.#monotonic = monotonic
    this.#budgetMs = budgetMs
  }

  /**
   * Does a piece of work in this turn of the loop, or in a later one when this turn's time is spent.
   * @throws Refusal `TOO_MANY_REQUESTS` when its turn does not come in time
   */
  async take<T>(work: () => T): Promise<T> {
    if (this.#spent >= this.#budgetMs || this.#waiting.length > 0) await this.#turn()
    const began = this.#monotonic()
    try {
      return work()
    } finally {
      this.#spent += this.#monotonic() - began
      this.#plan()
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= waitingMax) throw new Refusal('TOO_MANY_REQUESTS')
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new Refusal('TOO_MANY_REQUESTS'))
      this.#waiting.push({ since: this.#monotonic(), begin: resolve, refuse })
      this.#plan()
    })
  }

  /** One list per turn of the loop once its time is spent: timers, other requests and commits come in between. */
  #plan(): void {
    if (this.#isTurnPlanned) return
    this.#isTurnPlanned = true
    setImmediate(() => {
      this.#isTurnPlanned = false
      this.#spent = 0
      const now = this.#monotonic()
      while (this.#waiting[0] !== undefined && now - this.#waiting[0].since > waitMs) this.#waiting.shift()?.refuse()
      this.#waiting.shift()?.begin()
    })
  }
}
