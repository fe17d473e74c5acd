/** Attachments: lists too long for an entry, kept whole under their SHA-256. Entries name them, the log proves them so. */
import { sha256Of } from '../hash.ts'
import type { Database, Statement } from '../store/disk.ts'

export class AttachmentRows {
  readonly #db: Database
  #insert: Statement<never> | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** Keeps what came with the entry of an index. The same content is kept once. */
  keep(content: Uint8Array, index: number): void {
    this.#insert ??= this.#db.prepare(
      `INSERT INTO attachments (sha256, content, newest) VALUES (?, ?, ?)
       ON CONFLICT (sha256) DO UPDATE SET newest=max(newest, excluded.newest)`,
    )
    this.#insert.run(sha256Of(content), content, index)
  }

  /** The content of a hash. */
  content(sha256: Uint8Array): Uint8Array | undefined {
    const row = this.#db.prepare<{ content: Uint8Array }>('SELECT content FROM attachments WHERE sha256=?').get(sha256)
    return row?.content
  }
}
