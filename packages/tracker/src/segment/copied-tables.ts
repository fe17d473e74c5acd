/** Takes the search tables of a segment over from the index of the head, which has made them once already. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HASH_BYTES, sameBytes } from '@keywitness/tlog'
import type { SegmentRange } from '../api.ts'
import { leafHashInto } from '../hash.ts'
import type { EntryRows } from '../head/entry-rows.ts'
import { indexFile } from '../head/schema.ts'
import { isIndex, type IndexStretch } from '../search/index-file.ts'
import { foldedText, growingTables, sealedTables } from '../search/schema.ts'
import type { Database } from '../store/disk.ts'

/** The index of the head, attached to a draft. Nothing is written to it. */
export class AttachedIndex {
  readonly #db: Database

  private constructor(db: Database) {
    this.#db = db
  }

  /** Undefined when there is no index. To be called outside of a transaction. */
  static attach(db: Database, folder: string): AttachedIndex | undefined {
    const file = join(folder, indexFile)
    if (!existsSync(file)) return undefined
    // Read-only: a transaction of the draft must not lock the index against its follower.
    db.prepare('ATTACH DATABASE ? AS head').run(`${pathToFileURL(file).href}?mode=ro`)
    return new AttachedIndex(db)
  }

  detach(): void {
    this.#db.exec('DETACH DATABASE head')
  }

  /** Whether it has a stretch that is just this range, followed to its end, of this history of the log. */
  has({ from, to }: SegmentRange, rows: EntryRows): boolean {
    if (!isIndex(this.#db, 'head')) return false
    const progress = this.#db
      .prepare<{ cursor: number; leaf: Uint8Array }>('SELECT cursor, leaf FROM head.progress')
      .get()
    if (progress === undefined || progress.cursor < to) return false
    const stretch = this.#db.prepare<IndexStretch>('SELECT first, last FROM head.stretches WHERE first = ?').get(from)
    if (stretch?.last !== to) return false
    const leaf = new Uint8Array(HASH_BYTES)
    for (const { bytes } of rows.range(progress.cursor - 1, progress.cursor)) leafHashInto(bytes, leaf, 0)
    return sameBytes(progress.leaf, leaf)
  }

  /**
   * Copies the tables of a range that it has, in the transaction of the draft. Full text is copied as it is stored and
   * merged afterwards: its tables are described in the SQLite documentation of FTS5, section "FTS5 Data Structures".
   */
  copy({ from, to }: SegmentRange): boolean {
    const is = growingTables(from)
    const { event, words, minute, value } = sealedTables
    this.#db.exec(`
      INSERT INTO main.${event} SELECT * FROM head.${is.event} ORDER BY entry;
      INSERT INTO main.${minute} SELECT * FROM head.${is.minute} ORDER BY minute, severity, outcome;
      INSERT INTO main.${value} SELECT code, columns, text, ${foldedText(is)} FROM head.${is.value} ORDER BY code;
      DELETE FROM main.${words}_data;
      INSERT INTO main.${words}_data SELECT * FROM head.${is.words}_data ORDER BY id;
      INSERT INTO main.${words}_idx SELECT * FROM head.${is.words}_idx ORDER BY segid, term;
      INSERT INTO main.${words} (${words}) VALUES ('optimize');
    `)
    const counted = this.#db
      .prepare<{ count: number; first: number; last: number }>(
        `SELECT count(*) AS count, min(entry) AS first, max(entry) AS last FROM main.${event}`,
      )
      .get()
    return counted?.count === to - from && counted.first === from && counted.last === to - 1
  }
}
