/** Publishing: signs what the log has grown to, so that what it covers can be proved to anybody. */
import { formatCheckpoint, signNote } from '@keywitness/tlog'
import type { CheckpointKey } from './checkpoint-key.ts'
import { checkpointStayMs } from './limits.ts'
import { type SignedHead, writeSignedHead } from './signed-head.ts'
import type { Database, Disk, Statement } from './store/disk.ts'
import type { GrowingTree } from './tree/growing-tree.ts'

const hourMs = 3_600_000

export interface PublisherParts {
  readonly db: Database
  readonly disk: Disk
  readonly keyFolder: string
  readonly origin: string
  /** Each signs every checkpoint, in this order. */
  readonly keys: readonly CheckpointKey[]
}

/** Signs and keeps the checkpoints of one log. */
export class Publisher {
  readonly #parts: PublisherParts
  #keys: readonly CheckpointKey[]
  readonly #insert: Statement<never>
  readonly #isHourKept: Statement<{ found: number }>
  readonly #forget: Statement<never>
  readonly #keep: Statement<never>

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#keys = parts.keys
    this.#insert = parts.db.prepare(
      'INSERT OR IGNORE INTO checkpoints (size, note, signed_at, kept) VALUES (?, ?, ?, ?)',
    )
    this.#isHourKept = parts.db.prepare('SELECT 1 AS found FROM checkpoints WHERE kept=1 AND signed_at>=? LIMIT 1')
    this.#forget = parts.db.prepare('DELETE FROM checkpoints WHERE kept=0 AND signed_at<? AND size<?')
    this.#keep = parts.db.prepare('UPDATE checkpoints SET kept=1 WHERE size=?')
  }

  /**
   * Signs the tree, which must have grown since the last signed size. The highest signed head is on the disk before the
   * note can be read by anybody: a crash in between leaves a head that `republish` makes readable at the next start.
   */
  publish(tree: GrowingTree, now: number): SignedHead {
    const checkpoint = { origin: this.#parts.origin, size: tree.size, root: tree.root(), extensions: [] }
    const note = signNote(
      formatCheckpoint(checkpoint),
      this.#keys.map(({ signer }) => signer),
    )
    writeSignedHead(this.#parts.disk, this.#parts.keyFolder, note)
    this.republish({ checkpoint, note }, now)
    return { checkpoint, note }
  }

  /** From now on these keys sign. */
  use(keys: readonly CheckpointKey[]): void {
    this.#keys = keys
  }

  /** Makes a signed head readable. Does nothing when it is. */
  republish({ checkpoint, note }: SignedHead, now: number): void {
    this.#parts.db.transaction(() => {
      const isFirstOfHour = this.#isHourKept.get(now - (now % hourMs)) === undefined
      this.#insert.run(checkpoint.size, note, now, isFirstOfHour ? 1 : 0)
      this.#forget.run(now - checkpointStayMs, checkpoint.size)
    })
  }

  /** Marks a checkpoint as one to keep for ever; false when there is none of this size. */
  keep(size: number): boolean {
    return this.#parts.db.transaction(() => Number(this.#keep.run(size).changes) > 0)
  }
}
