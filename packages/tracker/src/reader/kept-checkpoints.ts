/** The checkpoints that a log keeps for ever: the first of each hour, and those that were handed out. */
import { parseCheckpoint, parseNote, toBase64 } from '@keywitness/tlog'
import type { SignedSize } from '../api.ts'
import type { KeptCheckpoint } from '../key-api.ts'
import { TrackerError } from '../errors.ts'
import { checkpointPageMax } from '../limits.ts'
import type { Database, Statement } from '../store/disk.ts'

interface CheckpointRow {
  readonly size: number
  readonly note: string
  readonly signed_at: number
}

export class CheckpointRows {
  readonly #file: string
  readonly #kept: Statement<CheckpointRow>
  readonly #first: Statement<CheckpointRow>
  readonly #one: Statement<CheckpointRow>
  readonly #signed: Statement<{ size: number; signed_at: number; kept: number }>

  constructor(db: Database) {
    this.#file = db.file
    this.#kept = db.prepare(
      'SELECT size, note, signed_at FROM checkpoints WHERE kept=1 AND size<? ORDER BY size DESC LIMIT ?',
    )
    this.#first = db.prepare(
      'SELECT size, note, signed_at FROM checkpoints WHERE size BETWEEN ? AND ? ORDER BY size LIMIT 1',
    )
    this.#signed = db.prepare('SELECT size, signed_at, kept FROM checkpoints WHERE size>? ORDER BY size LIMIT ?')
    this.#one = db.prepare('SELECT size, note, signed_at FROM checkpoints WHERE size=?')
  }

  /** Kept checkpoints of sizes below `before`, largest first. @throws TrackerError BAD_INPUT, CORRUPT */
  kept(before: number, limit: number): KeptCheckpoint[] {
    const isRange = Number.isSafeInteger(before) && before >= 0
    if (!isRange || !(limit >= 1 && limit <= checkpointPageMax)) {
      throw new TrackerError('BAD_INPUT', 'not a page of checkpoints')
    }
    return this.#kept.all(before, limit).map((row) => this.#described(row))
  }

  /** The checkpoint of a size, kept or not; undefined when there is none. @throws TrackerError CORRUPT */
  at(size: number): KeptCheckpoint | undefined {
    const row = this.#one.get(size)
    return row === undefined ? undefined : this.#described(row)
  }

  /** When the stored checkpoints of sizes above `after` were signed, smallest first; those that are not kept stay an hour. */
  signedAfter(after: number, limit: number): SignedSize[] {
    return this.#signed
      .all(after, limit)
      .map(({ size, signed_at: signedAt, kept }) => ({ size, signedAt, isKept: kept === 1 }))
  }

  /** The smallest checkpoint of a size from `from` to `to`. @throws TrackerError CORRUPT */
  between(from: number, to: number): KeptCheckpoint | undefined {
    const row = this.#first.get(from, to)
    return row === undefined ? undefined : this.#described(row)
  }

  #described({ size, note, signed_at: signedAt }: CheckpointRow): KeptCheckpoint {
    try {
      return { size, root: toBase64(parseCheckpoint(parseNote(note).text).root), signedAt, note }
    } catch (error) {
      const message = `the checkpoint of size ${size} in ${this.#file} is no signed checkpoint`
      throw new TrackerError('CORRUPT', message, { file: this.#file, cause: error })
    }
  }
}
