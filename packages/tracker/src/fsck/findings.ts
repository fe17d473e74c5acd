/** What a check found, counted without bound and listed up to one. */
import type { Finding } from '../check-api.ts'
import { findingsMax } from '../limits.ts'
import { asTrackerError } from '../store/sqlite-error.ts'

export class Findings {
  readonly #listed: Finding[] = []
  #total = 0

  add(finding: Finding): void {
    this.#total += 1
    if (this.#listed.length < findingsMax) this.#listed.push(finding)
  }

  /** Runs a part of the check; a damaged page ends that part, not the check. */
  surviving<Result>(file: string, work: () => Result): Result | undefined {
    try {
      return work()
    } catch (error) {
      if (asTrackerError(error, '').code !== 'CORRUPT') throw error
      this.add({ kind: 'bad-store', message: `${file} cannot be read: ${(error as Error).message}`, file })
      return undefined
    }
  }

  /** Runs a read that may meet a damaged page; undefined when it did, of which nothing is said. */
  quietly<Result>(work: () => Result): Result | undefined {
    try {
      return work()
    } catch (error) {
      if (asTrackerError(error, '').code !== 'CORRUPT') throw error
      return undefined
    }
  }

  get listed(): readonly Finding[] {
    return this.#listed
  }

  get total(): number {
    return this.#total
  }
}
