/** The public face of the Merkle log: RFC 6962 trees, C2SP tiles, checkpoints and proofs, and their verification. */
export { EvidenceError, NotStored, NoteError, ProofError, TileError, TlogError } from './errors.ts'
export type { EvidenceErrorCode, NoteErrorCode, ProofErrorCode, TileErrorCode } from './errors.ts'
export { fromBase64, sameBytes, toBase64, toHex } from './bytes.ts'

export { sha256 } from './sha256.ts'
export { HASH_BYTES, type Hash, type HashInto, emptyRoot, leafHash, nodeHash } from './hash.ts'
export { type OneShotHash, platformHash } from './platform-hash.ts'
export { type ReadNode, type Subtree, completeSubtrees, foldSubtrees, rangeHash } from './subtrees.ts'
export { CompactRange, type CompactRangeOptions, type VisitNode } from './compact-range.ts'
export { type ProofPath, inclusionPath, inclusionProof, rootFromInclusion, verifyInclusion } from './inclusion.ts'
export { consistencyPath, consistencyProof, verifyConsistency } from './consistency.ts'

export {
  TILE_HEIGHT,
  TILE_WIDTH,
  type TilePath,
  entriesPath,
  parsePath,
  tileLevelSize,
  tilePath,
  tileWidth,
} from './tile.ts'
export { BUNDLE_BYTES_MAX, ENTRY_BYTES_MAX, encodeBundle, parseBundle } from './bundle.ts'

export { ED25519, type NoteVerifier, formatVerifierKey, keyId, parseVerifierKey } from './verifier-key.ts'
export { openKeyChange, vouchForKey } from './key-change.ts'
export { type NoteSignature, type NoteSigner, type OpenNote, openNote, parseNote, signNote } from './note.ts'
export {
  type Checkpoint,
  type OpenCheckpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts'

export { type MinimumIndex, formatMinimumIndex, openMinimumIndex, parseMinimumIndex } from './minimum-index.ts'
export { PROOF_LENGTH_MAX, type TlogProof, formatProof, parseProof } from './proof-file.ts'
export { type VerifiedReceipt, verifyReceipt } from './verify-receipt.ts'
export { verifyLog } from './verify-log.ts'
export {
  EVIDENCE_FORMAT,
  type EvidenceHead,
  EvidenceSeal,
  evidenceAttachment,
  evidenceEntry,
  evidenceHead,
  evidenceLineHash,
  evidenceMissing,
  evidenceProof,
} from './evidence.ts'
export {
  type EvidenceClaim,
  type EvidenceEntry,
  type EvidenceReport,
  type VerifyEvidenceOptions,
  verifyEvidence,
} from './verify-evidence.ts'
export type {
  LogFault,
  LogFaultKind,
  LogProgress,
  LogReport,
  ReadBytes,
  TreeHead,
  VerifyLogOptions,
} from './log-fault.ts'
