/** A time after which something is done, whatever arrives until then: slow senders outlast a timer of inactivity. */

/** Calls back after a time; what it returns takes that back. */
export type Later = (ms: number, run: () => void) => () => void

/** The process may end before. */
export const later: Later = (ms, run) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

/** One at a time: a new one takes the place of the one before. */
export class Deadline {
  readonly #later: Later
  #cancel: (() => void) | undefined

  constructor(start: Later) {
    this.#later = start
  }

  set(ms: number, run: () => void): void {
    this.clear()
    this.#cancel = this.#later(ms, run)
  }

  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
