/** Turns at objects: messages that would change the same object decide one after the other, so that none is in vain. */
import type { Later } from '../listening/deadline.ts'

export interface ObjectTurnsParts {
  readonly later: Later
  /** Nobody waits longer than this, milliseconds. */
  readonly waitMs: number
}

interface Waiting {
  readonly isAlone: boolean
  readonly enter: () => void
}

/** Who is at an object, and who waits for it in the order they came. */
interface Line {
  together: number
  isAlone: boolean
  readonly waiting: Waiting[]
}

/**
 * Whoever changes an object is alone at it, whoever only reads it is there together with others; nobody overtakes. This is
 * for fairness alone: what holds at commit is decided by conditions, and who waited too long goes on without its turn.
 */
export class ObjectTurns {
  readonly #parts: ObjectTurnsParts
  readonly #lines = new Map<string, Line>()

  constructor(parts: ObjectTurnsParts) {
    this.#parts = parts
  }

  /** Runs once the turn has come at all of these, and gives it back afterwards. */
  async take<T>(names: Iterable<string>, isAlone: boolean, run: () => Promise<T>): Promise<T> {
    const held: string[] = []
    try {
      await this.#enterAll(names, isAlone, held)
      return await run()
    } finally {
      for (const name of held) this.#leave(name, isAlone)
    }
  }

  async #enterAll(names: Iterable<string>, isAlone: boolean, held: string[]): Promise<void> {
    let isLate = false
    let giveUp = (): void => undefined
    let cancel: (() => void) | undefined
    // All in the same order: two never wait for each other.
    for (const name of [...new Set(names)].toSorted()) {
      if (!this.#hasEntered(name, isAlone)) {
        cancel ??= this.#parts.later(this.#parts.waitMs, () => {
          isLate = true
          giveUp()
        })
        const hasEntered = await new Promise<boolean>((resolve) => {
          const waiting: Waiting = { isAlone, enter: () => resolve(true) }
          this.#lines.get(name)?.waiting.push(waiting)
          giveUp = () => {
            this.#forget(name, waiting)
            resolve(false)
          }
        })
        if (!hasEntered) return
      }
      held.push(name)
      if (isLate) return
    }
    cancel?.()
  }

  #hasEntered(name: string, isAlone: boolean): boolean {
    const line = this.#lines.get(name)
    if (line === undefined) {
      this.#lines.set(name, { together: isAlone ? 0 : 1, isAlone, waiting: [] })
      return true
    }
    if (isAlone || line.isAlone || line.waiting.length > 0) return false
    line.together += 1
    return true
  }

  #leave(name: string, isAlone: boolean): void {
    const line = this.#lines.get(name)
    if (line === undefined) return
    if (isAlone) line.isAlone = false
    else line.together -= 1
    this.#next(name, line)
  }

  /** Who gave up waiting may have stood in the way of others. */
  #forget(name: string, waiting: Waiting): void {
    const line = this.#lines.get(name)
    const place = line?.waiting.indexOf(waiting) ?? -1
    if (line === undefined || place < 0) return
    line.waiting.splice(place, 1)
    this.#next(name, line)
  }

  #next(name: string, line: Line): void {
    for (let first = line.waiting[0]; first !== undefined; first = line.waiting[0]) {
      if (line.isAlone || (first.isAlone && line.together > 0)) return
      line.waiting.shift()
      if (first.isAlone) line.isAlone = true
      else line.together += 1
      first.enter()
    }
    if (!line.isAlone && line.together === 0) this.#lines.delete(name)
  }
}
