/** The file of a server's seal: where it lies, what it holds, and how it is replaced so that it is never lost. */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SEAL_FILE_BYTES_MAX, SealEnvelopeError } from '@keywitness/crypto-unit/seal-envelope'
import { CliError } from './cli-error.ts'
import { memberOf } from './api-client.ts'
import { printable } from './printable.ts'
import type { Surroundings } from './surroundings.ts'

/** What of the old bytes may still be there: overwritten, or not, because the file has another name or takes no writing. */
export type OldBytes = 'overwritten' | 'other-name' | 'not-writable'

/**
 * Where the seal lies: as given, or where the server of the same settings looks for it.
 * @throws CliError `BAD_INPUT`
 */
export function sealPath(io: Surroundings, given: string | undefined): string {
  if (given !== undefined) return resolve(given)
  const settings = settingsFile(io.environment['KEYWITNESS_CONFIG'])
  const setting = (name: string, initial: string): string => {
    const value = io.environment[name] ?? memberOf(settings, name)
    return typeof value === 'string' && value !== '' ? value : initial
  }
  const data = resolve(setting('KEYWITNESS_DATA', './data'))
  return resolve(setting('KEYWITNESS_SEAL', '<data>/seal.key').replace('<data>', data))
}

function settingsFile(path: string | undefined): unknown {
  if (path === undefined || path === '') return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new CliError(
      'BAD_INPUT',
      `KEYWITNESS_CONFIG: cannot read settings from ${printable(path)}`,
      'give the seal by --file',
    )
  }
}

/**
 * Reads the file, no further than a seal can reach.
 * @returns its bytes, and the rights others have to it
 * @throws CliError `BAD_INPUT`
 */
export function readSeal(path: string): { readonly bytes: Buffer; readonly mode: number } {
  let handle: number | undefined
  try {
    handle = openSync(path, 'r')
    return { bytes: contentOf(handle), mode: fstatSync(handle).mode & 0o777 }
  } catch (error) {
    throw fileError(`cannot read the seal ${printable(path)}`, error, 'give the file by --file')
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** One byte more than any seal has, so that a longer file is seen without being read. */
function contentOf(handle: number): Buffer {
  const bytes = Buffer.alloc(SEAL_FILE_BYTES_MAX + 1)
  return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0))
}

/**
 * Replaces the file. Whenever this is cut short, the file holds all of the old bytes or all of the new ones; what may be
 * left is `<file>.new`, which is not looked at. The old bytes are overwritten once the new ones are durable.
 *
 * @param expected what the file held when the new content was made
 * @throws CliError `BAD_INPUT`; unless it says otherwise, the file is as it was
 */
export function replaceSeal(path: string, expected: Uint8Array, content: Uint8Array): OldBytes {
  const what = `cannot replace the seal ${printable(path)}`
  let file: string
  try {
    // The file itself, not a link to it, which would be replaced.
    file = realpathSync(path)
  } catch (error) {
    throw fileError(what, error)
  }
  const temporary = `${file}.new`
  const beside = claim(temporary, what)
  let old: number | undefined
  let isReplaced = false
  try {
    const opened = openOld(file)
    old = opened.handle
    if (!contentOf(old).equals(expected)) {
      throw new CliError('BAD_INPUT', `${what}: it was changed meanwhile`, 'look at it again')
    }
    writeWhole(beside, content, fstatSync(old))
    renameSync(temporary, file)
    isReplaced = true
    syncFolder(dirname(file))
    return opened.isWritable ? overwrite(old, expected.length) : 'not-writable'
  } catch (error) {
    if (!isReplaced) throw fileError(what, error)
    throw fileError(
      `the seal ${printable(path)} was replaced; whether that outlives a power failure is not known`,
      error,
    )
  } finally {
    // Once renamed the name is free, and may be another command's by now.
    if (!isReplaced) rmSync(temporary, { force: true })
    closeSync(beside)
    if (old !== undefined) closeSync(old)
  }
}

/** The new file's name is the lock as well: two that replace one seal at a time could lose it. */
function claim(temporary: string, what: string): number {
  try {
    return openSync(temporary, 'wx+', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(what, error)
    throw new CliError(
      'BAD_INPUT',
      `${what}: ${printable(temporary)} is there, of another command that is at it, or was cut short`,
      'if none runs, delete that file; the seal itself is whole',
    )
  }
}

function openOld(file: string): { readonly handle: number; readonly isWritable: boolean } {
  try {
    return { handle: openSync(file, 'r+'), isWritable: true }
  } catch {
    return { handle: openSync(file, 'r'), isWritable: false }
  }
}

function writeWhole(handle: number, content: Uint8Array, old: { uid: number; gid: number }): void {
  // Root may do this for the server's user, who must be able to read it afterwards.
  const { uid, gid } = fstatSync(handle)
  if (uid !== old.uid || gid !== old.gid) fchownSync(handle, old.uid, old.gid)
  fchmodSync(handle, 0o600)
  writeSync(handle, content)
  fsyncSync(handle)
  if (!contentOf(handle).equals(content)) throw new Error('what was written is not what is there')
}

function overwrite(handle: number, length: number): OldBytes {
  // A hard link, as some back-ups make them, is somebody's copy: not ours to destroy.
  if (fstatSync(handle).nlink > 0) return 'other-name'
  try {
    writeSync(handle, Buffer.alloc(length), 0, length, 0)
    fsyncSync(handle)
    return 'overwritten'
  } catch {
    return 'not-writable'
  }
}

function syncFolder(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function fileError(what: string, error: unknown, advice?: string): CliError {
  if (error instanceof CliError) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new CliError('BAD_INPUT', `${what}: ${code ?? message}`, advice)
}

/**
 * Does something with an envelope, and says in one line what is wrong with it.
 * @throws CliError `BAD_INPUT`
 */
export function withEnvelope<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof SealEnvelopeError)) throw error
    const text = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`.replace(/\.$/, '')
    throw new CliError('BAD_INPUT', `the seal ${printable(path)} cannot be used: ${text}`)
  }
}
