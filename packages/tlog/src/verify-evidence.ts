/** Verifies an evidence file from its first to its last byte, in one pass, with public keys alone. */
import { fromBase64, parseDecimal, sameBytes, toBase64, toHex } from './bytes.ts'
import { type Chunks, byteLines } from './byte-lines.ts'
import { ENTRY_BYTES_MAX } from './bundle.ts'
import { type Checkpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { EvidenceError, NoteError } from './errors.ts'
import {
  EVIDENCE_ATTACHMENT_MAX,
  EVIDENCE_FORMAT,
  EVIDENCE_KEYS_MAX,
  EVIDENCE_QUERY_MAX,
  EvidenceSeal,
  evidenceLineHash,
} from './evidence.ts'
import { HASH_BYTES, type Hash, leafHash } from './hash.ts'
import { parseNote } from './note.ts'
import { sha256 } from './sha256.ts'
import { completeSubtrees } from './subtrees.ts'
import { SubtreeStack } from './subtree-stack.ts'
import { type NoteVerifier, parseVerifierKey } from './verifier-key.ts'

/** The longest line: an attachment in base64. */
const LINE_MAX = Math.ceil(EVIDENCE_ATTACHMENT_MAX / 3) * 4 + 1_000

/** What the file says of itself before its entries; of it only the checkpoint is verified. */
export interface EvidenceClaim {
  readonly query: string
  readonly keys: readonly string[]
  readonly checkpoint: Checkpoint
  /** The checkpoint's signed note, as it stands in the file. */
  readonly note: string
}

export interface EvidenceEntry {
  readonly index: number
  readonly entry: Uint8Array
  readonly leafHash: Uint8Array
}

export interface VerifyEvidenceOptions {
  /** Decides, knowing the log's name, by which keys its checkpoint must be signed. */
  readonly trust: (claim: EvidenceClaim) => readonly NoteVerifier[] | Promise<readonly NoteVerifier[]>
  /** SHA-256 in lower-case hexadecimal of what an entry names beside itself, in its order; without it nothing may be attached. */
  readonly attachmentsOf?: (entry: Uint8Array) => readonly string[]
  readonly hash?: Hash
  /** Told while reading. Nothing is proved before the whole is: throw away what was told when verification fails. */
  readonly onEntry?: (entry: EvidenceEntry) => void | Promise<void>
  readonly onAttachment?: (attachment: { readonly sha256: string; readonly content: Uint8Array }) => void
}

/** Evidence that holds. */
export interface EvidenceReport extends EvidenceClaim {
  /** Names of the keys whose signatures of the checkpoint hold. */
  readonly verified: readonly string[]
  readonly entries: number
  /** Lowest and highest index; undefined without entries. */
  readonly first: number | undefined
  readonly last: number | undefined
  /** Whether every entry of the log from the first to the last is there. */
  readonly isGapless: boolean
  readonly attachments: number
  /** Attachments that the log had no longer. */
  readonly missing: readonly string[]
}

/**
 * @throws EvidenceError naming the line; NoteError when the checkpoint or a key does not hold
 */
export async function verifyEvidence(chunks: Chunks, options: VerifyEvidenceOptions): Promise<EvidenceReport> {
  const reading = new Reading(options)
  for await (const line of byteLines(chunks, LINE_MAX)) await reading.take(line)
  return reading.report()
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const SPACE = 0x20
const NEWLINE = 0x0a

class Reading {
  readonly #options: VerifyEvidenceOptions
  readonly #seal: EvidenceSeal
  readonly #tree: SubtreeStack
  #line = 0
  #query: string | undefined
  readonly #keys: string[] = []
  readonly #note: string[] = []
  #claim: EvidenceClaim | undefined
  #verified: readonly string[] = []
  #isProofBefore = false
  #isEnded = false
  #entries = 0
  #first: number | undefined
  #last: number | undefined
  #attachments = 0
  readonly #missing: string[] = []
  /** Names the entry read last has and whose content is to follow, in order. */
  #due: string[] = []
  readonly #had = new Set<string>()

  constructor(options: VerifyEvidenceOptions) {
    this.#options = options
    this.#seal = new EvidenceSeal(options.hash)
    this.#tree = new SubtreeStack(options.hash)
  }

  async take(line: Uint8Array): Promise<void> {
    this.#line += 1
    if (this.#isEnded) this.#refuse('TRAILING', 'something follows the end')
    const space = line.indexOf(SPACE)
    const word = this.#text(space < 0 ? line : line.subarray(0, space))
    const rest = line.subarray(space < 0 ? line.length : space + 1)
    if (word === 'end') await this.#end(this.#text(rest))
    else {
      if (this.#claim === undefined) await this.#head(word, rest, space >= 0)
      if (this.#claim !== undefined) await this.#body(word, rest)
      this.#seal.add(evidenceLineHash(line, this.#options.hash))
    }
  }

  report(): EvidenceReport {
    this.#line += 1
    if (!this.#isEnded || this.#claim === undefined) return this.#refuse('TRUNCATED', 'the file has no end')
    const first = this.#first
    const last = this.#last
    return {
      ...this.#claim,
      verified: this.#verified,
      entries: this.#entries,
      first,
      last,
      isGapless: first !== undefined && last !== undefined && last - first + 1 === this.#entries,
      attachments: this.#attachments,
      missing: this.#missing,
    }
  }

  /** A line before the entries; the first other one opens the checkpoint. */
  async #head(word: string, rest: Uint8Array, hasRest: boolean): Promise<void> {
    if (this.#line === 1) {
      if (word !== EVIDENCE_FORMAT || hasRest) this.#refuse('FORMAT', `not ${EVIDENCE_FORMAT}`)
    } else if (this.#line === 2) {
      const query = this.#text(rest)
      if (word !== 'query' || query.length > EVIDENCE_QUERY_MAX) this.#refuse('FORMAT', 'not the line of the query')
      this.#query = query
    } else if (word === 'key' && this.#note.length === 0 && this.#keys.length < EVIDENCE_KEYS_MAX) {
      const key = this.#text(rest)
      if (this.#keys.includes(key)) this.#refuse('FORMAT', 'a key is named twice')
      this.#keys.push(key)
    } else if (word === 'note') this.#note.push(this.#text(rest))
    else await this.#openHead()
  }

  async #openHead(): Promise<void> {
    const note = `${this.#note.join('\n')}\n`
    const { text, signatures } = parseNote(note)
    const claimed = { query: this.#query ?? '', keys: this.#keys, checkpoint: parseCheckpoint(text), note }
    const own = this.#keys.map(parseVerifierKey)
    for (const { name, keyId } of own) {
      if (signatures.some((signature) => signature.name === name && signature.keyId === keyId)) continue
      throw new NoteError('NO_KNOWN_SIGNATURE', `the checkpoint is not signed by ${name}, which the file names`)
    }
    const verifiers = await this.#options.trust(claimed)
    this.#verified = (await openCheckpoint(note, verifiers)).verified
    this.#claim = claimed
  }

  async #body(word: string, rest: Uint8Array): Promise<void> {
    if (word === 'proof') this.#proof(this.#text(rest))
    else if (word === 'entry' || word === 'entry64') {
      const entry = this.#entry(word, rest)
      await this.#options.onEntry?.(entry)
    } else if (word === 'attachment' || word === 'attachment64') this.#attachment(word, rest)
    else if (word === 'missing') this.#missed(this.#text(rest))
    else this.#refuse('FORMAT', `no line begins with ${JSON.stringify(word.slice(0, 40))} here`)
  }

  /** How far the hashes reach is told by the next line: they wait for it. */
  #waiting: Uint8Array[] = []

  #proof(text: string): void {
    this.#settleDue()
    if (this.#isProofBefore) this.#refuse('PROOF', 'two lines of hashes follow each other')
    this.#isProofBefore = true
    this.#waiting = text.split(' ').map((base64): Uint8Array => {
      const hash = fromBase64(base64)
      return hash?.length === HASH_BYTES ? hash : this.#refuse('PROOF', 'a word is no hash')
    })
  }

  /** Puts the waiting hashes between what is there and `to`. */
  #bridge(to: number): void {
    const from = this.#tree.size
    if (to < from) this.#refuse('PROOF', `entry ${to} does not come after the ones before`)
    const subtrees = completeSubtrees(from, to)
    if (subtrees.length !== this.#waiting.length) {
      this.#refuse(
        'PROOF',
        `${this.#waiting.length} hashes stand for the entries ${from} to ${to - 1}, not ${subtrees.length}`,
      )
    }
    for (const [i, subtree] of subtrees.entries()) this.#tree.push(subtree, this.#waiting[i]!)
    this.#waiting = []
    this.#isProofBefore = false
  }

  #entry(word: string, rest: Uint8Array): EvidenceEntry {
    this.#settleDue()
    const [decimal, base64, bytes] = this.#parts(rest)
    const index = parseDecimal(decimal)
    if (index === undefined || base64 === undefined) return this.#refuse('FORMAT', 'an entry without index or hash')
    if (index >= this.#checkpoint.size)
      this.#refuse('FORMAT', `entry ${index} is not in a log of ${this.#checkpoint.size}`)
    const entry = this.#content(word, bytes, ENTRY_BYTES_MAX)
    const leaf = leafHash(entry, this.#options.hash)
    if (toBase64(leaf) !== base64) this.#refuse('ENTRY_CHANGED', `the bytes of entry ${index} do not hash to its leaf`)
    this.#bridge(index)
    this.#tree.push({ level: 0, index }, leaf)
    this.#entries += 1
    this.#first ??= index
    this.#last = index
    this.#due = [...new Set(this.#options.attachmentsOf?.(entry) ?? [])].filter((name) => !this.#had.has(name))
    return { index, entry, leafHash: leaf }
  }

  #attachment(word: string, rest: Uint8Array): void {
    const space = rest.indexOf(SPACE)
    const sha256Text = this.#text(rest.subarray(0, Math.max(space, 0)))
    this.#nextDue(sha256Text)
    const content = this.#content(word, rest.subarray(space + 1), EVIDENCE_ATTACHMENT_MAX)
    if (toHex((this.#options.hash ?? sha256)(content)) !== sha256Text) {
      this.#refuse('ATTACHMENT_CHANGED', `attachment ${sha256Text} does not hash to its name`)
    }
    this.#attachments += 1
    this.#options.onAttachment?.({ sha256: sha256Text, content })
  }

  #missed(sha256Text: string): void {
    this.#nextDue(sha256Text)
    this.#missing.push(sha256Text)
  }

  #nextDue(name: string): void {
    if (this.#isProofBefore || this.#due[0] !== name || name === '') {
      this.#refuse('ATTACHMENT_UNNAMED', 'the entry before does not name this attachment next')
    }
    this.#due.shift()
    this.#had.add(name)
  }

  #settleDue(): void {
    const [name] = this.#due
    if (name !== undefined) this.#refuse('ATTACHMENT_MISSING', `attachment ${name} of entry ${this.#last} is not here`)
  }

  async #end(text: string): Promise<void> {
    if (this.#claim === undefined) await this.#openHead()
    this.#settleDue()
    const { size, root } = this.#checkpoint
    this.#bridge(size)
    const isWhole = `end ${text}` === decoder.decode(this.#seal.line())
    if (!sameBytes(this.#tree.root(), root)) {
      const why = isWhole ? 'it was made so' : 'a line before was changed since the file was made'
      this.#refuse('ROOT_MISMATCH', `the entries and hashes do not lead to the signed root of size ${size}: ${why}`)
    }
    if (!isWhole) this.#refuse('DAMAGED', 'a line before was changed since the file was made: the seal is another')
    this.#isEnded = true
  }

  get #checkpoint(): Checkpoint {
    return this.#claim!.checkpoint
  }

  /** `<a> <b> <bytes>` as two texts and the bytes. */
  #parts(rest: Uint8Array): [string, string | undefined, Uint8Array] {
    const one = rest.indexOf(SPACE)
    const two = one < 0 ? -1 : rest.indexOf(SPACE, one + 1)
    if (two < 0) return ['', undefined, rest]
    return [this.#text(rest.subarray(0, one)), this.#text(rest.subarray(one + 1, two)), rest.subarray(two + 1)]
  }

  /** Content has one spelling: base64 is for bytes with a newline among them, which no line can hold. */
  #content(word: string, bytes: Uint8Array, bytesMax: number): Uint8Array {
    const content = word.endsWith('64') ? fromBase64(this.#text(bytes)) : bytes
    if (content === undefined || (word.endsWith('64') && !content.includes(NEWLINE))) {
      return this.#refuse('FORMAT', 'the content is not spelled as it must be')
    }
    if (content.length > bytesMax) this.#refuse('FORMAT', `content of ${content.length} bytes, over ${bytesMax}`)
    return content
  }

  #text(bytes: Uint8Array): string {
    try {
      return decoder.decode(bytes)
    } catch {
      return this.#refuse('FORMAT', 'not UTF-8')
    }
  }

  #refuse(code: EvidenceError['code'], what: string): never {
    throw new EvidenceError(code, what, this.#line)
  }
}
