/** One after the other: what changes a crypto unit waits until the change before is committed and in force. */
import { Refusal } from '../errors.ts'

/** Calls that wait for one unit; more are refused at once. */
const WAITING_MAX = 64

export class Turns {
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, number>()

  /** Runs once everything that came before for the same name is over. @throws Refusal `UNIT_UNAVAILABLE` */
  async take<T>(name: string, run: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(name) ?? 0
    if (waiting >= WAITING_MAX) throw new Refusal('UNIT_UNAVAILABLE')
    this.#waiting.set(name, waiting + 1)
    const before = this.#last.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(name, promise)
    try {
      await before
      return await run()
    } finally {
      resolve()
      const left = (this.#waiting.get(name) ?? 1) - 1
      if (left > 0) this.#waiting.set(name, left)
      else {
        this.#waiting.delete(name)
        this.#last.delete(name)
      }
    }
  }
}
