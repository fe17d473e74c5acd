/** Which group is due next: a binary heap by time, whose entries may be out of date. */

interface Due {
  readonly at: number
  readonly key: string
}

export class DueQueue {
  #heap: Due[] = []

  get size(): number {
    return this.#heap.length
  }

  add(at: number, key: string): void {
    this.#heap.push({ at, key })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes out the first entry that is due at this time. */
  take(now: number): Due | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first
  }

  /** Puts other entries in the place of all. */
  refill(entries: Iterable<readonly [at: number, key: string]>): void {
    this.#heap = Array.from(entries, ([at, key]) => ({ at, key }))
    for (let place = (this.#heap.length >>> 1) - 1; place >= 0; place--) this.#sink(place)
  }

  #rise(from: number): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >>> 1
      if (this.#heap[above]!.at <= this.#heap[place]!.at) return
      this.#swap(above, place)
      place = above
    }
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      let least = place
      for (const below of [2 * place + 1, 2 * place + 2]) {
        if (below < this.#heap.length && this.#heap[below]!.at < this.#heap[least]!.at) least = below
      }
      if (least === place) return
      this.#swap(least, place)
      place = least
    }
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = held
  }
}
