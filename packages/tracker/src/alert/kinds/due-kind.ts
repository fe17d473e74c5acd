/** Kinds that fire because nothing happened: a queue proposes the groups that are due, their own state decides. */
import { DueQueue } from '../due-queue.ts'
import type { Group, Remembered } from '../groups.ts'
import { lateMs } from '../limits.ts'
import { type Found, GroupedKind, type Sight } from './kind.ts'

export interface Due extends Remembered {
  /** When the newest event was. */
  time: number
  /** When the queue asks for it; undefined when it does not. */
  queued: number | undefined
}

/** Out-of-date entries that may lie in the queue beside those of all groups. */
const staleMax = 64

export abstract class DueKind<S extends Due> extends GroupedKind<S> {
  readonly #queue = new DueQueue()
  /** Newest time of all groups. */
  #newest = Number.NEGATIVE_INFINITY

  /** When a group is due; undefined when never. */
  protected abstract dueAt(state: S): number | undefined

  /** Fires, once: the group is not due any more. */
  protected abstract tell(state: S, group: Group): Found

  override see(sight: Sight, found: number): readonly Found[] {
    const firings = super.see(sight, found)
    this.ask(sight.group)
    return firings
  }

  override tick(now: number): readonly Found[] {
    if (this.#newest > now + lateMs) this.#bringBack(now)
    const found: Found[] = []
    for (let next = this.#queue.take(now); next !== undefined; next = this.#queue.take(now)) {
      const held = this.groups.find(next.key)
      // The group was let go, or it is asked for at another time.
      if (held === undefined || held[1].queued !== next.at) continue
      const [group, state] = held
      state.queued = undefined
      const at = this.dueAt(state)
      if (at !== undefined && at <= now) found.push(this.tell(state, group))
      else this.ask(group)
    }
    if (this.#queue.size > 2 * this.groups.count + staleMax) this.#tidy()
    return inOrder(found)
  }

  override load(saved: unknown): void {
    super.load(saved)
    for (const [group] of this.groups.states()) this.ask(group)
  }

  /** Has the queue ask for a group when it is due. */
  protected ask({ key }: Group): void {
    const state = this.groups.find(key)?.[1]
    if (state === undefined) return
    this.#newest = Math.max(this.#newest, state.time)
    const at = this.dueAt(state)
    // What is asked for earlier already is asked for again then.
    if (at === undefined || (state.queued !== undefined && state.queued <= at)) return
    state.queued = at
    this.#queue.add(at, key)
    if (this.#queue.size > 2 * this.groups.count + staleMax) this.#tidy()
  }

  /** Nothing happened later than now: an event that says so must not keep the rule quiet until then. */
  #bringBack(now: number): void {
    this.#newest = now
    for (const [group, state] of this.groups.states()) {
      if (state.time > now + lateMs) state.time = now
      this.ask(group)
    }
  }

  /** Leaves one entry for each group that is asked for. */
  #tidy(): void {
    const kept: [number, string][] = []
    for (const [{ key }, { queued }] of this.groups.states()) if (queued !== undefined) kept.push([queued, key])
    this.#queue.refill(kept)
  }
}

/** By time, then by group: whatever the queue's order was. */
function inOrder(found: Found[]): readonly Found[] {
  const textOf = ({ group }: Found): string => JSON.stringify(group)
  return found.toSorted((a, b) => a.at - b.at || (textOf(a) < textOf(b) ? -1 : 1))
}
