/** Checkpoints: a tree's origin, size and root as the text of a signed note (c2sp.org/tlog-checkpoint). */
import { fromBase64, isCount, isNoteSafe, parseDecimal, sameBytes, toBase64 } from './bytes.ts'
import { NoteError } from './errors.ts'
import { HASH_BYTES, emptyRoot } from './hash.ts'
import { openNote } from './note.ts'
import type { NoteVerifier } from './verifier-key.ts'

/** The head of a log's tree. */
export interface Checkpoint {
  /** The log's identity, also the name of its key. */
  readonly origin: string
  /** Entries in the tree. */
  readonly size: number
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array
  /** Further lines of the text, opaque. */
  readonly extensions: readonly string[]
}

/** A checkpoint whose signature by its origin's key holds. */
export interface OpenCheckpoint {
  readonly checkpoint: Checkpoint
  /** Names of the keys whose signatures hold, the origin's among them. */
  readonly verified: readonly string[]
}

function isLine(line: string): boolean {
  return line.length > 0 && isNoteSafe(line) && !line.includes('\n')
}

/**
 * The text to sign of a checkpoint.
 *
 * @throws NoteError `CHECKPOINT_FORMAT`
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint
  const text = `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`
  if (!isLine(origin) || !extensions.every(isLine)) {
    throw new NoteError('CHECKPOINT_FORMAT', 'a line of a checkpoint is empty or has control characters')
  }
  if (!isCount(size) || root.length !== HASH_BYTES) {
    throw new NoteError('CHECKPOINT_FORMAT', `a checkpoint of size ${size} and a root of ${root.length} bytes`)
  }
  if (size === 0 && !sameBytes(root, emptyRoot())) {
    throw new NoteError('CHECKPOINT_FORMAT', 'a checkpoint of size 0 has another root than the empty tree')
  }
  return text
}

/**
 * Reads the text of a checkpoint, as {@link openNote} gives it. Says nothing about signatures: see
 * {@link openCheckpoint}.
 *
 * @throws NoteError `CHECKPOINT_FORMAT`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const refuse = (why: string): never => {
    throw new NoteError('CHECKPOINT_FORMAT', `not a checkpoint: ${why}`)
  }
  if (!text.endsWith('\n')) return refuse('no final newline')
  const [origin = '', decimal = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n')
  if (!isLine(origin)) return refuse('no origin')
  const size = parseDecimal(decimal)
  if (size === undefined) return refuse('the second line is no size')
  const root = fromBase64(base64)
  if (root === undefined || root.length !== HASH_BYTES) return refuse('the third line is no root hash')
  if (!extensions.every(isLine)) return refuse('an empty extension line')
  if (size === 0 && !sameBytes(root, emptyRoot())) return refuse('size 0 with another root than the empty tree')
  return { origin, size, root, extensions }
}

/**
 * Opens a signed checkpoint: {@link openNote}, {@link parseCheckpoint}, and one of the signatures that hold must be by
 * a key with the origin's name, so that a witness's cosignature alone, or another log's key, never passes.
 *
 * @throws NoteError as those two, and `ORIGIN`
 */
export async function openCheckpoint(note: string, verifiers: readonly NoteVerifier[]): Promise<OpenCheckpoint> {
  const { text, verified } = await openNote(note, verifiers)
  const checkpoint = parseCheckpoint(text)
  if (!verified.includes(checkpoint.origin)) {
    throw new NoteError('ORIGIN', `the checkpoint of ${checkpoint.origin} is signed by ${verified.join(', ')} only`)
  }
  return { checkpoint, verified }
}
