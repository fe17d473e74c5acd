/** Events with so many different values of a field within so long. */
import { parseDuration } from '../duration.ts'
import { firingEventsMax, lateMs, rememberedMax } from '../limits.ts'
import type { DistinctCondition, RuleQuery } from '../rule.ts'
import type { FieldReader } from '../rule-field.ts'
import { ValueWindow } from '../value-window.ts'
import { windowEnds } from './count.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'

export class Distinct extends GroupedKind<ValueWindow> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #read: FieldReader
  readonly #threshold: number
  readonly #windowMs: number

  constructor({ query, of, threshold, within }: DistinctCondition, setting: Setting) {
    const windowMs = parseDuration(within)
    super(setting, {
      make: () => new ValueWindow(),
      load: (saved) => ValueWindow.load(saved),
      isSpent: (window, now) => window.newest < now - windowMs - lateMs,
    })
    this.queries = [query]
    this.lookbackMs = windowMs + lateMs
    this.#read = setting.reader(of)
    this.#threshold = threshold
    this.#windowMs = windowMs
  }

  protected look(window: ValueWindow, { subject, time, index, group }: Sight): readonly Found[] {
    const value = this.#read(subject)
    // What has no value has none that differs.
    if (value === '') return nothing
    window.add(value, time, index)
    window.dropBefore(time - this.#windowMs - lateMs)
    if (window.trim(time, this.#windowMs, rememberedMax)) this.groups.saturate()
    for (const end of windowEnds(window, time, this.#windowMs)) {
      const from = end - this.#windowMs
      const count = window.between(from, end)
      if (count < this.#threshold) continue
      const events = window.newestIndexes(from, end, firingEventsMax)
      window.dropUpTo(end)
      return [{ group: group.values, at: time, trigger: index, events, count, facts: { values: count } }]
    }
    return nothing
  }
}
