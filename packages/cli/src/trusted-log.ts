/** Whose signature counts for a log, and whether its newest checkpoint continues what was verified before. */
import { readFile } from 'node:fs/promises'
import {
  type Checkpoint,
  NoteError,
  type NoteVerifier,
  ProofError,
  openCheckpoint,
  parseVerifierKey,
  sameBytes,
  verifyConsistency,
} from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import type { Heads, RememberedLog } from './heads.ts'
import { printable } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import type { TrailApi } from './trail-api.ts'

/** The keys one trusts for a log, and why. */
export interface TrustedKeys {
  readonly verifiers: readonly NoteVerifier[]
  /** `given` on the command line, `remembered` from an earlier contact, or `new`: the server's own word. */
  readonly source: 'given' | 'remembered' | 'new'
  /** The keys' texts. */
  readonly texts: readonly string[]
}

/**
 * Keys given with `--key`: each a verifier key itself, or a file of one per line.
 *
 * @throws CliError `BAD_INPUT`
 */
export async function givenKeys(values: readonly string[]): Promise<string[]> {
  const texts: string[] = []
  for (const value of values) {
    const inFile = await readFile(value, 'utf8').catch(() => undefined)
    const lines = (inFile ?? value).split('\n').map((line) => line.trim())
    const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
    try {
      keys.forEach(parseVerifierKey)
    } catch (error) {
      const what = inFile === undefined ? 'is neither a file nor a verifier key' : 'holds no verifier key'
      throw new CliError('BAD_INPUT', `${printable(value)} ${what}: ${(error as Error).message}`)
    }
    if (keys.length === 0) throw new CliError('BAD_INPUT', `${printable(value)} holds no verifier key`)
    texts.push(...keys)
  }
  return [...new Set(texts)]
}

/** Keys for a log: those given, else those remembered, else what the server says of itself. */
export async function trustedKeys(
  given: readonly string[],
  remembered: RememberedLog,
  askServer: () => Promise<string>,
): Promise<TrustedKeys> {
  const source = given.length > 0 ? 'given' : remembered.keys.length > 0 ? 'remembered' : 'new'
  const texts = source === 'given' ? given : source === 'remembered' ? remembered.keys : [await askServer()]
  try {
    return { source, texts, verifiers: texts.map(parseVerifierKey) }
  } catch (error) {
    throw new CliError('BAD_ANSWER', `the server's verifier key is none: ${(error as Error).message}`)
  }
}

/**
 * Opens a checkpoint of a log with its trusted keys.
 *
 * @throws CliError `VERIFICATION_FAILED`
 */
export async function openTrusted(note: string, keys: TrustedKeys, origin: string): Promise<Checkpoint> {
  let checkpoint: Checkpoint
  try {
    checkpoint = (await openCheckpoint(note, keys.verifiers)).checkpoint
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    const isOtherKey = error.code === 'NO_KNOWN_SIGNATURE' || error.code === 'ORIGIN'
    throw new CliError(
      'VERIFICATION_FAILED',
      `the checkpoint of ${printable(origin)} does not hold: ${printable(error.message)}`,
      isOtherKey && keys.source === 'remembered'
        ? 'if the log’s owner confirms a new key, trust it with keywitness log key --trust <key>'
        : undefined,
    )
  }
  if (checkpoint.origin === origin) return checkpoint
  throw new CliError(
    'VERIFICATION_FAILED',
    `the checkpoint is of ${printable(checkpoint.origin)}, not of ${printable(origin)}`,
  )
}

/** Tells of a first contact, where the key is the server's own word. */
export function tellFirstContact(io: Surroundings, origin: string, keys: TrustedKeys): void {
  if (keys.source !== 'new') return
  io.err.write(
    `First contact with ${printable(origin)}. From now on its key is trusted; compare it with a copy from another source:\n` +
      `  ${keys.texts.join('\n  ')}\n`,
  )
}

/**
 * Checks a checkpoint against everything remembered of its log, with consistency proofs from the server, and then
 * remembers it. A head that another process remembered meanwhile is checked as well.
 *
 * @param age `newest` when the server gave it as the log's newest head: then it may not be smaller than a remembered one
 * @throws CliError `VERIFICATION_FAILED`; then nothing new is remembered
 */
export async function checkAndRemember(
  heads: Heads,
  keys: TrustedKeys,
  note: string,
  checkpoint: Checkpoint,
  trail: TrailApi,
  age: 'newest' | 'any' = 'newest',
): Promise<RememberedLog> {
  const before = await heads.read(checkpoint.origin)
  const newest = before.heads.at(-1)
  if (newest !== undefined && checkpoint.size < newest.checkpoint.size) {
    if (age === 'newest') throw wentBack(checkpoint, newest.checkpoint.size, newest.file)
    await checkConsistency(checkpoint, newest.checkpoint, trail)
    return before
  }
  if (newest !== undefined) await checkConsistency(newest.checkpoint, checkpoint, trail)
  for (const key of keys.texts) if (parseVerifierKey(key).name === checkpoint.origin) await heads.trust(key)
  await heads.remember(note, checkpoint)
  const known = new Set(before.heads.map(({ checkpoint: { size } }) => size))
  const after = await heads.read(checkpoint.origin)
  for (const { checkpoint: other } of after.heads) {
    if (known.has(other.size) || other.size === checkpoint.size) continue
    const [smaller, larger] = other.size < checkpoint.size ? [other, checkpoint] : [checkpoint, other]
    await checkConsistency(smaller, larger, trail)
  }
  return before
}

/** The failure of a log that has fewer entries than it had. */
export function wentBack(checkpoint: Checkpoint, before: number, file: string): CliError {
  return new CliError(
    'VERIFICATION_FAILED',
    `${printable(checkpoint.origin)} went back: it has ${checkpoint.size} entries now, ${before} were verified before (${file})`,
    'the newest events were removed, or an old copy of the store was put back; the head seen before is kept',
  )
}

/** @throws CliError `VERIFICATION_FAILED` unless the larger tree continues the smaller one */
export async function checkConsistency(smaller: Checkpoint, larger: Checkpoint, trail: TrailApi): Promise<void> {
  const forked = (why: string): CliError =>
    new CliError(
      'VERIFICATION_FAILED',
      `${printable(larger.origin)}: the log of ${larger.size} entries does not continue the one of ${smaller.size} seen before: ${why}`,
      'the log was rewritten or forked; keep both checkpoints, they prove it',
    )
  if (smaller.size === larger.size) {
    if (!sameBytes(smaller.root, larger.root)) throw forked('the roots differ')
    return
  }
  const proof = smaller.size === 0 ? [] : await trail.consistency(smaller.size, larger.size)
  try {
    verifyConsistency(smaller.size, larger.size, smaller.root, larger.root, proof)
  } catch (error) {
    if (!(error instanceof ProofError)) throw error
    throw forked(error.message)
  }
}
