/** Receipts: a `.tlog-proof` whose extra data is the entry itself, verified with nothing but public keys. */
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { ProofError } from './errors.ts'
import { type Hash, leafHash } from './hash.ts'
import { verifyInclusion } from './inclusion.ts'
import { parseProof } from './proof-file.ts'
import type { NoteVerifier } from './verifier-key.ts'

/** A receipt that holds. */
export interface VerifiedReceipt {
  /** The entry's index in the log. */
  readonly index: number
  /** The entry's bytes, proved by the receipt. */
  readonly entry: Uint8Array
  /** The checkpoint that covers it. */
  readonly checkpoint: Checkpoint
  /** Names of the keys whose signatures of the checkpoint hold. */
  readonly verified: readonly string[]
}

/**
 * Verifies a receipt offline: the checkpoint's signature by its origin's key, and the inclusion of the entry's bytes,
 * which are hashed again here.
 *
 * @throws ProofError `PROOF_FORMAT`, `NO_ENTRY`, `INDEX`, `ROOT_MISMATCH` and the other codes of a proof; NoteError
 *   `BAD_SIGNATURE`, `NO_KNOWN_SIGNATURE`, `ORIGIN` and the other codes of a note
 */
export async function verifyReceipt(
  text: string,
  verifiers: readonly NoteVerifier[],
  hash?: Hash,
): Promise<VerifiedReceipt> {
  const proof = parseProof(text)
  if (proof.extra === undefined) throw new ProofError('NO_ENTRY', 'the receipt does not hold the entry it proves')
  const { checkpoint, verified } = await openCheckpoint(proof.checkpoint, verifiers)
  const leaf = leafHash(proof.extra, hash)
  verifyInclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root, hash)
  return { index: proof.index, entry: proof.extra, checkpoint, verified }
}
