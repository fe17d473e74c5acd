/** What a check found, counted without bound and listed up to one. */
import type { Finding } from '../api.ts'
import { findingsMax } from '../limits.ts'

export class Findings {
  readonly #listed: Finding[] = []
  #total = 0

  add(finding: Finding): void {
    this.#total += 1
    if (this.#listed.length < findingsMax) this.#listed.push(finding)
  }

  get listed(): readonly Finding[] {
    return this.#listed
  }

  get total(): number {
    return this.#total
  }
}
