/** The errors of this package: what was wrong with a proof, a note, a tile, a path or a base64 text. */

/** A proof that does not prove what it claims, or whose file is not well-formed. */
export type ProofErrorCode =
  | 'SIZE'
  | 'INDEX'
  | 'HASH_LENGTH'
  | 'PROOF_LENGTH'
  | 'ROOT_MISMATCH'
  | 'PROOF_FORMAT'
  | 'PROOF_TOO_LARGE'
  | 'NO_ENTRY'

/** A signed note, key or checkpoint that is malformed, unsigned or badly signed. */
export type NoteErrorCode =
  | 'NOTE_FORMAT'
  | 'NOTE_TOO_LARGE'
  | 'NO_KNOWN_SIGNATURE'
  | 'BAD_SIGNATURE'
  | 'KEY_FORMAT'
  | 'KEY_TYPE'
  | 'AMBIGUOUS_KEY'
  | 'CHECKPOINT_FORMAT'
  | 'MINIMUM_FORMAT'
  | 'ORIGIN'

/** A tile, entry bundle or path that does not have the tiled form, or is not there. */
export type TileErrorCode = 'TILE_PATH' | 'TILE_RANGE' | 'BUNDLE_FORMAT' | 'ENTRY_TOO_LARGE'

/**
 * An evidence file that does not hold. `FORMAT` its form, `LINE_TOO_LONG`, `TRUNCATED`, `TRAILING`; `PROOF` hashes that are
 * no proof; `ENTRY_CHANGED` bytes that do not hash to the leaf beside them; `ATTACHMENT_…` one that is changed, missing, or
 * named by no entry; `ROOT_MISMATCH` another tree than the signed one; `DAMAGED` changed since it was made, where nothing
 * is signed.
 */
export type EvidenceErrorCode =
  | 'FORMAT'
  | 'LINE_TOO_LONG'
  | 'TRUNCATED'
  | 'TRAILING'
  | 'PROOF'
  | 'ENTRY_CHANGED'
  | 'ATTACHMENT_CHANGED'
  | 'ATTACHMENT_MISSING'
  | 'ATTACHMENT_UNNAMED'
  | 'ROOT_MISMATCH'
  | 'DAMAGED'

/** The common parent: `code` is stable and part of the public API, the message is for people. */
export class TlogError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** Thrown by proof verification and by the `.tlog-proof` parser. */
export class ProofError extends TlogError<ProofErrorCode> {}

/** Thrown when opening, signing or parsing notes, keys and checkpoints. */
export class NoteError extends TlogError<NoteErrorCode> {}

/** Thrown by the tile layout and the entry bundle codec. */
export class TileError extends TlogError<TileErrorCode> {}

/** Thrown by evidence files: when one is made of the wrong parts, and when one does not hold. */
export class EvidenceError extends TlogError<EvidenceErrorCode> {
  /** The first line at which something is wrong, from 1; undefined when there is no file yet. */
  readonly line: number | undefined

  constructor(code: EvidenceErrorCode, message: string, line?: number) {
    super(code, line === undefined ? message : `line ${line}: ${message}`)
    this.line = line
  }
}

/**
 * What a `readBundle` or `readTile` throws to say that the log does not have, or cannot give, that resource.
 * {@link verifyLog} reports it as a fault of the log; every other error of a reader ends the verification.
 */
export class NotStored extends TlogError<'NOT_STORED'> {
  constructor(message: string) {
    super('NOT_STORED', message)
  }
}
