/**
 * Changing the key that signs: made, announced by an entry of the log, signing beside the old key, then alone.
 *
 * Each step is one file put in place, after which the log is in a state that the next start goes on from:
 *
 * | after | a crash leaves | the next start |
 * |---|---|---|
 * | the private half | a file that nothing names | destroys it |
 * | `next-key` | a key that waits; it has signed nothing | finds its announcement in the log, or goes on waiting |
 * | its announcement's commit | the entry | takes the key into the register before anything is signed |
 * | `keys.json` with both | both sign | sign; `next-key` goes |
 * | `keys.json` with the old one's end | the old private half | destroys it |
 */
import { type NoteSignature, parseNote, parseVerifierKey, vouchForKey } from '@keywitness/tlog'
import { type KeyAnnouncement, keyAnnouncementIn } from '@keywitness/cadf'
import type { LogKey, PreparedKey } from './key-api.ts'
import {
  type CheckpointKey,
  createLaterKey,
  destroyOtherKeys,
  keepPublicKey,
  openFirstKey,
  openKey,
} from './checkpoint-key.ts'
import { TrackerError } from './errors.ts'
import type { EntryRows } from './head/entry-rows.ts'
import { readKeys, readNextKey, registerText, removeNextKey, writeKeys, writeNextKey } from './key-register.ts'
import { signedHeadText } from './signed-head.ts'
import type { Disk } from './store/disk.ts'

/** The keys of an open log. */
export interface LogKeys {
  /** All there ever were, oldest first. */
  readonly known: readonly LogKey[]
  /** Those that sign, oldest first: the order of their lines in a checkpoint. */
  readonly signing: readonly CheckpointKey[]
  /** The newest that signs. */
  readonly current: CheckpointKey
  /** The one that waits for its announcement. */
  readonly next: string | undefined
}

export interface KeyParts {
  readonly disk: Disk
  readonly keyFolder: string
  readonly origin: string
}

/**
 * Opens the keys, and ends what a crash left half done.
 *
 * @throws TrackerError MISSING, CORRUPT, BAD_INPUT
 */
export function openKeys({ disk, keyFolder, origin }: KeyParts): LogKeys {
  const known = registerText(keyFolder) !== undefined ? readKeys(keyFolder) : firstKeyOnly(disk, keyFolder, origin)
  const signing = known.filter(({ until }) => until === undefined).map(({ vkey }) => openKey(keyFolder, vkey))
  const current = signing.at(-1)!
  if (current.signer.name !== origin) {
    throw new TrackerError('BAD_INPUT', `the keys in ${keyFolder} are of ${current.signer.name}, not of ${origin}`)
  }
  refuseUnknownSigner(keyFolder, origin, known)
  keepPublicKey(disk, keyFolder, current.vkey)
  let next = readNextKey(keyFolder)
  if (next !== undefined && known.some(({ vkey }) => vkey === next)) {
    removeNextKey(disk, keyFolder)
    next = undefined
  }
  destroyOtherKeys(disk, keyFolder, [...signing.map(({ vkey }) => vkey), ...(next === undefined ? [] : [next])])
  return { known, signing, current, next }
}

/**
 * A register that is older than what was signed (a copy put back) knows less than there is: the keys that it does not
 * know must not be destroyed for that, nor the log go on without them.
 *
 * @throws TrackerError CORRUPT
 */
function refuseUnknownSigner(keyFolder: string, origin: string, known: readonly LogKey[]): void {
  const text = signedHeadText(keyFolder)
  if (text === undefined) return
  const ids = new Set(known.map(({ vkey }) => parseVerifierKey(vkey).keyId))
  let signatures: readonly NoteSignature[]
  try {
    signatures = parseNote(text).signatures
  } catch {
    // What is no note is refused where it is opened.
    return
  }
  const unknown = signatures.find(({ name, keyId }) => name === origin && !ids.has(keyId))
  if (unknown === undefined) return
  const id = unknown.keyId.toString(16).padStart(8, '0')
  throw new TrackerError(
    'CORRUPT',
    `the log was signed by the key ${id}, which the register in ${keyFolder} does not know`,
    {
      file: keyFolder,
    },
  )
}

/** Before the first change of key there is no register: the one private half says which key it is. */
function firstKeyOnly(disk: Disk, keyFolder: string, origin: string): readonly LogKey[] {
  const { vkey } = openFirstKey(keyFolder, origin)
  keepPublicKey(disk, keyFolder, vkey)
  return [{ vkey, from: { size: 0, time: 0 } }]
}

/**
 * Makes the next key, or finds the one that was made and not announced yet, and lets the current one vouch for it.
 *
 * @throws TrackerError BAD_INPUT while two keys sign
 */
export function prepareKey({ disk, keyFolder, origin }: KeyParts, keys: LogKeys): PreparedKey {
  if (keys.signing.length > 1) throw new TrackerError('BAD_INPUT', 'the last change of the key is not over: two sign')
  let { next } = keys
  if (next === undefined) {
    next = createLaterKey(disk, keyFolder, origin)
    writeNextKey(disk, keyFolder, next)
  }
  return { vkey: next, previous: keys.current.vkey, voucher: vouchForKey(next, keys.current.signer) }
}

/** An announcement and where it stands. */
export interface FoundAnnouncement extends KeyAnnouncement {
  readonly index: number
}

/** The entry among `from` to below `to` that announces the key that waits, as the current key has vouched for it. */
export function findAnnouncement(
  rows: EntryRows,
  from: number,
  to: number,
  { next, current }: LogKeys,
): FoundAnnouncement | undefined {
  for (const { index, bytes } of rows.range(from, to)) {
    const announced = keyAnnouncementIn(bytes)
    if (announced?.key !== next || announced?.previousKey !== current.vkey) continue
    // Deterministic: the same key says the same of the same key, and nobody else can.
    if (announced.voucher === vouchForKey(announced.key, current.signer)) return { ...announced, index }
  }
  return undefined
}

/** Takes the key that waits into the register when its announcement is among the head's entries. */
export function adoptAnnounced(parts: KeyParts, keys: LogKeys, rows: EntryRows, size: number, now: number): LogKeys {
  if (keys.next === undefined) return keys
  const found = findAnnouncement(rows, rows.start() ?? size, size, keys)
  if (found === undefined) return keys
  adoptKey(parts, keys, found, now)
  return openKeys(parts)
}

/** From now on the announced key signs, beside the one before. */
export function adoptKey({ disk, keyFolder }: KeyParts, keys: LogKeys, found: FoundAnnouncement, now: number): void {
  const overlapUntil = now + Math.min(Math.max(0, found.overlapSeconds), overlapSecondsMax) * 1_000
  const next: LogKey = { vkey: found.key, from: { size: found.index + 1, time: now }, announced: found.index }
  const known = keys.known.map((key) => (key.until === undefined ? { ...key, overlapUntil } : key))
  writeKeys(disk, keyFolder, [...known, next])
}

/** Ten years: a time that a number of milliseconds holds. */
const overlapSecondsMax = 315_360_000

/** Whether the older of two keys has signed long enough: its time is over, and both have covered the announcement. */
export function isOverlapOver({ known, signing }: LogKeys, covered: number, now: number): boolean {
  if (signing.length < 2) return false
  const [old, next] = known.filter(({ until }) => until === undefined)
  return (
    covered >= (next?.from.size ?? Number.POSITIVE_INFINITY) && now >= (old?.overlapUntil ?? Number.POSITIVE_INFINITY)
  )
}

/** The older of two keys has signed its last checkpoint, that of size `covered`. */
export function retireKey({ disk, keyFolder }: KeyParts, keys: LogKeys, covered: number, now: number): void {
  const old = keys.signing[0]!.vkey
  const until = { size: covered, time: now }
  writeKeys(
    disk,
    keyFolder,
    keys.known.map((key) => (key.vkey === old ? { ...key, until } : key)),
  )
}
