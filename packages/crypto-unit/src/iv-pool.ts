/** Initialisation vectors from a refilled pool: drawing 12 random bytes at a time would cost more than the cipher. */
import { randomFillSync } from 'node:crypto'

export const IV_BYTES = 12
const VECTORS = 1024

export class IvPool {
  readonly #pool = Buffer.alloc(IV_BYTES * VECTORS)
  #next = this.#pool.length

  /** Fresh random bytes, given out once; valid until the pool is refilled, so the caller uses them at once. */
  take(): Buffer {
    if (this.#next === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#next = 0
    }
    const from = this.#next
    this.#next = from + IV_BYTES
    return this.#pool.subarray(from, this.#next)
  }
}
