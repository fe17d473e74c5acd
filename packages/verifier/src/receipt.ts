/** Verifies a receipt: that one event, byte for byte, is in a log that its key has signed. */
import { EventError, EntryTooLarge, parseEntry, sentence } from '@keywitness/cadf'
import {
  NoteError,
  type NoteVerifier,
  ProofError,
  leafHash,
  openCheckpoint,
  parseProof,
  toBase64,
  verifyInclusion,
} from '@keywitness/tlog'
import { Failure } from './failure.ts'
import { readText } from './files.ts'
import { printable } from './printable.ts'

export async function verifyReceiptFile(
  file: string,
  keys: readonly NoteVerifier[],
  tell: (step: string) => void,
): Promise<string> {
  const text = readText(file)
  try {
    const proof = parseProof(text)
    const entry = proof.extra
    if (entry === undefined) throw new Failure('usage', `${printable(file)} does not hold the entry it proves`)
    const { checkpoint, verified } = await openCheckpoint(proof.checkpoint, keys)
    const { origin, size, root } = checkpoint
    tell(`the checkpoint of ${printable(origin)}, size ${size}, is signed by ${verified.map(printable).join(', ')}`)
    const leaf = leafHash(entry)
    tell(`the entry's ${entry.length} bytes hash to the leaf ${toBase64(leaf)}`)
    verifyInclusion(proof.index, size, leaf, proof.hashes, root)
    tell(`${proof.hashes.length} hashes lead from leaf ${proof.index} to the signed root ${toBase64(root)}`)
    return eventText(entry)
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof NoteError)) throw error
    const isNoReceipt = error.code === 'PROOF_FORMAT' || error.code === 'PROOF_TOO_LARGE'
    if (isNoReceipt) throw new Failure('usage', `${printable(file)} is no receipt: ${printable(error.message)}`)
    throw new Failure('failed', `the receipt does not hold: ${printable(error.message)}`)
  }
}

/** What the proved entry says. */
function eventText(entry: Uint8Array): string {
  try {
    const { event, producer, sequence } = parseEntry(entry)
    return [
      `  ${printable(event.eventTime)}  ${printable(sentence(event))}`,
      `  ${printable(event.action)}, ${event.outcome} ${event.reason.reasonCode}, event ${printable(event.id)}`,
      `  number ${sequence} of producer ${producer.id}, epoch ${producer.epoch}`,
    ].join('\n')
  } catch (error) {
    if (!(error instanceof EventError || error instanceof EntryTooLarge)) throw error
    return '  an entry in a form that this program does not know; its bytes are proved all the same'
  }
}
