/** What a rule remembers of each group: the groups touched last, as many as there is room for. */
import { groupsMax, rememberedMax, rememberedTextMax, spentPerEvent } from './limits.ts'
import { savedList, savedTexts } from './saved-state.ts'
import { StateError } from './rule-error.ts'

/** Values of the fields that a rule groups by, in their order. */
export interface Group {
  readonly key: string
  readonly values: readonly string[]
}

export function groupOf(values: readonly string[]): Group {
  return { key: values.length === 1 ? values[0]! : values.length === 0 ? '' : JSON.stringify(values), values }
}

/** What is remembered of one group. */
export interface Remembered {
  /** Values and times in it; a group with none is forgotten. */
  readonly size: number
  /** Characters of its texts. */
  readonly characters: number
  save(): unknown
}

interface Held<S> {
  readonly group: Group
  readonly state: S
  /** As counted in the sums. */
  size: number
  characters: number
}

export interface GroupsOptions<S> {
  readonly make: (group: Group) => S
  /** The state that `save` wrote. */
  readonly load: (saved: unknown, group: Group) => S
  /** Whether a group's state means nothing any more at this time: it is let go without loss. */
  readonly isSpent: (state: S, now: number) => boolean
}

export class Groups<S extends Remembered> {
  readonly #options: GroupsOptions<S>
  /** The group touched last is the last one. */
  readonly #held = new Map<string, Held<S>>()
  /** The last one: events of one group often come one behind the other. */
  #latest: Held<S> | undefined
  #size = 0
  #characters = 0
  #isSaturated = false

  constructor(options: GroupsOptions<S>) {
    this.#options = options
  }

  /** Whether something was let go that still had a meaning. */
  get isSaturated(): boolean {
    return this.#isSaturated
  }

  get count(): number {
    return this.#held.size
  }

  /** The state of a group, a new one when there is none. After it changed it must be {@link settle}d. */
  at(group: Group): S {
    if (this.#latest?.group.key === group.key) return this.#latest.state
    const held = this.#held.get(group.key) ?? {
      group,
      state: this.#options.make(group),
      size: 0,
      characters: 0,
    }
    this.#held.delete(group.key)
    this.#held.set(group.key, held)
    this.#latest = held
    return held.state
  }

  /** A group that there is, without touching it. */
  find(key: string): [Group, S] | undefined {
    const held = this.#held.get(key)
    return held === undefined ? undefined : [held.group, held.state]
  }

  /** Counts what a group's state holds now, and makes room. */
  settle(group: Group, now: number): void {
    const held = this.#latest?.group.key === group.key ? this.#latest : this.#held.get(group.key)
    if (held === undefined) return
    this.#count(held)
    if (held.state.size === 0) this.remove(group.key)
    this.#letGoSpent(now, held)
    while (this.#isFull()) {
      const [oldest] = this.#held.values()
      if (oldest === undefined || oldest === held) return
      if (!this.#options.isSpent(oldest.state, now)) this.#isSaturated = true
      this.remove(oldest.group.key)
    }
  }

  /** Something was let go inside of a group. */
  saturate(): void {
    this.#isSaturated = true
  }

  remove(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    if (this.#latest === held) this.#latest = undefined
    this.#size -= held.size
    this.#characters -= held.characters
  }

  *states(): Generator<readonly [Group, S]> {
    for (const { group, state } of this.#held.values()) yield [group, state]
  }

  save(): unknown {
    return {
      isSaturated: this.#isSaturated,
      groups: [...this.#held.values()].map(({ group, state }) => [group.values, state.save()]),
    }
  }

  load(saved: { readonly [name: string]: unknown }, fields: number): void {
    this.#isSaturated = saved['isSaturated'] === true
    for (const item of savedList(saved['groups'])) {
      const [values, state] = savedList(item)
      const group = groupOf(savedTexts(values))
      if (group.values.length !== fields || this.#held.has(group.key)) throw new StateError('its groups are others')
      const held = { group, state: this.#options.load(state, group), size: 0, characters: 0 }
      this.#held.set(group.key, held)
      this.#count(held)
    }
    if (this.#isFull() && this.#held.size > 1) throw new StateError('it is larger than any')
  }

  #count(held: Held<S>): void {
    const characters = held.state.characters + held.group.key.length
    this.#size += held.state.size - held.size
    this.#characters += characters - held.characters
    held.size = held.state.size
    held.characters = characters
  }

  #isFull(): boolean {
    return this.#held.size > groupsMax || this.#size > rememberedMax || this.#characters > rememberedTextMax
  }

  #letGoSpent(now: number, kept: Held<S>): void {
    let looked = 0
    for (const held of this.#held.values()) {
      if (held === kept || ++looked > spentPerEvent || !this.#options.isSpent(held.state, now)) return
      this.remove(held.group.key)
    }
  }
}
