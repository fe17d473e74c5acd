/** One after the other: what changes a crypto unit waits until the change before is committed and in force. */
import { Refusal } from '../errors.ts'

/** Calls that wait for one unit; more are refused at once. */
const WAITING_MAX = 64
/** Longest wait for a turn: with what a unit may take for its answer, nobody waits for longer than three seconds. */
const WAIT_MS = 800

export class Turns {
  readonly #waitMs: number
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, number>()

  constructor(waitMs = WAIT_MS) {
    this.#waitMs = waitMs
  }

  isFull(name: string): boolean {
    return (this.#waiting.get(name) ?? 0) >= WAITING_MAX
  }

  /**
   * Runs once everything that came before for the same name is over.
   * @throws Refusal `UNIT_UNAVAILABLE` when too many wait or what came before takes too long; then nothing was run
   */
  async take<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (this.isFull(name)) throw new Refusal('UNIT_UNAVAILABLE')
    this.#waiting.set(name, (this.#waiting.get(name) ?? 0) + 1)
    const before = this.#last.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(name, promise)
    try {
      if (before !== undefined) await this.#patiently(before)
      return await run()
    } finally {
      // Whoever gave up leaves a place in the row: who comes after it waits for what it waited for.
      if (before === undefined) resolve()
      else void before.then(resolve)
      const left = (this.#waiting.get(name) ?? 1) - 1
      if (left > 0) this.#waiting.set(name, left)
      else {
        this.#waiting.delete(name)
        this.#last.delete(name)
      }
    }
  }

  async #patiently(before: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Refusal('UNIT_UNAVAILABLE')), this.#waitMs)
    })
    try {
      await Promise.race([before, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
