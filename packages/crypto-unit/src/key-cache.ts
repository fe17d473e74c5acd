/** Opened keys by the exact bytes of name and blob, the least recently used dropped: a key is opened once, not per use. */
import type { KeyObject } from 'node:crypto'

export class KeyCache {
  readonly #countMax: number
  /** In the order of use: a Map remembers insertion, and a use inserts anew. */
  readonly #keys = new Map<string, KeyObject>()
  /** Last key given out: one key used by many callers at once needs no reordering. */
  #newest = ''

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(name: string): KeyObject | undefined {
    const key = this.#keys.get(name)
    if (key === undefined || name === this.#newest) return key
    this.#keys.delete(name)
    this.#keys.set(name, key)
    this.#newest = name
    return key
  }

  set(name: string, key: KeyObject): void {
    if (this.#keys.size >= this.#countMax && !this.#keys.has(name)) {
      const oldest = this.#keys.keys().next()
      if (oldest.done !== true) this.#keys.delete(oldest.value)
    }
    this.#keys.set(name, key)
    this.#newest = name
  }

  /** Forgets everything: a master key changed, and what was opened under the old one must not be used. */
  clear(): void {
    this.#keys.clear()
    this.#newest = ''
  }

  get size(): number {
    return this.#keys.size
  }
}
