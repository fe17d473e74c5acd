/** A rule tried on what was recorded: what it would have fired, looked for in slices between other work. */
import type { TrackerReader } from '@keywitness/tracker'
import { AlertSubject, Evaluation, type EvaluationOptions, type Firing } from '@keywitness/tracker/alerts'
import { firedOf } from './evidence.ts'
import { indexSince } from './log-time.ts'
import type { Fired, TestAnswer, TestAsk, TestProblem } from './messages.ts'

/** Entries read at once, how long one slice may take, and how long one entry may, milliseconds. */
const sliceEntries = 50
const sliceMs = 20
const entryMsMax = 250
/** Entries looked at in all, and how long it may take in all, milliseconds. */
const testEntriesMax = 2_000_000
const testMs = 30_000
const listedMax = 100

export class RuleTest {
  readonly #ask: TestAsk
  readonly #reader: TrackerReader
  readonly #evaluation: Evaluation
  readonly #end: number
  readonly #began = performance.now()
  #position: number
  #looked = 0
  #total = 0
  /** The latest time seen, which is none ahead of what was asked for: what falls due without an event falls due by it. */
  #time = 0
  #isTooCostly = false
  readonly #fired: Fired[] = []

  constructor(ask: TestAsk, reader: TrackerReader, locate: EvaluationOptions['locate']) {
    this.#ask = ask
    this.#reader = reader
    const calendars = new Map(ask.calendars.map((calendar) => [calendar.id, calendar]))
    this.#evaluation = new Evaluation(ask.rule, { calendars, ...(locate === undefined ? {} : { locate }) })
    this.#position = indexSince(reader, ask.from - this.#evaluation.lookbackMs)
    this.#end = reader.size()
  }

  /** One slice; the answer when it was the last one. */
  step(): TestAnswer | { readonly problem: TestProblem } | undefined {
    const until = performance.now() + sliceMs
    while (performance.now() < until) {
      if (this.#isTooCostly) return { problem: 'TOO_COSTLY' }
      const isOver = this.#looked >= testEntriesMax || performance.now() - this.#began > testMs
      if (this.#position >= this.#end || isOver) return this.#answer()
      this.#read()
    }
    return undefined
  }

  #read(): void {
    const end = Math.min(this.#end, this.#position + sliceEntries)
    const entries = this.#reader.range(this.#position, end, end - this.#position)
    for (const { index, bytes } of entries) {
      const subject = new AlertSubject(index, bytes, this.#time)
      if (subject.time >= this.#ask.to) continue
      this.#looked += 1
      const before = performance.now()
      if (subject.time > this.#time) {
        this.#time = subject.time
        this.#collect(this.#evaluation.tick(subject.time))
      }
      this.#collect(this.#evaluation.see(subject))
      if (performance.now() - before <= entryMsMax) continue
      this.#isTooCostly = true
      return
    }
    this.#position = (entries.at(-1)?.index ?? end - 1) + 1
  }

  #collect(firings: readonly Firing[]): void {
    const live = { rule: this.#ask.rule, version: 0, liveFrom: 0, joined: true }
    for (const firing of firings) {
      if (firing.at < this.#ask.from) continue
      this.#total += 1
      if (this.#fired.length >= listedMax) continue
      this.#fired.push(firedOf({ live, firing, triggers: [firing.trigger] }, this.#reader, [], 0))
    }
  }

  #answer(): TestAnswer {
    const isComplete = this.#position >= this.#end
    if (isComplete) this.#collect(this.#evaluation.tick(this.#ask.to))
    return {
      from: this.#ask.from,
      to: isComplete ? this.#ask.to : this.#time,
      events: this.#looked,
      isComplete,
      total: this.#total,
      firings: this.#fired,
    }
  }
}
