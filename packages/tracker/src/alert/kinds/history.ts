/** More in a period than its own history lets expect. Periods are aligned to the epoch; one without events counts as 0. */
import { parseDuration } from '../duration.ts'
import { placeOf } from '../event-window.ts'
import { firingEventsMax, lateMs, periodsPerRemembered } from '../limits.ts'
import type { HistoryCondition, RuleQuery } from '../rule.ts'
import { savedList, savedNumber, savedNumbers } from '../saved-state.ts'
import { StateError } from '../rule-error.ts'
import { type Facts, type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'

/** Late events may make earlier periods fire: so many are known to have. */
const toldMax = 4

class Periods {
  readonly characters = 0
  /** The first period that anything is known of. */
  first = Number.POSITIVE_INFINITY
  /** Periods that have events, ascending, and how many. */
  readonly numbers: number[] = []
  readonly counts: number[] = []
  /** The newest events of the period that the last one was in. */
  recent: { readonly period: number; readonly indexes: number[] } = { period: -1, indexes: [] }
  /** Periods that were told of last. */
  readonly told: number[] = []
  /** What the periods before one let expect; made again when one of them changes. */
  expected: { readonly period: number; readonly bounds: readonly Bound[] } | undefined

  get size(): number {
    return Math.ceil(this.numbers.length / periodsPerRemembered)
  }

  save(): unknown {
    const { period, indexes } = this.recent
    return [this.first, this.numbers, this.counts, [period, ...indexes], this.told]
  }

  static load(saved: unknown, most: number): Periods {
    const [first, numbers, counts, recent, told] = savedList(saved)
    const loaded = new Periods()
    loaded.first = savedNumber(first)
    loaded.numbers.push(...savedNumbers(numbers))
    loaded.counts.push(...savedNumbers(counts))
    const [period, ...indexes] = savedNumbers(recent)
    if (period === undefined || loaded.numbers.length !== loaded.counts.length || loaded.numbers.length > most) {
      throw new StateError('its periods are not those of its counts')
    }
    loaded.recent = { period, indexes }
    loaded.told.push(...savedNumbers(told))
    return loaded
  }
}

/** More than `count` is more than expected. */
interface Bound {
  readonly name: 'quantile' | 'deviations' | 'most'
  readonly count: number
}

export class History extends GroupedKind<Periods> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #when: HistoryCondition
  readonly #periodMs: number

  constructor(when: HistoryCondition, setting: Setting) {
    const periodMs = parseDuration(when.per)
    super(setting, {
      make: () => new Periods(),
      load: (saved) => Periods.load(saved, when.periods + 1),
      isSpent: ({ numbers }, now) => ((numbers.at(-1) ?? 0) + 1 + when.periods) * periodMs < now - lateMs,
    })
    this.queries = [when.query]
    this.lookbackMs = (when.periods + 1) * periodMs
    this.#when = when
    this.#periodMs = periodMs
  }

  protected look(state: Periods, { time, index, group }: Sight): readonly Found[] {
    const period = Math.floor(time / this.#periodMs)
    const at = placeOf(state.numbers, period)
    if (state.numbers[at] === period) state.counts[at]! += 1
    else this.#begin(state, period, at)
    const place = placeOf(state.numbers, period)
    if (state.numbers[place] !== period) return nothing
    const count = state.counts[place]!
    if (state.expected !== undefined && state.expected.period !== period) state.expected = undefined
    if (state.recent.period !== period) state.recent = { period, indexes: [] }
    state.recent.indexes.push(index)
    if (state.recent.indexes.length > firingEventsMax) state.recent.indexes.shift()
    if (count < this.#when.least || state.told.includes(period)) return nothing
    state.expected ??= { period, bounds: this.#boundsOf(state, period, place) }
    const exceeded = state.expected.bounds.find((bound) => count > bound.count)
    if (exceeded === undefined) return nothing
    state.told.push(period)
    if (state.told.length > toldMax) state.told.shift()
    const facts: Facts = { count, expected: exceeded.count, by: exceeded.name, since: period * this.#periodMs }
    return [{ group: group.values, at: time, trigger: index, events: [...state.recent.indexes], count, facts }]
  }

  /** The first event of a period. The period itself and those that are remembered have room. */
  #begin(state: Periods, period: number, at: number): void {
    const { numbers, counts } = state
    // Learning begins anew with an earlier event only as long as nothing was learned.
    if (numbers.length === 0 || (period < state.first && numbers.at(-1) === state.first)) state.first = period
    numbers.splice(at, 0, period)
    counts.splice(at, 0, 1)
    if (numbers.length <= this.#when.periods + 1) return
    // What lies far ahead of an event was dated wrong, and must not take the place of what is now.
    const isAhead = (numbers.at(-1)! - period) * this.#periodMs > lateMs + this.#periodMs
    for (const list of [numbers, counts]) list.splice(isAhead ? -1 : 0, 1)
  }

  #boundsOf({ first, numbers, counts }: Periods, period: number, at: number): readonly Bound[] {
    const { periods, learn, quantile, deviations, most } = this.#when
    const bounds: Bound[] = most === undefined ? [] : [{ name: 'most', count: most }]
    const seen = Math.min(periods, period - first)
    if (seen < learn) return bounds
    const before = counts.slice(placeOf(numbers, period - seen), at)
    if (quantile !== undefined) bounds.push({ name: 'quantile', count: nearestRank(before, seen, quantile) })
    if (deviations !== undefined) {
      const mean = before.reduce((sum, one) => sum + one, 0) / seen
      const squares = before.reduce((sum, one) => sum + (one - mean) ** 2, (seen - before.length) * mean ** 2)
      // Where nearly nothing happens one event more is no deviation.
      bounds.push({ name: 'deviations', count: mean + deviations * Math.max(1, Math.sqrt(squares / seen)) })
    }
    return bounds
  }
}

/** The quantile by nearest rank of some counts and as many zeros as are missing to `total`. */
export function nearestRank(counts: readonly number[], total: number, quantile: number): number {
  const rank = Math.max(1, Math.ceil(quantile * total))
  return Float64Array.from(counts).sort()[rank - 1 - (total - counts.length)] ?? 0
}
