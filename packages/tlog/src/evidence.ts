/** Evidence: entries of a log with all that proves them, in one file of lines (docs/reference/evidence.md). This writes it. */
import { isCount, isNoteSafe, toBase64, toHex } from './bytes.ts'
import { CompactRange } from './compact-range.ts'
import { EvidenceError } from './errors.ts'
import { HASH_BYTES, type Hash, leafHash } from './hash.ts'
import { parseNote } from './note.ts'
import { parseVerifierKey } from './verifier-key.ts'

/** The first line. */
export const EVIDENCE_FORMAT = 'keywitness-evidence/1'

/** UTF-16 units of the line that says what was asked. */
export const EVIDENCE_QUERY_MAX = 100_000

/** Keys named by one file: as many as a note has signatures. */
export const EVIDENCE_KEYS_MAX = 100

/** Bytes of an attachment; the longest line is one in base64. */
export const EVIDENCE_ATTACHMENT_MAX = 4 * 1024 * 1024

const encoder = new TextEncoder()
const NEWLINE = 0x0a

/** What stands before the entries. */
export interface EvidenceHead {
  /** What was asked, as the maker says it: one line, opaque here. */
  readonly query: string
  /** Verifier keys whose signatures the note bears. Information: whom to trust is the reader's own knowledge. */
  readonly keys: readonly string[]
  /** The signed note of the checkpoint, verbatim. */
  readonly note: string
}

/**
 * The lines before the entries, without their line ends.
 *
 * @throws EvidenceError `FORMAT` when the query is no line or too long; NoteError
 */
export function evidenceHead({ query, keys, note }: EvidenceHead): Uint8Array[] {
  if (query.includes('\n') || !isNoteSafe(query) || query.length > EVIDENCE_QUERY_MAX) {
    throw new EvidenceError('FORMAT', 'the query is no line of text')
  }
  keys.forEach(parseVerifierKey)
  parseNote(note)
  const lines = [
    EVIDENCE_FORMAT,
    `query ${query}`,
    ...keys.map((key) => `key ${key}`),
    ...note
      .slice(0, -1)
      .split('\n')
      .map((line) => `note ${line}`),
  ]
  return lines.map((line) => encoder.encode(line))
}

/**
 * The line of the hashes between two entries: those of the complete subtrees from behind the one to before the other.
 * There is no such line where nothing lies between.
 */
export function evidenceProof(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw new EvidenceError('PROOF', 'a hash of other length')
  return encoder.encode(`proof ${hashes.map(toBase64).join(' ')}`)
}

/** The line of an entry: index, leaf hash, and its bytes as they are. Bytes with a newline among them are in base64. */
export function evidenceEntry(index: number, entry: Uint8Array, leaf: Uint8Array): Uint8Array {
  if (!isCount(index)) throw new EvidenceError('FORMAT', `no index: ${index}`)
  return contentLine('entry', `${index} ${toBase64(leaf)}`, entry)
}

/** The line of what an entry names by its SHA-256; it follows the first entry that names it. */
export function evidenceAttachment(sha256: Uint8Array, content: Uint8Array): Uint8Array {
  if (content.length > EVIDENCE_ATTACHMENT_MAX) throw new EvidenceError('FORMAT', `an attachment of ${content.length}`)
  return contentLine('attachment', toHex(sha256), content)
}

/** The line that stands for an attachment that the log itself has no longer. */
export function evidenceMissing(sha256: Uint8Array): Uint8Array {
  return encoder.encode(`missing ${toHex(sha256)}`)
}

function contentLine(word: string, name: string, content: Uint8Array): Uint8Array {
  if (content.includes(NEWLINE)) return encoder.encode(`${word}64 ${name} ${toBase64(content)}`)
  const before = encoder.encode(`${word} ${name} `)
  const line = new Uint8Array(before.length + content.length)
  line.set(before)
  line.set(content, before.length)
  return line
}

/**
 * The last line: the count of the lines before it and the root of the tree whose leaves they are. It finds damage, also
 * where nothing is signed; it is no signature.
 */
export class EvidenceSeal {
  readonly #lines: CompactRange

  constructor(hash?: Hash) {
    this.#lines = new CompactRange(hash === undefined ? {} : { hash })
  }

  /** Takes the next line by its {@link evidenceLineHash}. */
  add(lineHash: Uint8Array): void {
    this.#lines.append(lineHash)
  }

  /** The last line. */
  line(): Uint8Array {
    return encoder.encode(`end ${this.#lines.size} ${toBase64(this.#lines.root())}`)
  }
}

/** What the seal takes of a line, given without its line end. */
export function evidenceLineHash(line: Uint8Array, hash?: Hash): Uint8Array {
  return leafHash(line, hash)
}
