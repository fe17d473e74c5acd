/** What a full verification of a log can find, and its report. */
import type { Checkpoint } from './checkpoint.ts'
import type { Hash } from './hash.ts'
import type { NoteVerifier } from './verifier-key.ts'

/**
 * - `SIGNATURE` the checkpoint is malformed, unsigned or badly signed: nothing else was looked at
 * - `CHANGED` the bytes of entry `index` are not those that were logged
 * - `SWAPPED` the entries `index` and `other` stand in each other's place
 * - `MISSING` `count` entries from `index` on are not there
 * - `EXTRA` `count` entries from `index` on were put in
 * - `REWRITTEN` somewhere among the `count` entries from `index` on, entries and their stored hashes were both changed
 * - `MALFORMED` an entry bundle has not the form of one, from entry `index` on
 * - `UNREADABLE` the log could not give the bundle or tile at `path`
 * - `TILE` the stored hash tile at `path` does not hold what the entries say; `index` is the first entry it misplaces
 * - `ROOT` the entries lead to another root than the signed one
 * - `HEAD` the entries lead to another root than an earlier head of size `index`, or the tree is smaller than it
 */
export type LogFaultKind =
  | 'SIGNATURE'
  | 'CHANGED'
  | 'SWAPPED'
  | 'MISSING'
  | 'EXTRA'
  | 'REWRITTEN'
  | 'MALFORMED'
  | 'UNREADABLE'
  | 'TILE'
  | 'ROOT'
  | 'HEAD'

/** One thing that is wrong with a log. */
export interface LogFault {
  readonly kind: LogFaultKind
  /** One sentence for a person. */
  readonly message: string
  /** First entry concerned. */
  readonly index?: number
  /** Entries concerned, from `index` on. */
  readonly count?: number
  /** The other entry of a swapped pair. */
  readonly other?: number
  /** Path of the tile or bundle concerned. */
  readonly path?: string
}

/** A tree head that was seen and verified before. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** How far a verification has come. */
export interface LogProgress {
  /** Entries hashed so far, of `size`. */
  readonly entries: number
  readonly size: number
  /** Bytes of entries hashed so far. */
  readonly bytes: number
}

/** The result of {@link verifyLog}. */
export interface LogReport {
  /** True when there is no fault: every byte of every entry is what the signed root commits to. */
  readonly ok: boolean
  /** The checkpoint, when its signature holds. */
  readonly checkpoint?: Checkpoint
  /** Names of the keys whose signatures of the checkpoint hold. */
  readonly verified: readonly string[]
  /** The root computed from the entries' bytes alone; absent when some could not be read. */
  readonly root?: Uint8Array
  /** Entries below the minimum index, for which their stored hashes stood. */
  readonly pruned: number
  /** Entries hashed. */
  readonly entries: number
  /** Bytes of entries hashed. */
  readonly bytes: number
  /** Hash tiles compared. */
  readonly tiles: number
  /** What is wrong, in the order of the log, at most `faultsMax`. */
  readonly faults: readonly LogFault[]
  /** Faults found beyond those listed. */
  readonly moreFaults: number
  /** The first entry that is known to be wrong. */
  readonly firstBadIndex?: number
}

/** Reads a resource of the log; throws {@link NotStored} when the log does not have it or cannot give it. */
export type ReadBytes = Uint8Array | Promise<Uint8Array>

/** What {@link verifyLog} works on. */
export interface VerifyLogOptions {
  /** The signed note of the checkpoint to verify against. */
  checkpoint: string
  /** Keys that may have signed it; one must have the origin's name. */
  verifiers: readonly NoteVerifier[]
  /** Reads entry bundle `n` of `width` entries. Its length bytes are overwritten while it is hashed, and put back. */
  readBundle(n: number, width: number): ReadBytes
  /** Reads hash tile `n` of a tile level, of `width` hashes. */
  readTile(level: number, n: number, width: number): ReadBytes
  /**
   * The log's minimum index, when it has pruned (see `openMinimumIndex`): bundles wholly below it are not read, and the
   * stored leaf hashes stand for their entries. The signed root proves these.
   */
  minimum?: number
  /** Whether a bundle below the minimum index is there all the same, as in an older copy: then it is read. */
  hasBundle?(n: number): boolean
  /** Heads seen before: the tree must have had these roots at these sizes. */
  heads?: readonly TreeHead[]
  /** Default: the portable one of this package. In Node pass `platformHash(crypto.hash)`. */
  hash?: Hash
  /** Called after every bundle. */
  progress?: (progress: LogProgress) => void
  /** Faults listed at most, default 100. */
  faultsMax?: number
  /** Bundles asked for ahead of the one being hashed, default 4. */
  readAhead?: number
}
