/** One after the other: what changes a crypto unit waits until the change before is committed and in force. */
import { Refusal } from '../errors.ts'

/** Calls that wait for one unit; more are refused at once. */
const WAITING_MAX = 64

export class Turns {
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, number>()

  isFull(name: string): boolean {
    return (this.#waiting.get(name) ?? 0) >= WAITING_MAX
  }

  /** Runs once everything that came before for the same name is over. @throws Refusal `UNIT_UNAVAILABLE` */
  async take<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (this.isFull(name)) throw new Refusal('UNIT_UNAVAILABLE')
    this.#waiting.set(name, (this.#waiting.get(name) ?? 0) + 1)
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
