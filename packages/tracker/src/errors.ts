/** Everything that can go wrong in a tracker, as one class with a stable code. */

/**
 * - `LOCKED`: another process or thread is the writer of this tracker.
 * - `NEWER_SCHEMA`: the store was written by a newer version; it is left as it is.
 * - `CORRUPT`: a file is not what it must be; `file` names it.
 * - `FORKED`: the tree on disk is not the one that was signed; nothing may be signed any more.
 * - `DISK_FULL`: no space left; nothing of the call was kept, it may be repeated.
 * - `READ_ONLY`: the folder or file may not be written.
 * - `MISSING`: the folder, key, segment or tile does not exist.
 * - `IO`: the disk answered with another error; the next call reads the state back from the store.
 * - `BAD_INPUT`: the caller broke the contract (bounds, types, order).
 * - `BAD_CURSOR`: not a cursor of this query.
 * - `CANCELLED`: the caller withdrew the query.
 * - `CLOSED`: used after `close`.
 * - `PRUNED`: the entry is below the log's minimum index.
 * - `ENDED`: the log has its final checkpoint; nothing is appended any more.
 */
export type TrackerErrorCode =
  | 'LOCKED'
  | 'NEWER_SCHEMA'
  | 'CORRUPT'
  | 'FORKED'
  | 'DISK_FULL'
  | 'READ_ONLY'
  | 'MISSING'
  | 'IO'
  | 'BAD_INPUT'
  | 'BAD_CURSOR'
  | 'CANCELLED'
  | 'CLOSED'
  | 'PRUNED'
  | 'ENDED'

/** An error of the tracker. `message` is for operators and holds no event content. */
export class TrackerError extends Error {
  readonly code: TrackerErrorCode
  /** The file concerned, if one is. */
  readonly file: string | undefined

  constructor(code: TrackerErrorCode, message: string, options: { file?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TrackerError'
    this.code = code
    this.file = options.file
  }
}
