/** Following a log's change of key: a new key is trusted when a trusted one vouches for it in the log, never otherwise. */
import { keyAnnouncementIn } from '@keywitness/cadf'
import { NoteError, ProofError, openCheckpoint, openKeyChange, parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import type { Heads } from './heads.ts'
import { announcementOf, type ListedKey, logKeys } from './log-api.ts'
import { printable } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import type { TrailApi } from './trail-api.ts'
import { checkConsistency, type TrustedKeys } from './trusted-log.ts'

/**
 * The keys to open a note with: those trusted, and, when none of them signed it, those that the log shows to be their
 * successors. These are remembered if the trusted ones were. Where nothing is shown the keys are as they were, and the
 * note does not open.
 *
 * @throws CliError `VERIFICATION_FAILED` when a change of key is shown, but in another log than the one seen before
 */
export async function followKeys(
  io: Surroundings,
  heads: Heads,
  keys: TrustedKeys,
  note: string,
  trail: TrailApi,
): Promise<TrustedKeys> {
  if (keys.source === 'new' || (await isSigned(note, keys))) return keys
  let known = keys
  for (const listed of await listedKeys(trail)) {
    if (known.texts.includes(listed.key) || listed.announced === null) continue
    const isShown = await isSuccessor(heads, known, listed, trail)
    if (!isShown) continue
    const { name } = parseVerifierKey(listed.key)
    if (keys.source === 'remembered') await heads.trust(listed.key)
    known = {
      source: known.source,
      texts: [...known.texts, listed.key],
      verifiers: [...known.verifiers, parseVerifierKey(listed.key)],
    }
    io.err.write(
      `${printable(name)} has changed its key. The key trusted here vouches for the new one in the log:\n  ${listed.key}\n`,
    )
  }
  return known
}

/** Whether a trusted key signed the note; what is no note at all is not followed, but told by whoever opens it. */
async function isSigned(note: string, { verifiers }: TrustedKeys): Promise<boolean> {
  try {
    await openCheckpoint(note, verifiers)
    return true
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    return error.code !== 'NO_KNOWN_SIGNATURE'
  }
}

/** A server that has no list of keys, or gives none, shows nothing. */
async function listedKeys(trail: TrailApi): Promise<readonly ListedKey[]> {
  try {
    return await logKeys(trail)
  } catch (error) {
    if (error instanceof CliError && ['REFUSED', 'BAD_ANSWER'].includes(error.code)) return []
    throw error
  }
}

/**
 * The announcement of the key must be an entry of a tree that a trusted key has signed, with the word of a trusted key
 * for the new one; and that tree must be of the log whose head is remembered.
 */
async function isSuccessor(heads: Heads, known: TrustedKeys, listed: ListedKey, trail: TrailApi): Promise<boolean> {
  try {
    const proof = await announcementOf(trail, listed.id)
    if (proof === undefined) return false
    const { entry, checkpoint } = await verifyReceipt(proof, known.verifiers)
    const announced = keyAnnouncementIn(entry)
    if (announced?.key !== listed.key) return false
    const key = await openKeyChange(announced.key, announced.voucher, known.verifiers)
    if (key.name !== checkpoint.origin) return false
    const newest = (await heads.read(checkpoint.origin)).heads.at(-1)?.checkpoint
    if (newest === undefined) return true
    const [smaller, larger] = newest.size < checkpoint.size ? [newest, checkpoint] : [checkpoint, newest]
    await checkConsistency(smaller, larger, trail)
    return true
  } catch (error) {
    if (error instanceof ProofError || error instanceof NoteError) return false
    throw error
  }
}
