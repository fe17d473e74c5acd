/** The register of a log's keys, outside its store: which signed from when until when, and which is to come. */
import { join } from 'node:path'
import { parseVerifierKey } from '@keywitness/tlog'
import type { LogKey } from './key-api.ts'
import { readVerifierKey } from './checkpoint-key.ts'
import { TrackerError } from './errors.ts'
import { type Disk, readText } from './store/disk.ts'

/** There from the first change of the key on; before, the log has the one key that `checkpoint.pub` holds. */
const registerFile = 'keys.json'
/** The verifier key of a key that was made and not announced yet. */
const nextFile = 'next-key'

const format = 1

/**
 * The keys of a log, oldest first. The last one is the current one; the one before signs beside it while it has no end.
 *
 * @throws TrackerError MISSING when there is no key at all, CORRUPT
 */
export function readKeys(keyFolder: string): readonly LogKey[] {
  const file = join(keyFolder, registerFile)
  let text = readText(file)
  if (text === undefined) {
    const vkey = readVerifierKey(keyFolder)
    // The first change of key writes the register first: what was read after it is not the log's only key.
    text = readText(file)
    if (text === undefined) return [{ vkey, from: { size: 0, time: 0 } }]
  }
  return registerIn(text, file)
}

export function writeKeys(disk: Disk, keyFolder: string, keys: readonly LogKey[]): void {
  disk.replaceFile(join(keyFolder, registerFile), printed(keys))
}

function printed(keys: readonly LogKey[]): string {
  const ordered = keys.map(({ vkey, from, until, announced, overlapUntil }) => ({
    vkey,
    from,
    until,
    announced,
    overlapUntil,
  }))
  return `${JSON.stringify({ format, keys: ordered }, undefined, 2)}\n`
}

/** What is wrong with the register's file, which must be as it was written; undefined when nothing is. */
export function registerFault(keyFolder: string): string | undefined {
  const file = join(keyFolder, registerFile)
  const text = readText(file)
  return text === undefined || text === printed(registerIn(text, file)) ? undefined : `${file} is not as it was written`
}

/** The register as it stands; undefined while the log has never changed its key. */
export function registerText(keyFolder: string): string | undefined {
  return readText(join(keyFolder, registerFile))
}

/** The key that waits to be announced. @throws TrackerError CORRUPT */
export function readNextKey(keyFolder: string): string | undefined {
  const file = join(keyFolder, nextFile)
  const text = readText(file)
  if (text === undefined) return undefined
  try {
    const vkey = text.slice(0, -1)
    parseVerifierKey(vkey)
    if (text !== `${vkey}\n`) throw new Error('another end')
    return vkey
  } catch (error) {
    throw new TrackerError('CORRUPT', `${file} is not a verifier key`, { file, cause: error })
  }
}

export function writeNextKey(disk: Disk, keyFolder: string, vkey: string): void {
  disk.replaceFile(join(keyFolder, nextFile), `${vkey}\n`)
}

export function removeNextKey(disk: Disk, keyFolder: string): void {
  disk.removeFile(join(keyFolder, nextFile))
}

/** Keys that must have signed the checkpoint of a size. */
export function signersAt(keys: readonly LogKey[], size: number): LogKey[] {
  return keys.filter(({ from, until }) => from.size <= size && (until === undefined || size <= until.size))
}

function registerIn(text: string, file: string): readonly LogKey[] {
  try {
    return parseRegister(text)
  } catch (error) {
    throw new TrackerError('CORRUPT', `${file} is not a register of keys`, { file, cause: error })
  }
}

function parseRegister(text: string): LogKey[] {
  const { format: version, keys } = JSON.parse(text) as { format?: unknown; keys?: unknown }
  if (version !== format || !Array.isArray(keys) || keys.length === 0) throw new Error('another form')
  const parsed = keys.map(parseKey)
  const names = new Set(parsed.map(({ vkey }) => parseVerifierKey(vkey).name))
  const signing = parsed.filter(({ until }) => until === undefined)
  if (names.size !== 1 || signing.length < 1 || signing.length > 2 || parsed.at(-1)?.until !== undefined) {
    throw new Error('keys that cannot be of one log')
  }
  return parsed
}

function parseKey(value: unknown): LogKey {
  const { vkey, from, until, announced, overlapUntil } = value as Record<string, unknown>
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0
  const parseMoment = (moment: unknown): LogKey['from'] => {
    const { size, time } = moment as Record<string, unknown>
    if (!isCount(size) || !isCount(time)) throw new Error('no moment')
    return { size, time }
  }
  if (typeof vkey !== 'string') throw new Error('no key')
  for (const number of [announced, overlapUntil])
    if (number !== undefined && !isCount(number)) throw new Error('no number')
  return {
    vkey,
    from: parseMoment(from),
    ...(until === undefined ? {} : { until: parseMoment(until) }),
    ...(announced === undefined ? {} : { announced: announced as number }),
    ...(overlapUntil === undefined ? {} : { overlapUntil: overlapUntil as number }),
  }
}
