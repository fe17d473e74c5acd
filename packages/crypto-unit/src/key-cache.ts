/** Opened keys by the exact bytes of name and blob, the least recently used dropped: a key is opened once, not per use. */
import type { KeyObject } from 'node:crypto'

export class KeyCache<Key = KeyObject> {
  readonly #countMax: number
  readonly #onDrop: (key: Key) => void
  /** In the order of use: a Map remembers insertion, and a use inserts anew. */
  readonly #keys = new Map<string, Key>()
  /** What was given out last: one key used by many callers at once needs neither a look into the map nor reordering. */
  #newest: { readonly name: string; readonly key: Key } | undefined

  /** `onDrop` is told of each key that is forgotten, so that it can be zeroed. */
  constructor(countMax: number, onDrop: (key: Key) => void = () => undefined) {
    this.#countMax = countMax
    this.#onDrop = onDrop
  }

  get(name: string): Key | undefined {
    if (name === this.#newest?.name) return this.#newest.key
    const key = this.#keys.get(name)
    if (key === undefined) return undefined
    this.#keys.delete(name)
    this.#keys.set(name, key)
    this.#newest = { name, key }
    return key
  }

  set(name: string, key: Key): void {
    if (this.#keys.size >= this.#countMax && !this.#keys.has(name)) {
      const oldest = this.#keys.entries().next()
      if (oldest.done !== true) {
        this.#keys.delete(oldest.value[0])
        this.#onDrop(oldest.value[1])
      }
    }
    this.#keys.set(name, key)
    this.#newest = { name, key }
  }

  /** Forgets everything: a master key changed, and what was opened under the old one must not be used. */
  clear(): void {
    for (const key of this.#keys.values()) this.#onDrop(key)
    this.#keys.clear()
    this.#newest = undefined
  }

  get size(): number {
    return this.#keys.size
  }
}
