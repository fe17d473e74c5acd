/** By which keys a file of evidence must hold: given, or remembered of its log; never those that it brings itself. */
import type { EvidenceClaim, NoteVerifier } from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { Heads } from './heads.ts'
import { printable } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import { givenKeys, trustedKeys } from './trusted-log.ts'

/** @throws CliError `BAD_INPUT`, also from what it answers, when no key of the log is known */
export async function trusting(
  io: Surroundings,
  keys: readonly string[],
): Promise<(claim: EvidenceClaim) => Promise<readonly NoteVerifier[]>> {
  const given = await givenKeys(keys)
  return async ({ checkpoint: { origin }, keys: own }) => {
    const known = await trustedKeys(given, await Heads.of(io).read(origin), () => {
      throw new CliError(
        'BAD_INPUT',
        `no key of ${printable(origin)} is known here`,
        `pass it with --key, from a source you trust (its owner prints it with keywitness log key); the file names ${own.join(', ')}`,
      )
    })
    return known.verifiers
  }
}
