/** Asking the search threads: short questions on one, searches and tails on the other, each with its queue. */
import { Worker } from 'node:worker_threads'
import { programFiles } from '../../program-files.ts'
import type { Destination } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { FromSearch, QuestionName, Questions, ToSearch, TrackerPlace } from '../messages.ts'
import { badQuery } from './query.ts'
import { type QueuedQuestion, QuestionQueue } from './question-queue.ts'

export interface AskOptions {
  /** Aborting it takes the question back: from the queue at once, from the thread within one slice. */
  readonly signal?: AbortSignal
}

interface Question extends QueuedQuestion {
  readonly ask: Extract<ToSearch, { kind: 'ask' }>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** A thread and what waits for it. */
interface Desk {
  readonly thread: Worker
  readonly queue: QuestionQueue<Question>
}

/** Questions that look at all that matches; they have a thread of their own, started by the first of them. */
const summaries: ReadonlySet<QuestionName> = new Set(['count', 'histogram', 'facets', 'groups', 'span', 'context'])

/** Questions that may have to look at much of a log, with how many of an account may wait; the others are short. */
const longWaiting: Readonly<Partial<Record<QuestionName, number>>> = {
  events: limits.searchesWaiting,
  tail: limits.tails,
  export: limits.exportsOfAccount,
  tally: limits.searchesWaiting,
}

/** Questions of an account that have a turn of their own: they do not wait behind its others, nor these behind them. */
const turns: Readonly<Partial<Record<QuestionName, string>>> = { tail: 'follows', export: 'exports', tally: 'tallies' }

export class Asking {
  /** What is found by its place: never behind a search, however long that runs. */
  readonly #short: Desk
  readonly #long: Desk
  #summing: Desk | undefined
  readonly #places: TrackerPlace[]
  readonly #watch: (thread: Worker) => void
  readonly #open = new Map<number, Question>()
  #nextId = 1

  /** @param watch is given each thread when it begins */
  constructor(places: readonly TrackerPlace[], watch: (thread: Worker) => void) {
    this.#places = [...places]
    this.#watch = watch
    this.#short = this.#desk(limits.questionsSent)
    this.#long = this.#desk(limits.searchesSent)
  }

  get #threads(): readonly Worker[] {
    return [this.#short, this.#long, this.#summing].flatMap((desk) => desk?.thread ?? [])
  }

  /** A tracker to be asked about from now on. */
  add(place: TrackerPlace): void {
    this.#places.push(place)
    for (const thread of this.#threads) thread.postMessage({ kind: 'tracker', place } satisfies ToSearch)
  }

  /** A tracker that is gone: whoever asks about it is told that there is none. */
  remove({ account, location }: Destination): void {
    const at = this.#places.findIndex((place) => place.account === account && place.location === location)
    if (at !== -1) this.#places.splice(at, 1)
    for (const thread of this.#threads) thread.postMessage({ kind: 'removed', account, location } satisfies ToSearch)
  }

  /**
   * @throws Refusal INVALID_QUERY_PARAM_ERR for a bad cursor; TOO_MANY_REQUESTS when too many questions of the account
   *   wait; SEARCH_CANCELLED after 10 s, waiting included; SEARCH_WITHDRAWN when the signal was aborted
   */
  ask<Name extends QuestionName>(
    { account, location }: Destination,
    name: Name,
    given: Questions[Name]['given'],
    { signal }: AskOptions = {},
  ): Promise<Questions[Name]['answer']> {
    if (signal?.aborted === true) return Promise.reject(new Refusal('SEARCH_WITHDRAWN'))
    const waitingMax = summaries.has(name) ? limits.summariesWaiting : longWaiting[name]
    const { queue } = this.#deskFor(name, waitingMax)
    const id = this.#nextId++
    const cancelled = new SharedArrayBuffer(4)
    return new Promise((resolve, reject) => {
      const giveUp = (code: 'SEARCH_CANCELLED' | 'SEARCH_WITHDRAWN'): void => {
        Atomics.store(new Int32Array(cancelled), 0, 1)
        queue.withdraw(question)
        question.reject(new Refusal(code))
      }
      const withdraw = (): void => giveUp('SEARCH_WITHDRAWN')
      const timer = setTimeout(() => giveUp('SEARCH_CANCELLED'), limits.searchMs)
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', withdraw)
        this.#open.delete(id)
        then()
      }
      const question: Question = {
        id,
        group: `${account} ${turns[name] ?? 'asks'}`,
        ask: { kind: 'ask', id, account, location, name, given, cancelled },
        resolve: (answer) => settle(() => resolve(answer as Questions[Name]['answer'])),
        reject: (error) => settle(() => reject(error)),
      }
      signal?.addEventListener('abort', withdraw)
      this.#open.set(id, question)
      if (!queue.add(question, waitingMax ?? limits.questionsWaiting)) question.reject(new Refusal('TOO_MANY_REQUESTS'))
    })
  }

  /** Threads close what they read by themselves, so that whoever writes is the last one; one that does not is ended. */
  async stop(): Promise<void> {
    for (const question of this.#open.values()) question.reject(new Refusal('SEARCH_CANCELLED'))
    await Promise.all(this.#threads.map(ended))
  }

  #deskFor(name: QuestionName, waitingMax: number | undefined): Desk {
    if (summaries.has(name)) return (this.#summing ??= this.#desk(limits.searchesSent))
    return waitingMax === undefined ? this.#short : this.#long
  }

  #desk(sentMax: number): Desk {
    const workerData = { places: this.#places }
    const thread = new Worker(programFiles.threads.search, { workerData })
    this.#watch(thread)
    const queue = new QuestionQueue<Question>(sentMax, ({ ask }) => thread.postMessage(ask))
    thread.on('message', (message: FromSearch) => {
      const question = this.#open.get(message.id)
      if (message.kind === 'answer') question?.resolve(message.answer)
      else question?.reject(refusalOf(message))
      queue.done(message.id)
    })
    return { thread, queue }
  }
}

function refusalOf(message: Extract<FromSearch, { kind: 'error' }>): Error {
  if (message.code === 'BAD_CURSOR')
    return new Refusal('INVALID_QUERY_PARAM_ERR', { at: { type: 'query_param', name: 'cursor' } })
  if (message.place !== undefined) return badQuery(message.message, message.place)
  if (message.code === 'BAD_INPUT') return new Refusal('INVALID_QUERY_PARAM_ERR')
  if (message.code === 'PRUNED') return new Refusal('ENTRIES_PRUNED')
  if (message.code === 'NOT_COVERED') return new Refusal('NOT_COVERED')
  if (message.code === 'CANCELLED') return new Refusal('SEARCH_CANCELLED')
  if (message.code === 'UNKNOWN_TRACKER' || message.code === 'MISSING') return new Refusal('NOT_FOUND')
  return new Error(`search thread: ${message.code}: ${message.message}`)
}

/** Longest wait for a thread that is in the middle of a search. */
const STOP_MS = 1_000

async function ended(thread: Worker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const late = setTimeout(resolve, STOP_MS)
  thread.once('exit', () => resolve())
  thread.postMessage({ kind: 'stop' } satisfies ToSearch)
  await promise
  clearTimeout(late)
  await thread.terminate()
}
