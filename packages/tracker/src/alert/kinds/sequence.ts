/** One after another within so long. From the last step's newest events on it is looked back for those before them. */
import { parseDuration } from '../duration.ts'
import { exactTimesMax, firingEventsMax, lateEndsMax, lateMs } from '../limits.ts'
import type { RuleQuery, SequenceCondition } from '../rule.ts'
import { StateError } from '../rule-error.ts'
import type { FieldReader } from '../rule-field.ts'
import { savedList } from '../saved-state.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'
import { type StepEvent, StepList } from './step-list.ts'

/** Events of a step that are kept although no newer event needs them: late events may. */
const spare = 8

class Steps {
  readonly lists: readonly StepList[]

  constructor(lists: readonly StepList[]) {
    this.lists = lists
  }

  get size(): number {
    return this.lists.reduce((sum, { events }) => sum + events.length, 0)
  }

  get characters(): number {
    return this.lists.reduce((sum, { characters }) => sum + characters, 0)
  }

  get newest(): number {
    return Math.max(...this.lists.map(({ events }) => events.at(-1)?.time ?? Number.NEGATIVE_INFINITY))
  }

  save(): unknown {
    return this.lists.map((list) => list.save())
  }
}

export class Sequence extends GroupedKind<Steps> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #counts: readonly number[]
  readonly #windowMs: number
  readonly #first: readonly FieldReader[]
  readonly #last: readonly FieldReader[]

  constructor({ steps, within, same = [] }: SequenceCondition, setting: Setting) {
    const windowMs = parseDuration(within)
    super(setting, {
      make: () => new Steps(steps.map(() => new StepList())),
      load: (saved) => {
        const lists = savedList(saved).map((list) => StepList.load(list, exactTimesMax))
        if (lists.length !== steps.length) throw new StateError('its steps are others')
        return new Steps(lists)
      },
      isSpent: (state, now) => state.newest < now - windowMs - lateMs,
    })
    this.queries = steps.map(({ query }) => query)
    this.lookbackMs = windowMs + lateMs
    this.#counts = steps.map(({ count = 1 }) => count)
    this.#windowMs = windowMs
    this.#first = same.map(([field]) => setting.reader(field))
    this.#last = same.map(([, field]) => setting.reader(field))
  }

  override isMatch(found: number): boolean {
    return found !== 0
  }

  protected look({ lists }: Steps, sight: Sight, found: number): readonly Found[] {
    const { time, index, group } = sight
    for (const [step, list] of lists.entries()) {
      this.#expire(list, time)
      if ((found & (1 << step)) === 0) continue
      const place = list.add({ time, index, values: this.#valuesAt(step, sight) })
      if (place === list.events.length - 1) this.#thin(list, lists[step + 1], this.#counts[step]!)
      list.remove(0, Math.max(0, list.events.length - exactTimesMax))
    }
    const ends = lists.at(-1)!
    // An event that did not come late completes the sequence itself, or nothing does.
    const from = ends.placeOf(time, index)
    const to = Math.min(ends.placeOf(time + this.#windowMs + 1, -1), from + lateEndsMax)
    for (let place = from; place < to; place++) {
      const chain = this.#chainTo(lists, place)
      if (chain === undefined) continue
      const events = chain.slice(-firingEventsMax).map((event) => event.index)
      for (const list of lists) list.remove(0, list.events.length)
      const count = this.#counts.reduce((sum, one) => sum + one, 0)
      const facts = { seconds: Math.round((chain.at(-1)!.time - chain[0]!.time) / 1_000) }
      return [{ group: group.values, at: time, trigger: index, events: sorted(events), count, facts }]
    }
    return nothing
  }

  /** The events of a sequence that ends at this place of the last step, each step as late as it can be. */
  #chainTo(lists: readonly StepList[], lastPlace: number): readonly StepEvent[] | undefined {
    const last = lists.at(-1)!.events[lastPlace]!
    const starts: number[] = []
    let end = lastPlace + 1
    for (let step = lists.length - 1; step >= 0; step--) {
      const start = end - this.#counts[step]!
      const first = lists[step]!.events[start]
      if (first === undefined || last.time - first.time > this.#windowMs) return undefined
      starts.unshift(start)
      if (step > 0) end = lists[step - 1]!.placeOf(first.time, first.index)
    }
    if (!this.#isSame(lists[0]!.events[end - 1]!.values, last.values)) return undefined
    return starts.flatMap((start, step) => lists[step]!.events.slice(start, start + this.#counts[step]!))
  }

  /** What has no value is equal to nothing. */
  #isSame(first: readonly string[], last: readonly string[]): boolean {
    return this.#first.length === 0 || last.some((value, pair) => value !== '' && value === first[pair])
  }

  #valuesAt(step: number, { subject }: Sight): string[] {
    if (step === 0) return this.#first.map((read) => read(subject))
    return step === this.#counts.length - 1 ? this.#last.map((read) => read(subject)) : []
  }

  #expire(list: StepList, time: number): void {
    list.remove(0, list.placeOf(time - this.#windowMs - lateMs, -1))
  }

  /** Between two events of the next step only the newest of this one ever count: the others go. */
  #thin(list: StepList, next: StepList | undefined, count: number): void {
    const boundary = next?.events.at(-1)
    const from = boundary === undefined ? 0 : list.placeOf(boundary.time, boundary.index)
    const over = list.events.length - from - count - spare
    if (over > 0) list.remove(from, over)
  }
}

function sorted(indexes: readonly number[]): number[] {
  return indexes.toSorted((a, b) => a - b)
}
