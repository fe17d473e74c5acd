/** A set of log indexes held as ranges: which events were proven in this browser, in memory of the order of the gaps. */

/** Half-open: `from` is in, `to` is not. */
export interface IndexRange {
  readonly from: number
  readonly to: number
}

/** Immutable, so that a view can compare two by identity. */
export class IndexSet {
  static readonly empty = new IndexSet([])
  readonly #ranges: readonly IndexRange[]

  private constructor(ranges: readonly IndexRange[]) {
    this.#ranges = ranges
  }

  has(index: number): boolean {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const range = this.#ranges[middle]
      if (range === undefined) return false
      if (index < range.from) high = middle
      else if (index >= range.to) low = middle + 1
      else return true
    }
    return false
  }

  /** This set with the given indexes; itself when it has them all. */
  with(indexes: Iterable<number>): IndexSet {
    const fresh = [...indexes].filter((index) => !this.has(index))
    if (fresh.length === 0) return this
    const all = [...this.#ranges, ...fresh.map((index) => ({ from: index, to: index + 1 }))]
    all.sort((a, b) => a.from - b.from)
    const merged: IndexRange[] = []
    for (const range of all) {
      const last = merged.at(-1)
      if (last !== undefined && range.from <= last.to) {
        merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
      } else merged.push(range)
    }
    return new IndexSet(merged)
  }

  get count(): number {
    return this.#ranges.reduce((sum, range) => sum + range.to - range.from, 0)
  }
}
