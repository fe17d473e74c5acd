/** What a row of the benchmark is, what it is given, and what it answers. */
import type { Calibration } from './calibration.ts'
import type { Random } from './random.ts'
import type { Workshop } from './workshop.ts'

export interface BenchOptions {
  /** Interleaved rounds of each comparison. */
  readonly rounds: number
  /** Measured time of each contender in each round, seconds. */
  readonly seconds: number
  /** Unmeasured time before it, seconds. */
  readonly warmUp: number
  /** Events of the rows that fill a log. */
  readonly events: number
}

export interface Bench {
  readonly options: BenchOptions
  /** Temporary folder, compiled programs, what several rows share. */
  readonly workshop: Workshop
  readonly calibration: Calibration
  readonly random: Random
  /** Says what happens now, on standard error. */
  readonly say: (text: string) => void
}

/** One figure with its bounds from the design, section 13. */
export interface Figure {
  /** What is measured. */
  readonly what: string
  /** What it is divided by; absent for a plain figure with a unit. */
  readonly beside?: string
  /** `times` for ratios; or the unit of a plain figure, such as `ms`. */
  readonly unit: string
  /** One value per round. */
  readonly rounds: readonly number[]
  readonly must?: number
  readonly goal?: number
  /** Whether lower values are the better ones. */
  readonly isLowerBetter?: boolean
  /** Why it must not be relied on, when it is withheld. */
  readonly withheld?: string
}

export interface RowReport {
  readonly figures: readonly Figure[]
  /** Absolute values, for orientation: never to be compared between rows or runs. */
  readonly absolute: readonly string[]
  /** What was checked besides speed: correct answers, counted sync calls. */
  readonly checks: readonly string[]
  /** Parts left out, by name, with the reason. */
  readonly skipped: readonly string[]
  /** Raw values by contender, one per round. */
  readonly raw: Readonly<Record<string, readonly number[]>>
}

export interface Row {
  readonly name: string
  readonly title: string
  run(bench: Bench): Promise<RowReport>
}
