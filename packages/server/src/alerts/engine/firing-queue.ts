/** Firings that wait to be told: those of one rule and group as one, so that a rule that fires for everything costs no more. */
import type { Firing } from '@keywitness/tracker/alerts'
import type { LiveRule } from './messages.ts'

/** Firings that are told as one, and the events that are named of them. */
const triggersMax = 1_000
const eventsMax = 20

export interface QueuedFiring {
  readonly live: LiveRule
  /** The newest of them. */
  readonly firing: Firing
  /** Of all of them, ascending. */
  readonly triggers: number[]
}

export class FiringQueue {
  #waiting: QueuedFiring[] = []
  /** Where in the queue the newest of a rule and group is. */
  readonly #places = new Map<string, number>()

  get length(): number {
    return this.#waiting.length
  }

  /** @param isAlone it is told for itself: a mute may be about it and not about its neighbours */
  add(live: LiveRule, firing: Firing, isAlone: boolean): void {
    const key = JSON.stringify([live.rule.id, firing.group])
    const place = isAlone ? undefined : this.#places.get(key)
    const known = place === undefined ? undefined : this.#waiting[place]
    const last = known?.triggers.at(-1) ?? Number.POSITIVE_INFINITY
    if (place !== undefined && known !== undefined && known.triggers.length < triggersMax && firing.trigger > last) {
      known.triggers.push(firing.trigger)
      const events = [...new Set([...known.firing.events, ...firing.events])].toSorted((a, b) => a - b)
      this.#waiting[place] = {
        live,
        firing: { ...firing, events: events.slice(-eventsMax) },
        triggers: known.triggers,
      }
      return
    }
    this.#places.set(key, this.#waiting.length)
    this.#waiting.push({ live, firing, triggers: [firing.trigger] })
  }

  /** The first of what waits, in the order of what happened. */
  take(count: number): QueuedFiring[] {
    this.#waiting.sort((a, b) => (a.triggers[0] ?? 0) - (b.triggers[0] ?? 0))
    const taken = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    this.#places.clear()
    return taken
  }
}
