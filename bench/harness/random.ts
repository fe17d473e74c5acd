/** A seeded generator of numbers, so that every run sees the same events and the same order of rounds. */

export type Random = () => number

/** Marsaglia's xorshift32: numbers from 0 to below 1. The seed must not be 0. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

/** A whole number from 0 to below `below`. */
export function wholeBelow(random: Random, below: number): number {
  return Math.floor(random() * below)
}

/** A new array in another order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = wholeBelow(random, i + 1)
    const item = mixed[i] as T
    mixed[i] = mixed[j] as T
    mixed[j] = item
  }
  return mixed
}
