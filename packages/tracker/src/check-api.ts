/** What the independent check of a tracker is given and finds, as plain data. */

export interface FsckOptions {
  readonly folder: string
  /** Where the highest signed head lies; without it that comparison is left out and said so. */
  readonly keyFolder?: string
  /** Verifier key the checkpoints must be signed with; default: the key in `keyFolder`. */
  readonly verifierKey?: string
  /**
   * How many sealed entries' search tables are compared with what the entries say: whole segments, drawn by lot. Default:
   * all. The index of the head is compared unless it is 0.
   */
  readonly searchEntries?: number
  readonly progress?: (done: number, total: number) => void
  /** Awaited every few thousand entries and between files, where no view of the head is held: for lighter work. */
  readonly pause?: () => Promise<void>
}

/**
 * - `changed-entry`: bytes do not hash to the tree's leaf. `swapped-entries`: two entries are in each other's place.
 * - `missing-entry`: an index without bytes. `extra-entry`: bytes beyond what the log holds.
 * - `wrong-leaf`: bytes are right by the signed tree, the stored leaf hash is not.
 * - `bad-tile`: a stored tile is not what the leaves hash to. `missing-tile`: a full tile is not stored.
 * - `bad-segment`: a segment cannot be opened or read, or its file differs from the register.
 * - `bad-checkpoint`: signature, origin or root of a kept checkpoint is wrong.
 * - `signed-head`: the tree is not the one signed last. `bad-producer`: stored numbers differ from the entries'.
 * - `bad-entry`: an entry is not in the entry format. `bad-store`: the database file itself is damaged.
 * - `bad-key`: a file of the key folder is damaged.
 * - `bad-minimum`: the minimum index is not signed by the log, or lower than the one it has signed.
 * - `bad-search`: search tables are not what the entries say: events may be hidden from search.
 * - `missing-attachment`: an entry names an attachment that is not there. `changed-attachment`: its content does not hash
 *   to its name. `extra-attachment`: no entry names it.
 */
export type FindingKind =
  | 'changed-entry'
  | 'swapped-entries'
  | 'missing-entry'
  | 'extra-entry'
  | 'wrong-leaf'
  | 'bad-tile'
  | 'missing-tile'
  | 'bad-segment'
  | 'bad-checkpoint'
  | 'signed-head'
  | 'bad-producer'
  | 'bad-entry'
  | 'bad-store'
  | 'bad-key'
  | 'bad-minimum'
  | 'bad-search'
  | 'missing-attachment'
  | 'changed-attachment'
  | 'extra-attachment'

export interface Finding {
  readonly kind: FindingKind
  /** One sentence for an operator. */
  readonly message: string
  /** Index concerned; with `swapped-entries` the lower one. */
  readonly index?: number
  /** The other index of a swapped pair. */
  readonly other?: number
  readonly file?: string
}

export interface FsckReport {
  readonly good: boolean
  readonly origin: string
  readonly size: number
  readonly covered: number
  /** Base64 root computed from the entries' bytes, when every entry could be read. */
  readonly root?: string
  readonly segments: number
  readonly checkpoints: number
  /** At most 100; `findingsTotal` counts all. */
  readonly findings: readonly Finding[]
  readonly findingsTotal: number
  /** What could not be compared, and why. */
  readonly notes: readonly string[]
}
