/** Counts a stretch of a log by action and outcome, for one producer and by stretches of its numbers. */
import { entryFactsOf, type TrackerReader } from '@keywitness/tracker'

export interface TallyAsk {
  readonly producer: string
  /** First and last number of each stretch, ascending, without holes. */
  readonly bounds: readonly (readonly [first: number, last: number])[]
  /** Index of the first entry to look at, and entries at most. */
  readonly from: number
  readonly limit: number
}

/** One stretch, as far as this part of the log goes. */
export interface Tally {
  /** By `<action> <outcome>`. */
  readonly counts: Readonly<Record<string, number>>
  /** Index of its first entry here. */
  readonly index: number | undefined
}

export interface TallyAnswer {
  readonly tallies: readonly Tally[]
  /** Where to go on. */
  readonly next: number
  readonly size: number
  /** The highest number of the producer, 0 without any; and where its first above all stretches is. */
  readonly highest: number
  readonly beyond: number | undefined
}

export function tally(reader: TrackerReader, { producer, bounds, from, limit }: TallyAsk): TallyAnswer {
  const size = reader.size()
  const tallies = bounds.map(() => ({ counts: {} as Record<string, number>, index: undefined as number | undefined }))
  // What was pruned is not there to be counted.
  const entries = from < size ? reader.range(from, size, limit) : []
  const last = bounds.at(-1)?.[1] ?? 0
  let highest = 0
  let beyond: number | undefined
  let at = 0
  for (const { index, bytes } of entries) {
    const { numbered, action, outcome } = entryFactsOf(bytes)
    if (numbered?.producer !== producer) continue
    const { sequence } = numbered
    highest = Math.max(highest, sequence)
    if (sequence > last) beyond ??= index
    if (!holds(bounds[at], sequence)) at = bounds.findIndex((one) => holds(one, sequence))
    const one = tallies[at]
    if (one === undefined) continue
    one.index ??= index
    const name = `${action} ${outcome}`
    one.counts[name] = (one.counts[name] ?? 0) + 1
  }
  return { tallies, next: (entries.at(-1)?.index ?? size - 1) + 1, size, highest, beyond }
}

function holds(bounds: readonly [first: number, last: number] | undefined, sequence: number): boolean {
  return bounds !== undefined && bounds[0] <= sequence && sequence <= bounds[1]
}
