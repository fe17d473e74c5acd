/** The keys one trusts: those given, and those that they vouched for. Never what a file brings itself. */
import { existsSync } from 'node:fs'
import { keyAnnouncementIn } from '@keywitness/cadf'
import {
  NoteError,
  type NoteVerifier,
  ProofError,
  openKeyChange,
  parseVerifierKey,
  verifyReceipt,
} from '@keywitness/tlog'
import { Failure } from './failure.ts'
import { readText } from './files.ts'
import { printable } from './printable.ts'

/**
 * @param given verifier keys, or files with one a line
 * @param changes proof files of the events by which a log changed its key, oldest first
 * @param tell told of each change that holds
 */
export async function trustedKeys(
  given: readonly string[],
  changes: readonly string[],
  tell: (step: string) => void,
): Promise<NoteVerifier[]> {
  if (given.length === 0) {
    throw new Failure('usage', 'no key is given: pass it with --key, from a source you trust')
  }
  const keys: NoteVerifier[] = given.flatMap(keysIn)
  for (const file of changes) keys.push(await changedKey(file, keys, tell))
  return keys
}

function keysIn(value: string): NoteVerifier[] {
  const text = existsSync(value) ? readText(value) : value
  const lines = text.split('\n').map((line) => line.trim())
  try {
    const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseVerifierKey)
    if (keys.length > 0) return keys
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
  }
  throw new Failure('usage', `${printable(value)} is neither a verifier key nor a file with some`)
}

async function changedKey(
  file: string,
  trusted: readonly NoteVerifier[],
  tell: (step: string) => void,
): Promise<NoteVerifier> {
  try {
    const { entry, index, checkpoint } = await verifyReceipt(readText(file), trusted)
    const announced = keyAnnouncementIn(entry)
    if (announced === undefined) throw new Failure('failed', `${printable(file)} proves no change of a key`)
    const key = await openKeyChange(announced.key, announced.voucher, trusted)
    if (key.name !== checkpoint.origin) throw new Failure('failed', `${printable(file)} is of another log`)
    tell(`entry ${index} of ${printable(checkpoint.origin)} changes its key, and the old key vouches for the new one`)
    return key
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof NoteError)) throw error
    throw new Failure('failed', `the change of key in ${printable(file)} does not hold: ${printable(error.message)}`)
  }
}
