/** The steps of verifying a receipt, one by one, so that each can be told. */
import { type Entry, EventError, EntryTooLarge, parseEntry } from '@keywitness/cadf'
import {
  type Checkpoint,
  type NoteVerifier,
  NoteError,
  ProofError,
  type TlogProof,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseProof,
  toBase64,
  verifyInclusion,
} from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { printable } from './printable.ts'

/** A receipt's parts, its form checked and nothing more. */
export interface ReadReceipt {
  readonly proof: TlogProof
  readonly entry: Uint8Array
  /** What the checkpoint claims, before its signature is verified. */
  readonly claimed: Checkpoint
}

/** What is told of one step that holds. */
export type Tell = (step: string) => void

/**
 * Reads a receipt's text.
 *
 * @throws CliError `BAD_INPUT` when it is no receipt
 */
export function readReceipt(text: string, name: string): ReadReceipt {
  try {
    const proof = parseProof(text)
    if (proof.extra === undefined) {
      throw new CliError('BAD_INPUT', `${name} does not hold the entry it proves`, 'ask for a receipt with its entry')
    }
    return { proof, entry: proof.extra, claimed: parseCheckpoint(parseNote(proof.checkpoint).text) }
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof NoteError)) throw error
    throw new CliError('BAD_INPUT', `${name} is no receipt: ${printable(error.message)}`)
  }
}

/**
 * Verifies a receipt with nothing but keys, telling every step.
 *
 * @throws CliError `VERIFICATION_FAILED` naming the step that does not hold
 */
export async function verifySteps(
  { proof, entry }: ReadReceipt,
  verifiers: readonly NoteVerifier[],
  tell: Tell,
): Promise<Checkpoint> {
  try {
    const { checkpoint, verified } = await openCheckpoint(proof.checkpoint, verifiers)
    const { origin, size, root } = checkpoint
    tell(`the checkpoint of ${printable(origin)}, size ${size}, is signed by ${verified.map(printable).join(', ')}`)
    const leaf = leafHash(entry)
    tell(`the entry's ${entry.length} bytes hash to the leaf ${toBase64(leaf)}`)
    verifyInclusion(proof.index, size, leaf, proof.hashes, root)
    tell(`${proof.hashes.length} hashes lead from leaf ${proof.index} to the signed root ${toBase64(root)}`)
    return checkpoint
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof NoteError)) throw error
    throw new CliError(
      'VERIFICATION_FAILED',
      `the receipt does not hold: ${printable(error.message)}`,
      adviceFor(error),
    )
  }
}

function adviceFor(error: ProofError | NoteError): string | undefined {
  if (error.code === 'NO_KNOWN_SIGNATURE' || error.code === 'ORIGIN')
    return 'check that this is the key of this log, of the time of the receipt: keywitness log keys lists them'
  return 'do not rely on this event: the receipt, or the log it came from, was changed'
}

/** The event in an entry's bytes, or undefined when they are none this command knows: the proof holds all the same. */
export function entryOf(bytes: Uint8Array): Entry | undefined {
  try {
    return parseEntry(bytes)
  } catch (error) {
    if (error instanceof EventError || error instanceof EntryTooLarge) return undefined
    throw error
  }
}
