/** What was used and must not be used again: the last of each instance, in the memory of this process. */

/** A name has 12 bytes: a nonce. */
const PER_INSTANCE = 32_768
const PER_PROCESS = 1_048_576

interface Generations {
  newer: Set<string>
  older: Set<string>
}

/**
 * Names are forgotten by generations: the last `perInstance` of each instance are known, up to twice as many. When all
 * instances together have more than `perProcess`, whoever has most forgets the older half of its names, and knows fewer.
 */
export class SpentSet {
  readonly #instances = new Map<string, Generations>()
  readonly #perInstance: number
  readonly #perProcess: number
  #count = 0

  constructor(perInstance = PER_INSTANCE, perProcess = PER_PROCESS) {
    this.#perInstance = perInstance
    this.#perProcess = perProcess
  }

  has(instance: string, name: string): boolean {
    const known = this.#instances.get(instance)
    return known !== undefined && (known.newer.has(name) || known.older.has(name))
  }

  add(instance: string, name: string): void {
    if (this.has(instance, name)) return
    const known = this.#instances.get(instance) ?? { newer: new Set(), older: new Set() }
    this.#instances.set(instance, known)
    known.newer.add(name)
    this.#count++
    if (known.newer.size >= this.#perInstance) this.#age(known)
    if (this.#count > this.#perProcess) this.#halve(this.#largest())
  }

  /** Names known of all instances. */
  get size(): number {
    return this.#count
  }

  #age(of: Generations): void {
    this.#count -= of.older.size
    of.older = of.newer
    of.newer = new Set()
  }

  /** Sets give names in the order in which they came. */
  #halve({ older, newer }: Generations): void {
    let left = Math.ceil((older.size + newer.size) / 2)
    this.#count -= left
    for (const names of [older, newer]) {
      for (const name of names) {
        if (left === 0) return
        names.delete(name)
        left--
      }
    }
  }

  #largest(): Generations {
    let largest: Generations = { newer: new Set(), older: new Set() }
    for (const each of this.#instances.values()) {
      if (each.newer.size + each.older.size > largest.newer.size + largest.older.size) largest = each
    }
    return largest
  }
}
