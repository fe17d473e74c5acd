/** Times that pass when a test says so: in place of the machine's timers. */
import type { Later } from '../deadline.ts'

export class StandingTime {
  now = 0
  readonly #due = new Map<object, { readonly at: number; readonly run: () => void }>()

  readonly later: Later = (ms, run) => {
    const timer = {}
    this.#due.set(timer, { at: this.now + ms, run })
    return () => void this.#due.delete(timer)
  }

  /** How long each timer that is set still has, the next one first. */
  left(): number[] {
    return [...this.#due.values()].map(({ at }) => at - this.now).toSorted((one, other) => one - other)
  }

  pass(ms: number): void {
    this.now += ms
    for (const [timer, { at, run }] of this.#due) {
      if (at > this.now) continue
      this.#due.delete(timer)
      run()
    }
  }
}
