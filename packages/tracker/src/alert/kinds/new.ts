/** A value, or several together, that was not there for a while. Each group first learns what is usual. */
import { parseDuration } from '../duration.ts'
import { firingEventsMax, lateMs, rememberedMax } from '../limits.ts'
import type { NewCondition, RuleQuery } from '../rule.ts'
import type { FieldReader } from '../rule-field.ts'
import { savedList, savedNumber, savedNumbers, savedText } from '../saved-state.ts'
import { StateError } from '../rule-error.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'

/** A new value's events must come within this to be so many. */
const volumeMs = 86_400_000

/** A value: when it was seen last, or, while it is new, when and in which events. */
interface Seen {
  last: number
  readonly times: number[]
  readonly indexes: number[]
}

class Values {
  /** When learning began. */
  since = Number.POSITIVE_INFINITY
  newest = Number.NEGATIVE_INFINITY
  /** The value seen last is the last one. */
  readonly seen = new Map<string, Seen>()
  size = 0
  characters = 0

  put(value: string, seen: Seen): void {
    this.drop(value)
    this.seen.set(value, seen)
    this.size += 1 + seen.times.length
    this.characters += value.length
  }

  drop(value: string): void {
    const seen = this.seen.get(value)
    if (seen === undefined) return
    this.seen.delete(value)
    this.size -= 1 + seen.times.length
    this.characters -= value.length
  }

  save(): unknown {
    const values = [...this.seen].map(([value, { last, times, indexes }]) => [value, last, times, indexes])
    return [this.since, this.newest, values]
  }

  static load(saved: unknown): Values {
    const [since, newest, values] = savedList(saved)
    const loaded = new Values()
    loaded.since = savedNumber(since)
    loaded.newest = savedNumber(newest)
    for (const item of savedList(values)) {
      const [value, last, times, indexes] = savedList(item)
      const seen = { last: savedNumber(last), times: savedNumbers(times), indexes: savedNumbers(indexes) }
      if (seen.times.length !== seen.indexes.length) throw new StateError('its times are not those of its events')
      loaded.put(savedText(value), seen)
    }
    if (loaded.size > rememberedMax) throw new StateError('it is larger than any')
    return loaded
  }
}

export class New extends GroupedKind<Values> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #readers: readonly FieldReader[]
  readonly #rememberMs: number
  readonly #learnMs: number
  readonly #volume: number

  constructor({ query, fields, remember, learn, volume = 1 }: NewCondition, setting: Setting) {
    const rememberMs = parseDuration(remember)
    super(setting, {
      make: () => new Values(),
      load: (saved) => Values.load(saved),
      isSpent: ({ newest }, now) => newest < now - rememberMs - lateMs,
    })
    this.queries = [query]
    this.lookbackMs = rememberMs + lateMs
    this.#readers = fields.map(setting.reader)
    this.#rememberMs = rememberMs
    this.#learnMs = parseDuration(learn)
    this.#volume = volume
  }

  protected look(state: Values, { subject, time, index, group }: Sight): readonly Found[] {
    const parts = this.#readers.map((read) => read(subject))
    // What has none of the values is no new one.
    if (parts.every((part) => part === '')) return nothing
    const value = parts.length === 1 ? parts[0]! : JSON.stringify(parts)
    state.since = Math.min(state.since, time)
    state.newest = Math.max(state.newest, time)
    const seen = state.seen.get(value)
    const isKnown = seen !== undefined && seen.times.length === 0 && time - seen.last <= this.#rememberMs
    const isLearning = time < state.since + this.#learnMs
    const firings = isKnown || isLearning ? nothing : this.#newValue(state, value, { time, index, group, parts })
    if (isKnown || isLearning || firings.length > 0) {
      state.put(value, { last: Math.max(seen?.last ?? time, time), times: [], indexes: [] })
    }
    this.#makeRoom(state, time)
    return firings
  }

  #newValue(
    state: Values,
    value: string,
    { time, index, group, parts }: Pick<Sight, 'time' | 'index' | 'group'> & { parts: readonly string[] },
  ): readonly Found[] {
    const before = state.seen.get(value)
    const pending = (before?.times ?? []).map((at, place) => [at, before!.indexes[place]!] as const)
    const near = pending.filter(([at]) => Math.abs(time - at) <= volumeMs)
    near.push([time, index])
    if (near.length < this.#volume) {
      state.put(value, { last: time, times: near.map(([at]) => at), indexes: near.map(([, of]) => of) })
      return nothing
    }
    const events = near.map(([, of]) => of).slice(-firingEventsMax)
    const facts = { value: parts.join(', ') }
    return [{ group: group.values, at: time, trigger: index, events, count: near.length, facts }]
  }

  /** Values that would be new again go first; then, when there is no room, those not seen for longest. */
  #makeRoom(state: Values, time: number): void {
    for (const [value, { last }] of state.seen) {
      const isOver = last < time - this.#rememberMs
      if (!isOver && state.size <= rememberedMax) return
      if (!isOver) this.groups.saturate()
      state.drop(value)
    }
  }
}
