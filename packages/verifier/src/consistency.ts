/** Verifies that one checkpoint continues another, by the hashes of a consistency proof. */
import {
  type Checkpoint,
  NoteError,
  type NoteVerifier,
  ProofError,
  fromBase64,
  openCheckpoint,
  verifyConsistency,
} from '@keywitness/tlog'
import { Failure } from './failure.ts'
import { readText } from './files.ts'
import { printable } from './printable.ts'

export async function verifyConsistencyFiles(
  files: { readonly older: string; readonly newer: string; readonly proof: string },
  keys: readonly NoteVerifier[],
  tell: (step: string) => void,
): Promise<void> {
  const older = await checkpointIn(files.older, keys)
  const newer = await checkpointIn(files.newer, keys)
  if (older.origin !== newer.origin) {
    throw new Failure('failed', `the checkpoints are of ${printable(older.origin)} and of ${printable(newer.origin)}`)
  }
  tell(`both checkpoints of ${printable(older.origin)} are signed by its keys`)
  try {
    verifyConsistency(older.size, newer.size, older.root, newer.root, hashesIn(files.proof))
  } catch (error) {
    if (!(error instanceof ProofError)) throw error
    throw new Failure(
      'failed',
      `the log of ${newer.size} entries does not continue the one of ${older.size}: ${printable(error.message)}`,
    )
  }
  tell(`the log of ${newer.size} entries begins with the ${older.size} of the other: nothing was changed or removed`)
}

async function checkpointIn(file: string, keys: readonly NoteVerifier[]): Promise<Checkpoint> {
  try {
    return (await openCheckpoint(readText(file), keys)).checkpoint
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    const kind = error.code === 'NOTE_FORMAT' || error.code === 'CHECKPOINT_FORMAT' ? 'usage' : 'failed'
    throw new Failure(kind, `the checkpoint in ${printable(file)} does not hold: ${printable(error.message)}`)
  }
}

/** The answer of `GET …/log/consistency`, or its hashes one a line. */
function hashesIn(file: string): Uint8Array[] {
  const text = readText(file)
  const none = (): never => {
    throw new Failure('usage', `${printable(file)} holds no consistency proof`)
  }
  const lines = text.trimStart().startsWith('{')
    ? membersOf(text)
    : text.split('\n').filter((line) => line.trim() !== '')
  return (lines ?? none()).map((line) => fromBase64(line.trim()) ?? none())
}

function membersOf(text: string): string[] | undefined {
  try {
    const { hashes } = JSON.parse(text) as { hashes?: unknown }
    return Array.isArray(hashes) ? hashes.map(String) : undefined
  } catch {
    return undefined
  }
}
