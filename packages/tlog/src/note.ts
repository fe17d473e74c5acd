/** Signed notes: a text and the signatures below it (c2sp.org/signed-note). */
import { fromBase64, isNoteSafe, toBase64 } from './bytes.ts'
import { NoteError } from './errors.ts'
import { type NoteVerifier, formatKeyId, isKeyName } from './verifier-key.ts'

/** The longest note taken, in UTF-16 units: room for a hundred of the largest signatures there are. */
export const NOTE_LENGTH_MAX = 1_000_000

/** Signature lines taken at most; the standard asks for at least 16. */
const SIGNATURES_MAX = 100

/** Something that signs notes. */
export interface NoteSigner {
  readonly name: string
  readonly keyId: number
  sign(message: Uint8Array): Uint8Array
}

/** One signature line. */
export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  readonly signature: Uint8Array
}

/** A note whose known signatures all hold, of which there is at least one. */
export interface OpenNote {
  /** What was signed, with its final newline. */
  readonly text: string
  /** Every signature line, known or not, in order. */
  readonly signatures: readonly NoteSignature[]
  /** Names of the keys whose signatures hold, in the order of their lines. */
  readonly verified: readonly string[]
}

/** Whether a text may be signed: ends in a newline, well-formed, no control characters but newline. */
function isNoteText(text: string): boolean {
  return text.endsWith('\n') && isNoteSafe(text)
}

/**
 * The note of `text`, signed by each signer in turn.
 *
 * @throws NoteError `NOTE_FORMAT` when the text does not end in a newline or holds control characters, `KEY_FORMAT`
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text)) throw new NoteError('NOTE_FORMAT', 'a note ends in a newline and has no control characters')
  if (signers.length < 1 || signers.length > SIGNATURES_MAX) {
    throw new NoteError('NOTE_FORMAT', `a note has 1 to ${SIGNATURES_MAX} signatures, not ${signers.length}`)
  }
  const message = new TextEncoder().encode(text)
  let note = `${text}\n`
  for (const signer of signers) {
    if (!isKeyName(signer.name)) throw new NoteError('KEY_FORMAT', `not a key name: ${JSON.stringify(signer.name)}`)
    const signature = signer.sign(message)
    const blob = new Uint8Array(4 + signature.length)
    new DataView(blob.buffer).setUint32(0, signer.keyId)
    blob.set(signature, 4)
    note += `— ${signer.name} ${toBase64(blob)}\n`
  }
  return note
}

/**
 * A note's text and signature lines, nothing verified: a display of what a note claims, never a ground for trust.
 *
 * @throws NoteError `NOTE_FORMAT`, `NOTE_TOO_LARGE`
 */
export function parseNote(note: string): { text: string; signatures: NoteSignature[] } {
  const refuse = (why: string): never => {
    throw new NoteError('NOTE_FORMAT', `not a signed note: ${why}`)
  }
  if (note.length > NOTE_LENGTH_MAX) throw new NoteError('NOTE_TOO_LARGE', `a note of ${note.length} characters`)
  if (!isNoteText(note)) return refuse('it does not end in a newline or has control characters')
  // The signatures follow the last empty line; the text before it may have empty lines of its own.
  const split = note.lastIndexOf('\n\n')
  if (split < 0) return refuse('no empty line before signatures')
  const text = note.slice(0, split + 1)
  const lines = note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1)
  if (lines.length === 0) return refuse('no signature')
  if (lines.length > SIGNATURES_MAX) throw new NoteError('NOTE_TOO_LARGE', `a note of ${lines.length} signatures`)
  const signatures = lines.map((line): NoteSignature => {
    const [dash, name = '', base64 = '', ...more] = line.split(' ')
    const blob = fromBase64(base64)
    if (dash !== '—' || !isKeyName(name) || more.length > 0) return refuse('a line below is no signature')
    if (blob === undefined || blob.length < 5) return refuse('a signature is not base64 or too short')
    return { name, keyId: new DataView(blob.buffer).getUint32(0), signature: blob.subarray(4) }
  })
  return { text, signatures }
}

/**
 * Opens a note with the keys one trusts. Signatures of other keys are ignored; one of a known key that does not hold
 * spoils the note; without a known one that holds the note is refused.
 *
 * @throws NoteError `NOTE_FORMAT`, `NOTE_TOO_LARGE`, `BAD_SIGNATURE`, `NO_KNOWN_SIGNATURE`, `AMBIGUOUS_KEY`
 */
export async function openNote(note: string, verifiers: readonly NoteVerifier[]): Promise<OpenNote> {
  const { text, signatures } = parseNote(note)
  const message = new TextEncoder().encode(text)
  const verified: string[] = []
  const seen = new Set<string>()
  for (const { name, keyId, signature } of signatures) {
    const known = verifiers.filter((verifier) => verifier.name === name && verifier.keyId === keyId)
    const verifier = known[0]
    if (verifier === undefined) continue
    if (known.length > 1) throw new NoteError('AMBIGUOUS_KEY', `two known keys are ${name}+${formatKeyId(keyId)}`)
    if (!(await verifier.verify(message, signature))) {
      throw new NoteError('BAD_SIGNATURE', `the signature of ${name}+${formatKeyId(keyId)} does not hold`)
    }
    // A repeated line of one key holds like the first, but counts once.
    const key = `${keyId} ${name}`
    if (!seen.has(key)) verified.push(name)
    seen.add(key)
  }
  if (verified.length === 0) throw new NoteError('NO_KNOWN_SIGNATURE', 'the note is not signed by a known key')
  return { text, signatures, verified }
}
