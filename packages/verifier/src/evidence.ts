/** Verifies a file of evidence: events with all that proves them, in one pass. */
import { hash } from 'node:crypto'
import { attachedLists } from '@keywitness/cadf'
import { EvidenceError, NoteError, type NoteVerifier, ProofError, platformHash, verifyEvidence } from '@keywitness/tlog'
import { Failure } from './failure.ts'
import { readPieces } from './files.ts'
import { printable } from './printable.ts'

export async function verifyEvidenceFile(
  file: string,
  keys: readonly NoteVerifier[],
  tell: (step: string) => void,
): Promise<void> {
  try {
    const report = await verifyEvidence(readPieces(file), {
      trust: () => keys,
      hash: platformHash(hash),
      attachmentsOf: namedIn,
    })
    const { checkpoint, verified, entries, first, last, isGapless, attachments, missing, query } = report
    const { origin, size } = checkpoint
    tell(`the checkpoint of ${printable(origin)}, size ${size}, is signed by ${verified.map(printable).join(', ')}`)
    tell(`${entries} entries lead to the signed root${entries === 0 ? '' : `, from index ${first} to ${last}`}`)
    if (isGapless && entries > 0) tell('they are every entry of that range: none was left out between them')
    else tell(`they were asked for as ${printable(query)}; that no other entry matched is not proved`)
    if (attachments > 0) tell(`${attachments} attachments hash to what their events say`)
    if (missing.length > 0) tell(`${missing.length} attachments were no longer in the log: ${missing.join(', ')}`)
  } catch (error) {
    if (!(error instanceof EvidenceError || error instanceof NoteError || error instanceof ProofError)) throw error
    const isNone = error instanceof EvidenceError && error.code === 'FORMAT' && error.line === 1
    if (isNone) throw new Failure('usage', `${printable(file)} is no evidence: ${printable(error.message)}`)
    throw new Failure('failed', `the evidence does not hold: ${printable(error.message)}`)
  }
}

function namedIn(entry: Uint8Array): string[] {
  try {
    const { event } = JSON.parse(new TextDecoder().decode(entry)) as { event?: unknown }
    return attachedLists(event).map(({ sha256 }) => sha256)
  } catch {
    return []
  }
}
