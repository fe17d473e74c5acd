/** The alerts of one filter as they are read: the newest again whenever something may have changed, older ones on demand. */
import type { AlertsApi } from '../api/alerts-api.ts'
import type { Alert, AlertsPage, AlertsQuery } from '../api/alert-types.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { type AlertRows, noRows, renewed, withChanged, withNewest, withOlder } from './alert-rows.ts'

export interface AlertFeedState extends AlertRows {
  readonly phase: 'loading' | 'ready' | 'failed'
  /** Why the first reading failed, or why the newest did: what is shown may then be out of date. */
  readonly error: ApiError | undefined
  /** Alerts that wait until what is being read may move. */
  readonly held: number
  readonly older: 'end' | 'more' | 'loading' | 'failed'
}

const pageRows = 100

export class AlertFeed {
  readonly #api: Pick<AlertsApi, 'list'>
  readonly #query: AlertsQuery
  readonly #listeners = new Set<() => void>()
  readonly #gone = new AbortController()
  #state: AlertFeedState = { ...noRows, phase: 'loading', error: undefined, held: 0, older: 'end' }
  /** The newest page, while the list is held. */
  #waiting: AlertsPage | undefined
  #isHeld = false
  #isReading = false
  #isAskedAgain = false

  constructor(api: Pick<AlertsApi, 'list'>, query: AlertsQuery) {
    this.#api = api
    this.#query = query
  }

  get state(): AlertFeedState {
    return this.#state
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#gone.abort()
  }

  /** Reads the newest page. While one is being read, it is read once more after that. */
  async refresh(): Promise<void> {
    if (this.#isReading) {
      this.#isAskedAgain = true
      return
    }
    this.#isReading = true
    do {
      this.#isAskedAgain = false
      await this.#readNewest()
    } while (this.#isAskedAgain && !this.#gone.signal.aborted)
    this.#isReading = false
  }

  async #readNewest(): Promise<void> {
    try {
      const page = await this.#api.list(this.#query, { limit: pageRows }, this.#gone.signal)
      if (this.#gone.signal.aborted) return
      this.#take(page)
    } catch (error) {
      if (this.#gone.signal.aborted) return
      this.#set({ phase: this.#state.phase === 'ready' ? 'ready' : 'failed', error: asApiError(error) })
    }
  }

  async loadOlder(): Promise<void> {
    const { next, older } = this.#state
    if (next === null || older === 'loading') return
    this.#set({ older: 'loading' })
    try {
      const page = await this.#api.list(this.#query, { limit: pageRows, after: next }, this.#gone.signal)
      if (this.#gone.signal.aborted) return
      // The list may have begun anew meanwhile: then this page is none of it.
      if (this.#state.next === next) this.#list(withOlder(this.#state, page))
      else this.#list(this.#state)
    } catch {
      if (!this.#gone.signal.aborted) this.#set({ older: 'failed' })
    }
  }

  /** While held nothing moves: new alerts wait, those that do not match any more stay. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (!isHeld) this.release()
  }

  /** Shows what waits. */
  release(): void {
    const page = this.#waiting
    if (page === undefined) return
    this.#waiting = undefined
    this.#list(withNewest(this.#state, page), { held: 0 })
  }

  /** An alert was changed by its reader. */
  changed(alert: Alert): void {
    this.#list(withChanged(this.#state, alert, this.#query))
  }

  #take(page: AlertsPage): void {
    if (!this.#isHeld || this.#state.phase !== 'ready') {
      this.#waiting = undefined
      this.#list(withNewest(this.#state, page), { phase: 'ready', error: undefined, held: 0 })
      return
    }
    this.#waiting = page
    const { fresh, ...list } = renewed(this.#state, page)
    this.#list(list, { error: undefined, held: fresh })
  }

  #list(list: AlertRows, change: Partial<AlertFeedState> = {}): void {
    const { rows, next, left } = list
    this.#set({ rows, next, left, older: next === null ? 'end' : 'more', ...change })
  }

  #set(change: Partial<AlertFeedState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
