/** The log's own word, signed, on which entries left it by its retention. */
import { type Checkpoint, type MinimumIndex, NoteError, openMinimumIndex } from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { formatCount, printable } from './printable.ts'
import type { TrailApi } from './trail-api.ts'
import type { TrustedKeys } from './trusted-log.ts'

/** A minimum index that holds, and the note that says it. */
export interface SignedMinimum extends MinimumIndex {
  readonly note: string
}

/**
 * The log's minimum index; undefined when nothing was pruned.
 *
 * @throws CliError `VERIFICATION_FAILED` when what the server gives is not signed by the log, or is of another
 */
export async function minimumOf(
  trail: TrailApi,
  keys: Pick<TrustedKeys, 'verifiers'>,
  { origin, size }: Pick<Checkpoint, 'origin' | 'size'>,
): Promise<SignedMinimum | undefined> {
  const note = await trail.minimumIndex()
  if (note === undefined) return undefined
  const fails = (why: string): never => {
    throw new CliError('VERIFICATION_FAILED', `the minimum index of ${printable(origin)} ${printable(why)}`)
  }
  let minimum: MinimumIndex
  try {
    minimum = await openMinimumIndex(note, keys.verifiers)
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    return fails(`does not hold: ${error.message}`)
  }
  if (minimum.origin !== origin) return fails(`is that of ${minimum.origin}`)
  if (minimum.index > size) return fails(`is ${minimum.index}, beyond the checkpoint's ${size} entries`)
  return { ...minimum, note }
}

/** A log that is pruned more often than this while it is verified is not verified by asking again. */
const attemptsMax = 3

/**
 * Verifies what is not pruned. Entries that leave while it runs are missed by a verification that began before: it is made
 * once more, above the new minimum index.
 */
export async function aboveMinimum<Report extends { readonly ok: boolean }>(
  minimum: () => Promise<SignedMinimum | undefined>,
  verify: (minimum: SignedMinimum | undefined) => Promise<Report>,
): Promise<{ readonly report: Report; readonly minimum: SignedMinimum | undefined }> {
  let current = await minimum()
  for (let attempt = 1; ; attempt++) {
    const report = await verify(current)
    if (report.ok || attempt === attemptsMax) return { report, minimum: current }
    const newer = await minimum()
    if ((newer?.index ?? 0) <= (current?.index ?? 0)) return { report, minimum: current }
    current = newer
  }
}

/** One sentence for people. */
export function minimumText({ index, keepDays, time }: MinimumIndex): string {
  const when = new Date(time).toISOString()
  const policy = `kept at least ${formatCount(keepDays)} days`
  return `entries below ${formatCount(index)} were pruned by policy (${policy}), signed ${when}`
}
