/** The rules that are on: each entry is given to those only that its action can mean anything to. */
import type { AlertSubject } from './alert-subject.ts'
import type { Evaluation, Firing } from './evaluation.ts'
import { knownActionsMax } from './limits.ts'

export class RuleSet {
  readonly #evaluations: readonly Evaluation[]
  /** Which rules an action can mean anything to, of the actions seen. */
  readonly #byAction = new Map<string | undefined, readonly Evaluation[]>()
  #hasSeen = false

  constructor(evaluations: Iterable<Evaluation>) {
    this.#evaluations = [...evaluations]
  }

  /** Gives the next entry of the log to its rules. */
  see(subject: AlertSubject): readonly Firing[] {
    // Some rules count from the first entry that they see on, whatever it is.
    const evaluations = this.#hasSeen ? this.#of(subject.action) : this.#evaluations
    this.#hasSeen = true
    const firings: Firing[] = []
    for (const evaluation of evaluations) for (const firing of evaluation.see(subject)) firings.push(firing)
    return firings
  }

  /** It is this late, milliseconds since the epoch, and every entry up to then was given. */
  tick(now: number): readonly Firing[] {
    return this.#evaluations.flatMap((evaluation) => [...evaluation.tick(now)])
  }

  #of(action: string | undefined): readonly Evaluation[] {
    const known = this.#byAction.get(action)
    if (known !== undefined) return known
    const found = this.#evaluations.filter((evaluation) => evaluation.mayMatch(action))
    // Who writes events may name any actions: the usual ones are soon known again.
    if (this.#byAction.size >= knownActionsMax) this.#byAction.clear()
    this.#byAction.set(action, found)
    return found
  }
}
