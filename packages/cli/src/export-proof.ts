/** That the checkpoint which an export or a file of evidence stands on is the log's, and of one log with what was seen before. */
import { type Checkpoint, NoteError, parseCheckpoint, parseNote } from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { Heads } from './heads.ts'
import { followKeys } from './key-following.ts'
import type { Surroundings } from './surroundings.ts'
import type { TrailApi } from './trail-api.ts'
import { checkAndRemember, openTrusted, tellFirstContact, type TrustedKeys, trustedKeys } from './trusted-log.ts'

/** A checkpoint that holds, and the keys it was opened with. */
export interface Proved {
  readonly checkpoint: Checkpoint
  readonly keys: TrustedKeys
}

/** @throws CliError `VERIFICATION_FAILED`, `BAD_ANSWER` */
export async function proveCheckpoint(io: Surroundings, trail: TrailApi, note: string): Promise<Proved> {
  const { origin } = claimed(note)
  const heads = Heads.of(io)
  const trusted = await trustedKeys([], await heads.read(origin), () => trail.key())
  const keys = await followKeys(io, heads, trusted, note, trail)
  const checkpoint = await openTrusted(note, keys, origin)
  tellFirstContact(io, origin, keys)
  await checkAndRemember(heads, keys, note, checkpoint, trail, 'any')
  return { checkpoint, keys }
}

function claimed(note: string): Checkpoint {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    throw new CliError('BAD_ANSWER', `the checkpoint is none: ${error.message}`)
  }
}
