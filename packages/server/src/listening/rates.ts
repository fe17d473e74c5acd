/** How much each source may do in a second: a bucket of tokens for each, of as many sources as are told apart. */

export interface RateBounds {
  readonly perSecond: number
  readonly burst: number
  /** A source that is refused is told so once in this time, milliseconds. */
  readonly tellMs: number
  /** Beyond these, the source that was quiet for longest is forgotten. */
  readonly sources: number
}

interface Bucket {
  tokens: number
  /** When they were counted, monotonic milliseconds. */
  at: number
  toldUntil: number
}

export class Rates {
  readonly #bounds: RateBounds
  readonly #monotonic: () => number
  /** The source that was quiet for longest comes first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(bounds: RateBounds, monotonic: () => number) {
    this.#bounds = bounds
    this.#monotonic = monotonic
  }

  /** So many more at once, done already: the source waits until it has made up for them. */
  charge(source: string, count: number): void {
    this.#bucketOf(source).tokens -= count
  }

  /** Whether a source was charged with more than it had. */
  isInDebt(source: string): boolean {
    return this.#buckets.has(source) && this.#bucketOf(source).tokens < 0
  }

  /** One more. `first`: it is refused, for the first time in a while; `again`: it is refused, and that was told. */
  take(source: string): 'taken' | 'first' | 'again' {
    const now = this.#monotonic()
    const bucket = this.#bucketOf(source)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return 'taken'
    }
    if (now < bucket.toldUntil) return 'again'
    bucket.toldUntil = now + this.#bounds.tellMs
    return 'first'
  }

  /** With what it holds now. */
  #bucketOf(source: string): Bucket {
    const { perSecond, burst, sources } = this.#bounds
    const now = this.#monotonic()
    const bucket = this.#buckets.get(source) ?? { tokens: burst, at: now, toldUntil: -Infinity }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond)
    bucket.at = now
    this.#buckets.delete(source)
    this.#buckets.set(source, bucket)
    if (this.#buckets.size > sources) this.#forgetQuietest()
    return bucket
  }

  #forgetQuietest(): void {
    for (const source of this.#buckets.keys()) {
      this.#buckets.delete(source)
      return
    }
  }
}
