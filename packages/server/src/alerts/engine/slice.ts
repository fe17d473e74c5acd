/** Entries that all rules are given together: what is the same for every rule is found out once. */
import type { AlertSubject, EventKind } from '@keywitness/tracker/alerts'

export class Slice {
  readonly subjects: readonly AlertSubject[]
  /** When each came at the latest, milliseconds since the epoch: no later than those after it, nor than now. */
  readonly times: readonly number[]
  /** The different kinds of its entries, and of each entry its place among them. */
  readonly kinds: readonly (EventKind | undefined)[]
  readonly kindPlaces: readonly number[]

  constructor(subjects: readonly AlertSubject[], now: number) {
    this.subjects = subjects
    this.times = latestTimes(subjects, now)
    const places = new Map<string | undefined, number>()
    const kinds: (EventKind | undefined)[] = []
    this.kindPlaces = subjects.map(({ kind }) => {
      const place = places.get(kind?.text) ?? kinds.length
      if (place < kinds.length) return place
      places.set(kind?.text, place)
      kinds.push(kind)
      return place
    })
    this.kinds = kinds
  }
}

/** One that is dated ahead makes no other late: the time goes on with what follows it, and never beyond now. */
function latestTimes(subjects: readonly AlertSubject[], now: number): number[] {
  const times = subjects.map(({ time }) => time)
  let least = now
  for (let place = times.length - 1; place >= 0; place--) {
    least = Math.min(least, times[place] ?? least)
    times[place] = least
  }
  return times
}
