/** Counts by several fields together: what stands for events where there are too many of them. */

/** As the server answers them. */
export interface FoundGroups {
  /** Events that were found. */
  readonly count: number
  /** Each with its values in the order of the fields; the most frequent first. */
  readonly rows: readonly FoundGroup[]
  /** Events of combinations that are not listed. */
  readonly others: number
  /** Events that lack a field. */
  readonly missing: number
}

export interface FoundGroup {
  readonly values: readonly string[]
  readonly count: number
  readonly first: Seen
  readonly newest: Seen
}

export interface Seen {
  readonly index: number
  /** RFC 3339. */
  readonly time?: string
}
