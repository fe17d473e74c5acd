/** Two lists of values, such as allowed addresses before and after: what was added, what was removed, what stayed. */

export interface ListDifference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly kept: readonly string[]
}

/** Each value once, in the order of the list that has it. */
export function listDifference(before: readonly string[], after: readonly string[]): ListDifference {
  const [was, is] = [new Set(before), new Set(after)]
  return { added: [...is.difference(was)], removed: [...was.difference(is)], kept: [...was.intersection(is)] }
}
