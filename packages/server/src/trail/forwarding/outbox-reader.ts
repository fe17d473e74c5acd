/** The outbox as who delivers it reads it: on a connection of its own that writes nothing, and no further than the disk has it. */
import { DatabaseSync } from 'node:sqlite'
import type { Destination } from '../../audit.ts'
import { limits } from '../../limits.ts'

export interface OutboxRow {
  readonly number: number
  readonly epoch: number
  readonly sequence: number
  readonly recorded_at: number
  readonly entry: Uint8Array
}

/** Rows that are handed over together, and the bytes of what is attached to them, by number. */
export interface OutboxBatch {
  readonly rows: readonly OutboxRow[]
  readonly attached: ReadonlyMap<number, number>
  /** Whether these are all that there were. */
  readonly isAll: boolean
}

export interface ProducerRow {
  readonly destination: number
  readonly producer: string
  readonly delivered: number
}

export class OutboxReader {
  readonly #db: DatabaseSync
  readonly #durable: BigInt64Array
  readonly #rowsAfter
  readonly #attachedTo
  readonly #attachments
  readonly #newest
  readonly #producer
  readonly #rowAt
  readonly #firstAfter
  readonly #left

  /**
   * @param durable number of the newest row that the disk has (`Committer.durable`). What is beyond it can be read here and may
   *   be lost with the power; a tracker that has it would hold another event under its number later.
   */
  constructor(serverFile: string, durable: SharedArrayBuffer) {
    this.#durable = new BigInt64Array(durable)
    const db = new DatabaseSync(serverFile, { readOnly: true, timeout: 5_000 })
    this.#db = db
    // `+?`, not `?`: SQLite compiles a statement anew whenever a bound limit is set.
    this.#rowsAfter = db.prepare(
      'SELECT number, epoch, sequence, recorded_at, entry FROM outbox WHERE number > ? AND number <= ? AND destination = ? ORDER BY number LIMIT +?',
    )
    this.#attachedTo = db.prepare(
      `SELECT number, sum(length(content)) AS bytes FROM outbox_attachments WHERE number BETWEEN ? AND ?
       GROUP BY number ORDER BY number`,
    )
    this.#attachments = db.prepare('SELECT content FROM outbox_attachments WHERE number = ?')
    this.#newest = db.prepare('SELECT max(number) AS newest FROM outbox WHERE number <= ?')
    this.#producer = db.prepare(
      `SELECT destination, producer, delivered FROM producers WHERE account = ? AND location = ? AND ended = ?
       ORDER BY destination DESC LIMIT 1`,
    )
    this.#left = db.prepare(
      `SELECT max(number) AS number, count(*) AS events, total(length(entry) + ifnull(
         (SELECT sum(length(content)) FROM outbox_attachments AS a WHERE a.number = outbox.number), 0)) AS bytes
       FROM outbox WHERE destination = ? AND number > ? AND number <= ?`,
    )
    this.#rowAt = db.prepare('SELECT sequence FROM outbox WHERE number = ? AND destination = ?')
    this.#firstAfter = db.prepare('SELECT min(number) AS first FROM outbox WHERE destination = ? AND sequence > ?')
  }

  get #limit(): bigint {
    return Atomics.load(this.#durable, 0)
  }

  /** Number of the newest row of all. */
  newest(): number {
    return (this.#newest.get(this.#limit) as { newest: number | null }).newest ?? 0
  }

  /** The next rows of a destination, as many as may be handed over together with their attachments, at least one. */
  batch(after: number, destination: number, max: number, attachedBytesMax: number): OutboxBatch {
    const found = this.#rowsAfter.all(after, this.#limit, destination, max) as unknown as OutboxRow[]
    const attached = new Map<number, number>()
    const isAll = found.length < max
    const [first, last] = [found[0], found.at(-1)]
    if (first === undefined || last === undefined) return { rows: found, attached, isAll }
    for (const row of this.#attachedTo.all(first.number, last.number)) {
      attached.set(row['number'] as number, row['bytes'] as number)
    }
    if (attached.size === 0) return { rows: found, attached, isAll }
    let bytes = 0
    const end = found.findIndex(({ number }, place) => {
      bytes += attached.get(number) ?? 0
      return place > 0 && bytes > attachedBytesMax
    })
    return end === -1 ? { rows: found, attached, isAll } : { rows: found.slice(0, end), attached, isAll: false }
  }

  attachments(number: number): Uint8Array[] {
    return this.#attachments.all(number).map((row) => row['content'] as Uint8Array)
  }

  /** Who numbers the events of a place; of a tracker that was removed, who did until then. */
  producer({ account, location, isEnding = false }: Destination & { isEnding?: boolean }): ProducerRow | undefined {
    return this.#producer.get(account, location, isEnding ? 1 : 0) as ProducerRow | undefined
  }

  /**
   * Where to go on. A tracker that is behind what was acknowledged was restored from an older copy: what the outbox
   * still has is handed over once more.
   * @param held the highest number of the producer that the tracker has
   */
  cursor({ destination, delivered }: ProducerRow, held: number): number {
    const acknowledged = this.#rowAt.get(delivered, destination) as { sequence: number } | undefined
    if (acknowledged === undefined || held >= acknowledged.sequence) return delivered
    return this.before(destination, held) ?? delivered
  }

  /** The number before the first row of a destination above a sequence; undefined when there is none. */
  before(destination: number, sequence: number): number | undefined {
    const { first } = this.#firstAfter.get(destination, sequence) as { first: number | null }
    return first === null ? undefined : first - 1
  }

  /** What is not acknowledged of a destination, and its newest row. */
  left({ destination, delivered }: ProducerRow): {
    destination: number
    number: number
    events: number
    bytes: number
  } {
    const found = this.#left.get(destination, delivered, this.#limit) as {
      number: number | null
      events: number
      bytes: number
    }
    return { destination, ...found, number: found.number ?? delivered }
  }

  close(): void {
    this.#db.close()
  }
}

/** Rows handed over at once to a tracker of this server. */
export function localBatch(outbox: OutboxReader, after: number, destination: number): OutboxBatch {
  return outbox.batch(after, destination, limits.forwardBatch, limits.forwardAttachmentBytes)
}
