/** Keys and checkpoints of a log, as plain data. */

/** The size and time of a moment of a log, milliseconds since the epoch. */
export interface LogMoment {
  readonly size: number
  readonly time: number
}

/** A key that signs or has signed the checkpoints of a log. */
export interface LogKey {
  /** Verifier key, one line. */
  readonly vkey: string
  /** It signs checkpoints of this size on; time 0: from the log's beginning. */
  readonly from: LogMoment
  /** The last size it signed; undefined while it signs. Its private half is destroyed then. */
  readonly until?: LogMoment
  /** Index of the entry that announced it; undefined for the first key. */
  readonly announced?: number
  /** While another key signs beside it: when it is to stop. */
  readonly overlapUntil?: number
}

/** A key that was made and has signed nothing: it waits for the entry that announces it. */
export interface PreparedKey {
  readonly vkey: string
  /** The current key, which vouches for it. */
  readonly previous: string
  /** See `vouchForKey` of tlog. */
  readonly voucher: string
}

/** A checkpoint as the store has it. */
export interface KeptCheckpoint {
  readonly size: number
  /** Base64. */
  readonly root: string
  /** When it was signed by the store's word, milliseconds since the epoch; the signature does not cover it. */
  readonly signedAt: number
  readonly note: string
}
