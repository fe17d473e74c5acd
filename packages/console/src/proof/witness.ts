/** Watches one log for this browser: checks each new head, proves what is on screen, keeps the memory, raises the alarm. */
import { ApiError } from '../api/problem.ts'
import type { LogAlarm } from './alarm.ts'
import { type HeadAnswer, type HeadQuestion, evidenceOf } from './check-head.ts'
import type { TreeHead } from './is-continued.ts'
import { IndexSet } from './index-set.ts'
import {
  type LogMemory,
  type MemoryStore,
  forgetMemory,
  joinMemory,
  memoryName,
  readMemory,
  writeMemory,
} from './memory.ts'
import type { RowsAnswer, ShownRow } from './prove-rows.ts'
import { chooseRows } from './prove-rows.ts'

/** Who does the arithmetic: a web worker in the browser, the functions themselves in tests. */
export interface Prover {
  checkHead(location: string, question: HeadQuestion): Promise<HeadAnswer>
  proveRows(location: string, head: TreeHead, rows: readonly ShownRow[]): Promise<RowsAnswer>
}

/** Time as the witness uses it. */
export interface Timing {
  now(): number
  /** @returns a function that cancels */
  after(ms: number, run: () => void): () => void
}

export interface WitnessState {
  /**
   * `waiting`: nothing checked yet; `verified`: the last check held; `unchecked`: the last check could not be made;
   * `alarm`: the log contradicts what was verified.
   */
  readonly phase: 'waiting' | 'verified' | 'unchecked' | 'alarm'
  readonly memory: LogMemory | undefined
  readonly alarm: LogAlarm | undefined
  readonly proven: IndexSet
  /** Why the last check could not be made. */
  readonly problem: string | undefined
}

export interface WitnessParts {
  readonly account: string
  readonly location: string
  readonly origin: string
  readonly store: MemoryStore
  readonly prover: Prover
  readonly timing: Timing
}

/** Pause between rounds: bounds what proving costs however fast events come. */
export const roundPauseMs = 750
/** The key is asked for again this often, and at start. */
export const keyPauseMs = 60_000
const retryPauseMsMin = 5_000
const retryPauseMsMax = 60_000

export class Witness {
  readonly #parts: WitnessParts
  readonly #name: string
  readonly #listeners = new Set<() => void>()
  #state: WitnessState
  #rows: readonly ShownRow[] = []
  #covered = -1
  #keyAskedAt = -Infinity
  #failures = 0
  #running = false
  #cancel: (() => void) | undefined
  #isStopped = true
  #restUntil = -Infinity

  constructor(parts: WitnessParts) {
    this.#parts = parts
    this.#name = memoryName(parts.account, parts.location)
    const memory = readMemory(parts.store, this.#name)
    const alarm = memory?.alarm
    this.#state = {
      phase: alarm === undefined ? 'waiting' : 'alarm',
      memory,
      alarm,
      proven: IndexSet.empty,
      problem: undefined,
    }
  }

  get state(): WitnessState {
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Begins with a check of the head and the key. */
  start(): void {
    this.#isStopped = false
    this.#plan(0)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** The server says that a checkpoint covers `covered` entries now. */
  headMoved(covered: number): void {
    if (covered === this.#covered) return
    this.#covered = covered
    if (this.#state.phase !== 'alarm' && covered !== this.#state.memory?.head?.size) this.#plan(0)
  }

  /** The rows on screen now; earlier ones are dropped from the work. */
  show(rows: readonly ShownRow[]): void {
    this.#rows = rows
    if (this.#isWorkLeft()) this.#plan(0)
  }

  /** Another window has written the memory: its head and its alarm are ours too. */
  reload(): void {
    const stored = readMemory(this.#parts.store, this.#name)
    if (stored?.alarm !== undefined && this.#state.alarm === undefined) this.#raise(stored.alarm)
    else if (stored !== undefined && this.#state.alarm === undefined) this.#set({ memory: stored })
  }

  /** Raises an alarm found elsewhere, such as by a receipt that does not hold. */
  report(kind: LogAlarm['kind'], seen: LogAlarm['seen'], index?: number): void {
    const now = this.#now()
    this.#raise({
      kind,
      raisedAt: now,
      origin: this.#parts.origin,
      known: evidenceOf(this.#state.memory),
      seen: { ...seen, at: now },
      ...(index === undefined ? {} : { index }),
    })
  }

  /** Marks an event as proven in this browser by its receipt. */
  markProven(index: number): void {
    if (this.#state.phase !== 'alarm') this.#set({ proven: this.#state.proven.with([index]) })
  }

  /** Forgets the log and takes what the server offers as new, because a person decided so. The old is archived. */
  forget(): void {
    forgetMemory(this.#parts.store, this.#name, this.#now())
    this.#keyAskedAt = -Infinity
    this.#restUntil = -Infinity
    this.#set({ phase: 'waiting', memory: undefined, alarm: undefined, proven: IndexSet.empty, problem: undefined })
    this.#plan(0)
  }

  /** A person asks: key and head are checked whatever was checked before. */
  async checkNow(): Promise<void> {
    this.#keyAskedAt = -Infinity
    await this.round()
  }

  /** One round: the head, then what is on screen. Rounds never overlap. */
  async round(): Promise<void> {
    if (this.#running || this.#state.phase === 'alarm') return
    this.#running = true
    try {
      await this.#checkHead()
      if (this.#isWorkLeft()) await this.#proveRows()
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      this.#set({ phase: 'unchecked', problem: problemOf(error) })
    } finally {
      this.#running = false
      this.#restUntil = this.#parts.timing.now() + roundPauseMs
    }
    if (this.#state.phase === 'unchecked') this.#plan(this.#retryPause())
    else if (this.#isWorkLeft() || this.#covered > (this.#state.memory?.head?.size ?? 0)) this.#plan(roundPauseMs)
    else this.#plan(keyPauseMs)
  }

  async #checkHead(): Promise<void> {
    const { prover, location, origin, store, timing } = this.#parts
    const askKey = timing.now() - this.#keyAskedAt >= keyPauseMs
    const known = this.#state.memory?.head
    if (!askKey && this.#state.phase === 'verified' && known?.size === this.#covered) return
    const memory = readMemory(store, this.#name)
    const answer = await prover.checkHead(location, { origin, memory, now: this.#now(), askKey })
    if (askKey) this.#keyAskedAt = timing.now()
    if (answer.kind === 'alarm') return this.#raise(answer.alarm)
    const joined = joinMemory(readMemory(store, this.#name), answer.memory)
    writeMemory(store, this.#name, joined)
    if (joined.alarm !== undefined) return this.#raise(joined.alarm)
    this.#set({ phase: 'verified', memory: joined, problem: undefined })
  }

  async #proveRows(): Promise<void> {
    const head = this.#state.memory?.head
    if (head === undefined) return
    const { prover, location } = this.#parts
    const answer = await prover.proveRows(location, head, chooseRows(this.#unproven(), head.size))
    this.#set({ proven: this.#state.proven.with(answer.proven) })
    if (answer.fault !== undefined) {
      this.report('not-in-log', { size: head.size, root: head.root, note: head.note }, answer.fault)
    }
  }

  #unproven(): ShownRow[] {
    const size = this.#state.memory?.head?.size ?? 0
    return this.#rows.filter((row) => row.index < size && !this.#state.proven.has(row.index))
  }

  #isWorkLeft(): boolean {
    return this.#state.phase !== 'alarm' && this.#unproven().length > 0
  }

  #raise(alarm: LogAlarm): void {
    const { store } = this.#parts
    const base = readMemory(store, this.#name) ?? this.#state.memory
    // Without any memory there is still something to keep: the alarm itself, under what the server called the log.
    const memory = base ?? { origin: this.#parts.origin, key: alarm.seen.key ?? '', keySeenAt: alarm.raisedAt }
    const kept = { ...memory, alarm: memory.alarm ?? alarm }
    writeMemory(store, this.#name, kept)
    this.#set({ phase: 'alarm', memory: kept, alarm: kept.alarm, problem: undefined })
  }

  #plan(ms: number): void {
    if (this.#isStopped || this.#running || this.#state.phase === 'alarm') return
    // While checks fail, nothing makes them come sooner than the pause that was set.
    if (ms === 0 && this.#failures > 0 && this.#cancel !== undefined) return
    this.#cancel?.()
    const wait = Math.max(ms, this.#restUntil - this.#parts.timing.now())
    this.#cancel = this.#parts.timing.after(wait, () => {
      this.#cancel = undefined
      void this.round()
    })
  }

  #retryPause(): number {
    return Math.min(retryPauseMsMax, retryPauseMsMin * 2 ** Math.min(this.#failures - 1, 6))
  }

  #now(): string {
    return new Date(this.#parts.timing.now()).toISOString()
  }

  #set(change: Partial<WitnessState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ApiError) return error.code
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'UNKNOWN'
}
