/** An event that opens a term, and none that keeps it until it is over, or nearly. */
import { parseDuration } from '../duration.ts'
import type { Group } from '../groups.ts'
import { durationMaxMs, lateMs } from '../limits.ts'
import type { DeadlineCondition, RuleQuery } from '../rule.ts'
import { savedList, savedNumber } from '../saved-state.ts'
import { type Due, DueKind } from './due-kind.ts'
import { type Found, nothing, type Setting, type Sight } from './kind.ts'
import { type DueOf, dueReader } from './term.ts'

class Term implements Due {
  readonly characters = 0
  /** Of the newest event about it; an earlier one that comes late changes nothing. */
  time = Number.NEGATIVE_INFINITY
  index = -1
  /** When it is over; undefined when it was kept or told. */
  due: number | undefined
  queued: number | undefined

  get size(): number {
    return this.index === -1 ? 0 : 1
  }

  save(): unknown {
    return [this.time, this.index, this.due ?? null]
  }

  static load(saved: unknown): Term {
    const [time, index, due] = savedList(saved)
    const term = new Term()
    term.time = savedNumber(time)
    term.index = savedNumber(index)
    term.due = due === null ? undefined : savedNumber(due)
    return term
  }
}

const opens = 0b01
const keeps = 0b10

export class Deadline extends DueKind<Term> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #dueOf: DueOf
  readonly #beforeMs: number

  constructor({ query, due, before, unless }: DeadlineCondition, setting: Setting) {
    super(setting, {
      make: () => new Term(),
      load: (saved) => Term.load(saved),
      // A term that is over stays for as long as events may come late that would open it again.
      isSpent: (term, now) => term.due === undefined && term.time < now - lateMs,
    })
    this.queries = [query, unless]
    this.lookbackMs = ('after' in due ? parseDuration(due.after) : durationMaxMs) + lateMs
    this.#dueOf = dueReader(due, setting.reader)
    this.#beforeMs = before === undefined ? 0 : parseDuration(before)
  }

  protected look(term: Term, sight: Sight, found: number): readonly Found[] {
    const { time, index, group } = sight
    if (time < term.time) return nothing
    const firings: Found[] = []
    const asked = this.dueAt(term)
    // Whatever is done about it now is done too late.
    if (asked !== undefined && time > asked) firings.push(this.tell(term, group))
    const due = (found & opens) === 0 ? undefined : this.#dueOf(sight)
    // An event that names no term changes none, unless it keeps the one there is.
    if (due === undefined && (found & keeps) === 0) return firings
    term.time = time
    term.index = index
    term.due = due
    if (due !== undefined && due - this.#beforeMs <= time) firings.push(this.tell(term, group))
    return firings
  }

  protected dueAt({ due }: Term): number | undefined {
    return due === undefined ? undefined : due - this.#beforeMs
  }

  protected tell(term: Term, { values }: Group): Found {
    const due = term.due!
    term.due = undefined
    const { time, index } = term
    const facts = { due, opened: time }
    return { group: values, at: due - this.#beforeMs, trigger: index, events: [index], count: 1, facts }
  }
}
