/** The `.tlog-proof` file: an inclusion proof and its checkpoint in one text (c2sp.org/tlog-proof). */
import { fromBase64, isCount, parseDecimal, toBase64 } from './bytes.ts'
import { ProofError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { NOTE_LENGTH_MAX, parseNote } from './note.ts'

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'

/** The most extra bytes taken; an entry of a tiled log has at most 65,535. */
const PROOF_EXTRA_MAX = 1_000_000

/** The most hashes taken: a proof in the largest tree there can be has 63. */
const PROOF_HASHES_MAX = 63

/** The longest file taken, in UTF-16 units. */
export const PROOF_LENGTH_MAX = NOTE_LENGTH_MAX + Math.ceil(PROOF_EXTRA_MAX / 3) * 4 + 10_000

/** What a `.tlog-proof` file says. */
export interface TlogProof {
  /** Zero-based index of the entry in the log. */
  readonly index: number
  /** The inclusion proof, from the leaf's sibling upward. */
  readonly hashes: readonly Uint8Array[]
  /** The signed note of the checkpoint, verbatim. */
  readonly checkpoint: string
  /** Opaque and not authenticated by itself; in our receipts the entry's bytes, which the proof then authenticates. */
  readonly extra?: Uint8Array
}

/** @throws ProofError `PROOF_FORMAT`, `PROOF_TOO_LARGE` */
export function formatProof(proof: TlogProof): string {
  const { index, hashes, checkpoint, extra } = proof
  if (!isCount(index)) throw new ProofError('PROOF_FORMAT', `no index: ${index}`)
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw new ProofError('PROOF_FORMAT', 'a hash of other length')
  if (hashes.length > PROOF_HASHES_MAX) throw new ProofError('PROOF_TOO_LARGE', `${hashes.length} hashes`)
  if (extra !== undefined && extra.length > PROOF_EXTRA_MAX) {
    throw new ProofError('PROOF_TOO_LARGE', `extra data of ${extra.length} bytes`)
  }
  parseNote(checkpoint)
  const lines = [FIRST_LINE, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`]
  return `${[...lines, ...hashes.map(toBase64)].join('\n')}\n\n${checkpoint}`
}

/**
 * Reads a `.tlog-proof` file. Its form is checked, nothing is verified: see {@link verifyReceipt}.
 *
 * @throws ProofError `PROOF_FORMAT`, `PROOF_TOO_LARGE`; NoteError when the checkpoint is no note
 */
export function parseProof(text: string): TlogProof {
  const refuse = (why: string): never => {
    throw new ProofError('PROOF_FORMAT', `not a ${FIRST_LINE} file: ${why}`)
  }
  if (text.length > PROOF_LENGTH_MAX) throw new ProofError('PROOF_TOO_LARGE', `a file of ${text.length} characters`)
  const split = text.indexOf('\n\n')
  if (!text.startsWith(`${FIRST_LINE}\n`)) return refuse('it begins with another line')
  if (split < 0) return refuse('no empty line before the checkpoint')
  const lines = text.slice(0, split).split('\n').slice(1)
  const checkpoint = text.slice(split + 2)

  const extra = lines[0]?.startsWith('extra ') === true ? fromBase64(lines.shift()!.slice(6)) : null
  if (extra === undefined) return refuse('the extra data is not base64')
  if (extra !== null && extra.length > PROOF_EXTRA_MAX) {
    throw new ProofError('PROOF_TOO_LARGE', `extra data of ${extra.length} bytes`)
  }
  const indexLine = lines.shift() ?? ''
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice(6)) : undefined
  if (index === undefined) return refuse('no index line')
  if (lines.length > PROOF_HASHES_MAX) throw new ProofError('PROOF_TOO_LARGE', `${lines.length} hashes`)
  const hashes = lines.map((line): Uint8Array => {
    const hash = fromBase64(line)
    return hash?.length === HASH_BYTES ? hash : refuse('a line of the proof is no hash')
  })
  parseNote(checkpoint)
  return { index, hashes, checkpoint, ...(extra === null ? {} : { extra }) }
}
