/** No event for so long: of all, or of a group that there was once. */
import { parseDuration } from '../duration.ts'
import { type Group, groupOf } from '../groups.ts'
import { lateMs } from '../limits.ts'
import type { AbsenceCondition, RuleQuery } from '../rule.ts'
import { savedFlag, savedList, savedNumber } from '../saved-state.ts'
import { type Due, DueKind } from './due-kind.ts'
import { type Found, nothing, type Setting, type Sight } from './kind.ts'

class Presence implements Due {
  readonly size = 1
  readonly characters = 0
  time = Number.NEGATIVE_INFINITY
  /** The newest event; -1 when there was none since the rule was turned on. */
  index = -1
  /** Whether its gap was told. */
  isTold = false
  queued: number | undefined

  save(): unknown {
    return [this.time, this.index, this.isTold]
  }

  static load(saved: unknown): Presence {
    const [time, index, isTold] = savedList(saved)
    const presence = new Presence()
    presence.time = savedNumber(time)
    presence.index = savedNumber(index)
    presence.isTold = savedFlag(isTold)
    return presence
  }
}

export class Absence extends DueKind<Presence> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #windowMs: number
  readonly #isWhole: boolean

  constructor({ query, within }: AbsenceCondition, setting: Setting) {
    super(setting, {
      make: () => new Presence(),
      load: (saved) => Presence.load(saved),
      isSpent: ({ isTold }) => isTold,
    })
    this.queries = [query]
    this.#windowMs = parseDuration(within)
    this.lookbackMs = this.#windowMs + lateMs
    this.#isWhole = setting.groupFields === 0
  }

  /** Without groups there is something to miss before there was anything. */
  override begin(time: number, index: number): void {
    if (!this.#isWhole) return
    const group = groupOf([])
    const state = this.groups.at(group)
    state.time = time
    state.index = index
    this.groups.settle(group, time)
    this.ask(group)
  }

  protected look(state: Presence, { group, time, index }: Sight): readonly Found[] {
    const due = this.dueAt(state)
    // A later event shows a gap that no tick has told of. One exactly at its end was still in time.
    const isGap = due !== undefined && Number.isFinite(due) && time > due
    const firings = isGap ? [this.tell(state, group)] : nothing
    if (time >= state.time) {
      state.time = time
      state.index = index
      state.isTold = false
    }
    return firings
  }

  protected dueAt({ isTold, time }: Presence): number | undefined {
    return isTold ? undefined : time + this.#windowMs
  }

  protected tell(state: Presence, { values }: Group): Found {
    const { time, index } = state
    state.isTold = true
    const events = index === -1 ? [] : [index]
    const facts = { last: time }
    return { group: values, at: time + this.#windowMs, trigger: index, events, count: events.length, facts }
  }
}
