/** Questions on their way to a thread: few at a time, groups in turn, withdrawn for nothing while they wait. */

export interface QueuedQuestion {
  readonly id: number
  /** Whose turn it takes. */
  readonly group: string
}

/** Within a group, first come, first served; between groups one question each, however many a group has. */
export class QuestionQueue<Question extends QueuedQuestion> {
  readonly #sentMax: number
  readonly #send: (question: Question) => void
  /** In the order of their turns. A group without questions is not in it. */
  readonly #waiting = new Map<string, Question[]>()
  readonly #sent = new Set<number>()

  /** @param sentMax questions at the thread at the same time: what comes later can still overtake what waits here */
  constructor(sentMax: number, send: (question: Question) => void) {
    this.#sentMax = sentMax
    this.#send = send
  }

  /** False when the group has as many waiting as it may: then the question is not taken. */
  add(question: Question, waitingMax: number): boolean {
    const group = this.#waiting.get(question.group) ?? []
    const mustWait = this.#sent.size >= this.#sentMax
    if (mustWait && group.length >= waitingMax) return false
    group.push(question)
    this.#waiting.set(question.group, group)
    this.#sendNext()
    return true
  }

  /** True when it was still waiting, and is gone; false when the thread has it, or it was never there. */
  withdraw(question: Question): boolean {
    const group = this.#waiting.get(question.group)
    const at = group?.indexOf(question) ?? -1
    if (group === undefined || at < 0) return false
    group.splice(at, 1)
    if (group.length === 0) this.#waiting.delete(question.group)
    return true
  }

  /** The thread has done with it, with an answer or without. */
  done(id: number): void {
    if (this.#sent.delete(id)) this.#sendNext()
  }

  #sendNext(): void {
    while (this.#sent.size < this.#sentMax) {
      const [turn] = this.#waiting
      if (turn === undefined) return
      const [name, group] = turn
      const question = group.shift() as Question
      this.#waiting.delete(name)
      if (group.length > 0) this.#waiting.set(name, group)
      this.#sent.add(question.id)
      this.#send(question)
    }
  }
}
