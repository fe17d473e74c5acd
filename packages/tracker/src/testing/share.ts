/** Which part of an exhaustive table a run takes: a share that its seed chooses, so that many runs take all; or the whole, in a soak. */

/** Set, the tables are taken whole: `npm run soak -- tables`. */
const isWhole = process.env['KEYWITNESS_SWEEP'] !== undefined

/** Chosen anew by every run, or given; runs with as many seeds in a row as there are shares take the whole table. */
const seed = Number(process.env['KEYWITNESS_SEED'] ?? Date.now() % 1_000)

/** For the name of a test: which share it takes, or that it takes all. */
export const shareWords = isWhole ? 'the whole table' : `a share, KEYWITNESS_SEED=${seed}`

/**
 * The places of a table that this run takes: every `shares`-th, beginning at one that the seed chooses.
 * @param nth tells apart the ways in which the same table is gone through: together they take each place once when there are
 *   as many ways as shares
 */
export function shareOf<Item>(table: readonly Item[], shares: number, nth: number): Item[] {
  return table.filter((_, place) => isOfShare(place + nth, shares))
}

/** Whether this run takes a place of a table. */
export function isOfShare(place: number, shares: number): boolean {
  return isWhole || (place + seed) % shares === 0
}

/** Each place of a table with each of its ways in the whole, and with one of them in a share. */
export function withWays<Item, Way>(table: readonly Item[], ways: readonly Way[]): (readonly [Item, Way])[] {
  return table.flatMap((item, place) =>
    ways.flatMap((way, nth) => (isOfShare(place + nth, ways.length) ? [[item, way] as const] : [])),
  )
}
