/** What is recorded but not delivered yet, by destination: how much there may be, and who has to wait. */
import { limits } from '../limits.ts'
import type { Reader } from '../store/store.ts'

export class Backlog {
  readonly #events = new Map<number, number>()
  #total = 0
  #bytes = 0

  constructor(reader: Reader) {
    const rows = reader.all<{ destination: number; events: number; bytes: number }>(
      `SELECT destination, count(*) AS events, sum(length(entry) + attached) AS bytes FROM (
         SELECT destination, entry, number, ifnull(
           (SELECT sum(length(content)) FROM outbox_attachments AS a WHERE a.number = outbox.number), 0) AS attached
         FROM outbox
       ) JOIN producers USING (destination) WHERE number > delivered GROUP BY destination`,
    )
    for (const { destination, events, bytes } of rows) {
      this.add(destination, events)
      this.addBytes(bytes)
    }
  }

  get events(): number {
    return this.#total
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Events that a destination waits for. */
  of(destination: number): number {
    return this.#events.get(destination) ?? 0
  }

  add(destination: number, events: number): void {
    this.#events.set(destination, (this.#events.get(destination) ?? 0) + events)
    this.#total += events
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes
  }

  delivered(destination: number, events: number, bytes: number): void {
    const left = Math.max(0, (this.#events.get(destination) ?? 0) - events)
    this.#events.set(destination, left)
    this.#total = Math.max(0, this.#total - events)
    this.#bytes = Math.max(0, this.#bytes - bytes)
  }

  /**
   * Whether a destination has to wait. The second half of the room is for those who hold less than half of the backlog:
   * an account whose tracker is missing must not stop the others.
   */
  isFullFor(destination: number): boolean {
    if (this.#total >= limits.outboxEvents || this.#bytes >= limits.outboxBytes) return true
    const isHalfFull = this.#total >= limits.outboxEvents / 2 || this.#bytes >= limits.outboxBytes / 2
    return isHalfFull && (this.#events.get(destination) ?? 0) > this.#total / 2
  }
}
