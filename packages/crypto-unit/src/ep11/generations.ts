/** Generations that wait for prime numbers: so many at once, since each keeps a thread of OpenSSL busy. */
import { Ep11Error } from './ep11-error.ts'

/** Of a whole process: its threads take four at once, the others wait in line. */
export const GENERATIONS_MAX = 64
/** Of one instance, so that it leaves room for others. */
const GENERATIONS_PER_INSTANCE_MAX = 16

export class Generations {
  readonly #running = new Map<string, number>()
  #count = 0

  /** @throws Ep11Error `CKR_DEVICE_MEMORY` when too many run already */
  async run<Result>(instance: string, generate: () => Promise<Result>): Promise<Result> {
    const ofInstance = this.#running.get(instance) ?? 0
    if (this.#count >= GENERATIONS_MAX || ofInstance >= GENERATIONS_PER_INSTANCE_MAX) {
      throw new Ep11Error('CKR_DEVICE_MEMORY', 'Too many keys are being generated.')
    }
    this.#count++
    this.#running.set(instance, ofInstance + 1)
    try {
      return await generate()
    } finally {
      this.#count--
      const left = (this.#running.get(instance) ?? 1) - 1
      if (left > 0) this.#running.set(instance, left)
      else this.#running.delete(instance)
    }
  }
}
