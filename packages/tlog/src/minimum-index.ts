/**
 * The minimum index of a pruned log (c2sp.org/tlog-tiles, "pruning"): the lowest entry that it still gives. What is below
 * may be refused; every hash stays, so that the tree, its root and every proof above stay whole. The log signs it, as a
 * note whose first line no checkpoint has.
 */
import { fromBase64, isCount, isNoteSafe, parseDecimal, toBase64 } from './bytes.ts'
import { NoteError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { openNote } from './note.ts'
import { TILE_WIDTH } from './tile.ts'
import type { NoteVerifier } from './verifier-key.ts'

/** The first line of the text that is signed: where a checkpoint has its origin. */
const FORMAT = 'keywitness-minimum-index/1'

/** What a log says of its pruning. */
export interface MinimumIndex {
  readonly origin: string
  /** Entries of lower indexes are not given any more; a multiple of 256, so that bundles are given whole or not at all. */
  readonly index: number
  /** Days that every entry was kept at least, by the policy in force. */
  readonly keepDays: number
  /** Size and root of the newest checkpoint when this was signed: the tree that the pruned entries are in. */
  readonly size: number
  readonly root: Uint8Array
  /** When it was signed, milliseconds since the epoch, by the log's clock. */
  readonly time: number
}

/** The text to sign. @throws NoteError `MINIMUM_FORMAT` */
export function formatMinimumIndex({ origin, index, keepDays, size, root, time }: MinimumIndex): string {
  const text = `${[FORMAT, origin, index, keepDays, size, toBase64(root), time].join('\n')}\n`
  parseMinimumIndex(text)
  return text
}

/**
 * Reads the text of a minimum index. Says nothing about signatures.
 *
 * @throws NoteError `MINIMUM_FORMAT`
 */
export function parseMinimumIndex(text: string): MinimumIndex {
  const refuse = (why: string): never => {
    throw new NoteError('MINIMUM_FORMAT', `not a minimum index: ${why}`)
  }
  const [format, origin = '', ...rest] = text.split('\n')
  if (format !== FORMAT) return refuse('another format')
  if (origin === '' || !isNoteSafe(origin)) return refuse('no origin')
  const [index, keepDays, size, , time] = rest.map(parseDecimal)
  const root = fromBase64(rest[3] ?? '')
  if (rest.length !== 6 || rest[5] !== '') return refuse('another number of lines')
  if (index === undefined || index % TILE_WIDTH !== 0) return refuse('an index that is no multiple of 256')
  if (size === undefined || keepDays === undefined || time === undefined) return refuse('a line is no number')
  if (![index, size, keepDays, time].every(isCount) || index > size) return refuse('an index beyond the tree')
  if (root === undefined || root.length !== HASH_BYTES) return refuse('no root hash')
  return { origin, index, keepDays, size, root, time }
}

/**
 * Opens a signed minimum index; one of the signatures that hold must be by a key with the origin's name.
 *
 * @throws NoteError as `openNote`, `MINIMUM_FORMAT`, `ORIGIN`
 */
export async function openMinimumIndex(note: string, verifiers: readonly NoteVerifier[]): Promise<MinimumIndex> {
  const { text, verified } = await openNote(note, verifiers)
  const minimum = parseMinimumIndex(text)
  if (!verified.includes(minimum.origin)) {
    throw new NoteError('ORIGIN', `the minimum index of ${minimum.origin} is signed by ${verified.join(', ')} only`)
  }
  return minimum
}
