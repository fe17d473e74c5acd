/** What was pruned, as the head keeps it: each minimum index with the note that signs it, and what outlives pruning. */
import type { StoredEntry } from '../api.ts'
import type { Database, Statement } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import { minimumSince } from './schema.ts'

/** A minimum index and the note that says it. */
export interface SignedMinimum {
  readonly index: number
  readonly note: string
}

export class MinimumRows {
  readonly #db: Database
  #current: Statement<SignedMinimum> | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** The one in force; undefined when nothing was ever pruned. */
  current(): SignedMinimum | undefined {
    // Asked for each view of the log; a reader may be there before the writer that makes the table.
    if (this.#current === undefined && schemaVersion(this.#db) < minimumSince) return undefined
    this.#current ??= this.#db.prepare<SignedMinimum>(
      'SELECT minimum AS "index", note FROM minimum_index ORDER BY minimum DESC LIMIT 1',
    )
    return this.#current.get()
  }

  /** Part of the transaction that prunes. */
  raise({ index, note }: SignedMinimum, now: number): void {
    this.#db.prepare('INSERT INTO minimum_index (minimum, note, signed_at) VALUES (?, ?, ?)').run(index, note, now)
  }

  /** Another note that says the same. */
  resign({ index, note }: SignedMinimum, now: number): void {
    this.#db.prepare('UPDATE minimum_index SET note=?, signed_at=? WHERE minimum=?').run(note, now, index)
  }

  /** Keeps an entry beyond its segment. */
  keep({ index, bytes }: StoredEntry): void {
    this.#db.prepare('INSERT OR IGNORE INTO kept_entries (entry, bytes) VALUES (?, ?)').run(index, bytes)
  }

  /** Drops what only entries below an index name. */
  dropAttachments(below: number): void {
    this.#db.prepare('DELETE FROM attachments WHERE newest < ?').run(below)
  }

  kept(): StoredEntry[] {
    if (schemaVersion(this.#db) < minimumSince) return []
    return this.#db
      .prepare<StoredEntry>('SELECT entry AS "index", bytes FROM kept_entries ORDER BY entry')
      .all()
      .map(({ index, bytes }) => ({ index, bytes }))
  }
}
