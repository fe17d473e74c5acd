/** Whether the states of an instance's certificates follow each other: what is missing between commands, or comes twice. */
import type { ActivityEvent } from '../event.ts'
import { memberOf } from '../variant.ts'

/** A command whose state does not follow the one before it. */
export interface GenerationFault {
  /** `hole`: what led to these states is not among the events before it. `repeat`: this state, or a later one, was there. */
  readonly kind: 'hole' | 'repeat'
  /** Of the event in the log. */
  readonly index: number
  /** The first and the last of these states. */
  readonly from: number
  readonly to: number
}

export interface GenerationsSeen {
  /** State after the first command that tells it; undefined where none does. 1: the very first one. */
  readonly first: number | undefined
  readonly last: number | undefined
  readonly faults: readonly GenerationFault[]
}

/** Each certificate that is set or goes makes a new state; a recovery that removes a key alone tells the one there is. */
export class GenerationOrder {
  #first: number | undefined
  #last: number | undefined
  readonly #faults: GenerationFault[] = []

  /** @param event of something that was done, later in the log than all before */
  take(index: number, { action, responseData }: ActivityEvent): void {
    const generation = memberOf(responseData, 'generation')
    if (typeof generation !== 'number') return
    const isNew = action.includes('-cert.')
    const before = isNew ? generation - 1 : generation
    const last = this.#last ?? before
    if (before > last) this.#faults.push({ kind: 'hole', index, from: last + 1, to: before })
    if (before < last) this.#faults.push({ kind: 'repeat', index, from: generation, to: generation })
    this.#first ??= isNew ? generation : generation + 1
    this.#last = Math.max(generation, last)
  }

  seen(): GenerationsSeen {
    return { first: this.#first, last: this.#last, faults: this.#faults }
  }
}
