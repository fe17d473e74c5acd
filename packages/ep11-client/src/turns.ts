/** How many calls are under way at a time: the others wait for their turn, and not too many of them. */

interface Waiting {
  readonly begin: () => void
}

export class Turns {
  readonly #atOnce: number
  readonly #waitingMax: number
  /** The longest waiting first. */
  readonly #waiting = new Set<Waiting>()
  #underway = 0

  constructor(atOnce: number, waitingMax: number) {
    this.#atOnce = atOnce
    this.#waitingMax = waitingMax
  }

  /**
   * Resolves when it is one's turn; `leave` ends it. False when too many wait already.
   * @throws whatever `signal` was aborted with
   */
  async enter(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    if (this.#underway < this.#atOnce) {
      this.#underway++
      return true
    }
    if (this.#waiting.size >= this.#waitingMax) return false
    await new Promise<void>((resolve, reject) => {
      const waiting = {
        begin: () => {
          signal.removeEventListener('abort', leaveQueue)
          resolve()
        },
      }
      const leaveQueue = (): void => {
        this.#waiting.delete(waiting)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leaveQueue, { once: true })
      this.#waiting.add(waiting)
    })
    return true
  }

  leave(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#underway--
    else {
      this.#waiting.delete(next)
      next.begin()
    }
  }
}
