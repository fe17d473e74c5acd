/** Generations that wait for prime numbers: a few run, as each keeps a thread of OpenSSL busy, the others wait in line. */
import { Ep11Error } from './ep11-error.ts'

/** Of a whole process, those that wait included. */
const GENERATIONS_MAX = 64
/** Of one instance, so that it leaves room for others. */
const GENERATIONS_PER_INSTANCE_MAX = 16
/** As many as OpenSSL has threads. */
const RUNNING_MAX = 4
/** Of one instance, so that it leaves threads to others. */
const RUNNING_PER_INSTANCE_MAX = 2

interface Line {
  running: number
  readonly waiting: (() => void)[]
}

export class Generations {
  /** By instance; whose turn was longest ago comes first. */
  readonly #lines = new Map<string, Line>()
  #count = 0
  #running = 0

  /**
   * Runs `generate` when it is its turn: instances take turns, and within one who came first is first.
   * @throws Ep11Error `CKR_DEVICE_MEMORY` when too many run or wait already
   */
  async run<Result>(instance: string, generate: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(instance) ?? { running: 0, waiting: [] }
    if (this.#count >= GENERATIONS_MAX || line.running + line.waiting.length >= GENERATIONS_PER_INSTANCE_MAX) {
      throw new Ep11Error('CKR_DEVICE_MEMORY', 'Too many keys are being generated.')
    }
    this.#count++
    this.#lines.set(instance, line)
    const turn = new Promise<void>((resolve) => line.waiting.push(resolve))
    this.#begin()
    await turn
    try {
      return await generate()
    } finally {
      this.#count--
      this.#running--
      line.running--
      if (line.running + line.waiting.length === 0) this.#lines.delete(instance)
      this.#begin()
    }
  }

  /** Lets as many begin as may. */
  #begin(): void {
    while (this.#running < RUNNING_MAX) {
      const next = [...this.#lines].find(
        ([, { running, waiting }]) => running < RUNNING_PER_INSTANCE_MAX && waiting.length > 0,
      )
      if (next === undefined) return
      const [instance, line] = next
      this.#running++
      line.running++
      this.#lines.delete(instance)
      this.#lines.set(instance, line)
      line.waiting.shift()?.()
    }
  }
}
