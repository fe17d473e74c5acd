/** So many events within so long. */
import { parseDuration } from '../duration.ts'
import { EventWindow } from '../event-window.ts'
import { firingEventsMax, lateEndsMax, lateMs } from '../limits.ts'
import type { CountCondition, RuleQuery } from '../rule.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'

class Counted {
  readonly window: EventWindow
  readonly characters = 0

  constructor(window: EventWindow) {
    this.window = window
  }

  get size(): number {
    return this.window.size
  }

  save(): unknown {
    return this.window.save()
  }
}

export class Count extends GroupedKind<Counted> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #threshold: number
  readonly #windowMs: number

  constructor({ query, threshold, within }: CountCondition, setting: Setting) {
    const windowMs = parseDuration(within)
    super(setting, {
      make: () => new Counted(new EventWindow()),
      load: (saved) => new Counted(EventWindow.load(saved)),
      isSpent: ({ window }, now) => window.newest < now - windowMs - lateMs,
    })
    this.queries = [query]
    this.lookbackMs = windowMs + lateMs
    this.#threshold = threshold
    this.#windowMs = windowMs
  }

  protected look({ window }: Counted, { time, index, group }: Sight): readonly Found[] {
    window.add(time, index)
    window.dropBefore(time - this.#windowMs - lateMs)
    window.trim(time, this.#windowMs)
    for (const end of windowEnds(window, time, this.#windowMs)) {
      const from = end - this.#windowMs
      const count = window.between(from, end)
      if (count < this.#threshold) continue
      const events = window.newestIndexes(from, end, firingEventsMax)
      window.dropUpTo(end)
      return [{ group: group.values, at: time, trigger: index, events, count, facts: {} }]
    }
    return nothing
  }
}

/** When the windows end that this event lies in: now, or at a later event when it came late. */
export function windowEnds(
  window: { readonly newest: number; timesBetween(from: number, to: number, most: number): number[] },
  time: number,
  windowMs: number,
): readonly number[] {
  return window.newest === time ? [time] : window.timesBetween(time, time + windowMs, lateEndsMax)
}
