/** Verifying a file of evidence: what it holds gathered on the way, the first thing that is wrong named. */
import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type ActivityEvent, attachedLists } from '@keywitness/cadf'
import {
  type EvidenceEntry,
  EvidenceError,
  type EvidenceReport,
  NoteError,
  ProofError,
  type VerifyEvidenceOptions,
  platformHash,
  verifyEvidence,
} from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { printable } from './printable.ts'
import { entryOf } from './proof-steps.ts'

/** One entry of a file; `event` is undefined when it has a form that this command does not know. */
export interface FoundEvent extends EvidenceEntry {
  readonly event: ActivityEvent | undefined
}

/**
 * @throws CliError `VERIFICATION_FAILED` naming the line; `BAD_INPUT` when the file cannot be read or `trust` says so
 */
export async function verifyFile(
  file: string,
  trust: VerifyEvidenceOptions['trust'],
  onEvent: (found: FoundEvent) => void | Promise<void>,
): Promise<EvidenceReport> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>) {
        yield chunk
      }
    } catch (error) {
      throw new CliError('BAD_INPUT', `cannot read ${printable(file)}: ${(error as Error).message}`)
    }
  }
  try {
    return await verifyEvidence(chunks(), {
      trust,
      hash: platformHash(hash),
      attachmentsOf: (entry) => attachedLists(entryOf(entry)?.event).map(({ sha256 }) => sha256),
      onEntry: (found) => onEvent({ ...found, event: entryOf(found.entry)?.event }),
    })
  } catch (error) {
    if (!(error instanceof EvidenceError || error instanceof NoteError || error instanceof ProofError)) throw error
    const isOtherKey = error.code === 'NO_KNOWN_SIGNATURE' || error.code === 'ORIGIN'
    const isNone = error.code === 'FORMAT' && error instanceof EvidenceError && error.line === 1
    throw new CliError(
      isNone ? 'BAD_INPUT' : 'VERIFICATION_FAILED',
      `${printable(file)} ${isNone ? 'is no evidence' : 'does not hold'}: ${printable(error.message)}`,
      isOtherKey ? 'check that this is the key of this log' : isNone ? undefined : 'rely on nothing in it',
    )
  }
}
