/** Two checkpoints of one log proved against each other, step by step: both signed, the larger tree continuing the smaller. */
import {
  NoteError,
  type NoteVerifier,
  ProofError,
  nodeHash,
  openNote,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  toBase64,
  verifyConsistency,
} from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'
import { type TreeHead, isContinued } from './is-continued.ts'

export interface PairQuestion {
  readonly origin: string
  /** The key that this browser trusts, and those that led to it. */
  readonly keys: readonly string[]
  /** The notes of both, in any order. */
  readonly notes: readonly [string, string]
  /** The head that this browser verified last. */
  readonly head: TreeHead | undefined
}

/** `unknown`: signed by no key that this browser trusts, so nobody says whose it is. */
type SignatureState = 'good' | 'bad' | 'unknown'

interface NoteTrace {
  readonly size: number
  /** Base64, as in the note, and as are all hashes here. */
  readonly root: string
  readonly signature: SignatureState
}

/** One hash of the proof, and what it leads to. */
export interface FoldStep {
  readonly hash: string
  /** What the smaller tree's root is folded to; unchanged when the hash lies beyond that tree. */
  readonly older: string
  readonly newer: string
  /** Whether the hash is of entries that both trees have. */
  readonly isShared: boolean
}

export type PairFault = 'form' | 'origin' | 'signature' | 'trees' | 'head'

/** What could be established, up to the fault if there is one. */
export interface PairTrace {
  readonly fault?: PairFault
  readonly older?: NoteTrace
  readonly newer?: NoteTrace
  readonly folds?: readonly FoldStep[]
  /** What the proof's hashes fold to. */
  readonly foldedOlder?: string
  readonly foldedNewer?: string
  /** The size of the head that both were compared with. */
  readonly headSize?: number
  /** Which of the two the head does not continue. */
  readonly strange?: 'older' | 'newer'
}

/** Who does the arithmetic, as of the witness. */
export interface PairProver {
  provePair(location: string, question: PairQuestion): Promise<PairTrace>
}

interface Read {
  readonly size: number
  readonly root: Uint8Array
  readonly base64: string
  readonly trace: NoteTrace
}

/**
 * A fault is a result, not an error, since it has to be shown.
 *
 * @throws ApiError when the proof could not be fetched
 */
export async function provePair(log: Pick<LogApi, 'consistency'>, question: PairQuestion): Promise<PairTrace> {
  const { origin, keys, notes, head } = question
  const read = await readBoth(notes, origin, keys.map(parseVerifierKey))
  if (read === 'form' || read === 'origin') return { fault: read }
  const [older, newer] = read
  const told = { older: older.trace, newer: newer.trace }
  if (older.trace.signature === 'bad' || newer.trace.signature === 'bad') return { ...told, fault: 'signature' }

  const hashes = older.size === 0 || older.size === newer.size ? [] : await log.consistency(older.size, newer.size)
  const folded = fold(older, newer, hashes)
  if (!doesHold(older, newer, hashes)) return { ...told, ...folded, fault: 'trees' }
  if (head === undefined) return { ...told, ...folded }
  for (const [name, { size, base64 }] of [
    ['newer', newer],
    ['older', older],
  ] as const) {
    if (!(await isContinued(log, { size, root: base64 }, head))) {
      return { ...told, ...folded, headSize: head.size, strange: name, fault: 'head' }
    }
  }
  return { ...told, ...folded, headSize: head.size }
}

async function readBoth(
  notes: readonly [string, string],
  origin: string,
  verifiers: readonly NoteVerifier[],
): Promise<readonly [Read, Read] | 'form' | 'origin'> {
  try {
    const [one, other] = await Promise.all([readNote(notes[0], verifiers), readNote(notes[1], verifiers)])
    if (one.origin !== origin || other.origin !== origin) return 'origin'
    return one.size <= other.size ? [one, other] : [other, one]
  } catch (error) {
    if (error instanceof NoteError) return 'form'
    throw error
  }
}

async function readNote(note: string, verifiers: readonly NoteVerifier[]): Promise<Read & { origin: string }> {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text)
  const base64 = toBase64(root)
  return { origin, size, root, base64, trace: { size, root: base64, signature: await signatureOf(note, verifiers) } }
}

async function signatureOf(note: string, verifiers: readonly NoteVerifier[]): Promise<SignatureState> {
  try {
    await openNote(note, verifiers)
    return 'good'
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    return error.code === 'NO_KNOWN_SIGNATURE' ? 'unknown' : 'bad'
  }
}

/** The verdict is the library's own; the folding below only shows how it comes about. */
function doesHold(older: Read, newer: Read, hashes: readonly Uint8Array[]): boolean {
  try {
    verifyConsistency(older.size, newer.size, older.root, newer.root, hashes)
    return true
  } catch (error) {
    if (error instanceof ProofError) return false
    throw error
  }
}

/** The folding of RFC 9162 section 2.1.4.2, written down. */
function fold(
  older: Read,
  newer: Read,
  hashes: readonly Uint8Array[],
): Pick<PairTrace, 'folds' | 'foldedOlder' | 'foldedNewer'> {
  if (older.size === 0 || older.size === newer.size) return { folds: [] }
  let fn = older.size - 1
  let sn = newer.size - 1
  while (fn % 2 === 1) {
    fn = (fn - 1) / 2
    sn = Math.floor(sn / 2)
  }
  // A smaller tree that is one complete part of the larger one is itself where the folding begins.
  const path = fn === 0 ? [older.root, ...hashes] : hashes
  const [seed] = path
  if (seed === undefined) return { folds: [] }
  const folds: FoldStep[] = []
  let [a, b] = [seed, seed]
  for (const hash of path.slice(1)) {
    const isShared = fn % 2 === 1 || fn === sn
    if (isShared) {
      a = nodeHash(hash, a)
      b = nodeHash(hash, b)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else {
      b = nodeHash(b, hash)
    }
    folds.push({ hash: toBase64(hash), older: toBase64(a), newer: toBase64(b), isShared })
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return { folds, foldedOlder: toBase64(a), foldedNewer: toBase64(b) }
}

/** The size and root that a note claims; undefined when it is none. */
export function claimOf(note: string): { readonly size: number; readonly root: string } | undefined {
  try {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    return { size, root: toBase64(root) }
  } catch {
    return undefined
  }
}
