/** Events of one kind are so large a share of those of another, counted as events or as different values. */
import { parseDuration } from '../duration.ts'
import { EventWindow } from '../event-window.ts'
import { firingEventsMax, lateMs, rememberedMax } from '../limits.ts'
import type { RatioCondition, RuleQuery } from '../rule.ts'
import type { FieldReader } from '../rule-field.ts'
import { savedList } from '../saved-state.ts'
import { ValueWindow } from '../value-window.ts'
import { type Found, GroupedKind, nothing, type Setting, type Sight } from './kind.ts'

type Window = EventWindow | ValueWindow

class Shares {
  readonly part: Window
  readonly whole: Window

  constructor(part: Window, whole: Window) {
    this.part = part
    this.whole = whole
  }

  get size(): number {
    return this.part.size + this.whole.size
  }

  get characters(): number {
    return charactersOf(this.part) + charactersOf(this.whole)
  }

  save(): unknown {
    return [this.part.save(), this.whole.save()]
  }
}

function charactersOf(window: Window): number {
  return window instanceof ValueWindow ? window.characters : 0
}

const isPart = 0b01
const isWhole = 0b10

export class Ratio extends GroupedKind<Shares> {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs: number
  readonly #read: FieldReader | undefined
  readonly #share: number
  readonly #least: number
  readonly #partMs: number
  readonly #wholeMs: number

  constructor({ query, of, share, least, within, ofWithin, distinct }: RatioCondition, setting: Setting) {
    const partMs = parseDuration(within)
    const wholeMs = parseDuration(ofWithin ?? within)
    const one = (): Window => (distinct === undefined ? new EventWindow() : new ValueWindow())
    const loaded = (saved: unknown): Window =>
      distinct === undefined ? EventWindow.load(saved) : ValueWindow.load(saved)
    super(setting, {
      make: () => new Shares(one(), one()),
      load: (saved) => {
        const [part, whole] = savedList(saved)
        return new Shares(loaded(part), loaded(whole))
      },
      isSpent: ({ whole }, now) => whole.newest < now - wholeMs - lateMs,
    })
    this.queries = [query, of]
    this.lookbackMs = wholeMs + lateMs
    this.#read = distinct === undefined ? undefined : setting.reader(distinct)
    this.#share = share
    this.#least = least
    this.#partMs = partMs
    this.#wholeMs = wholeMs
  }

  override isMatch(found: number): boolean {
    return found === (isPart | isWhole)
  }

  protected look({ part, whole }: Shares, { subject, time, index, group }: Sight, found: number): readonly Found[] {
    if ((found & isWhole) === 0) return nothing
    const value = this.#read?.(subject)
    if (value === '') return nothing
    this.#put(whole, value, time, index, this.#wholeMs)
    if ((found & isPart) === 0) return nothing
    this.#put(part, value, time, index, this.#partMs)
    // The window that ends with the latest event beside which this one lies.
    const end = part.newest === time ? time : (part.timesBetween(time, time + this.#partMs, 1)[0] ?? time)
    const from = end - this.#partMs
    const [some, all] = [part.between(from, end), whole.between(end - this.#wholeMs, end)]
    if (all < this.#least || some < this.#share * all) return nothing
    const events = part.newestIndexes(from, end, firingEventsMax)
    part.dropUpTo(end)
    const facts = { part: some, whole: all, share: some / all }
    return [{ group: group.values, at: time, trigger: index, events, count: some, facts }]
  }

  #put(window: Window, value: string | undefined, time: number, index: number, windowMs: number): void {
    if (window instanceof ValueWindow) window.add(value ?? '', time, index)
    else window.add(time, index)
    window.dropBefore(time - windowMs - lateMs)
    if (!(window instanceof ValueWindow)) window.trim(time, windowMs)
    else if (window.trim(time, windowMs, rememberedMax / 2)) this.groups.saturate()
  }
}
