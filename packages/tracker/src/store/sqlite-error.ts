/** What a database or file system error means for a tracker's caller. */
import { basename } from 'node:path'
import { TrackerError, type TrackerErrorCode } from '../errors.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html) that mean something to a caller. */
const sqliteCodes: Readonly<Record<number, TrackerErrorCode>> = {
  5: 'LOCKED',
  6: 'LOCKED',
  8: 'READ_ONLY',
  11: 'CORRUPT',
  13: 'DISK_FULL',
  26: 'CORRUPT',
}

const fileCodes: Readonly<Record<string, TrackerErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  EROFS: 'READ_ONLY',
  EACCES: 'READ_ONLY',
  EPERM: 'READ_ONLY',
  ENOENT: 'MISSING',
}

const sqliteCantOpen = 14

/** Says an error of the platform in the tracker's words; `doing` is what was tried. A TrackerError stays as it is. */
export function asTrackerError(error: unknown, doing: string, file?: string): TrackerError {
  if (error instanceof TrackerError) return error
  const { errcode, code, message } = error as { errcode?: unknown; code?: unknown; message?: unknown }
  const name = file === undefined ? '' : ` (${basename(file)})`
  // Its words are the same for all errors of a kind: the number says which, and often of which file.
  const extended = typeof errcode === 'number' && errcode > 0xff ? ` (SQLite ${errcode})` : ''
  return new TrackerError(codeOf(errcode, code), `${doing}${name}: ${String(message)}${extended}`, {
    ...(file === undefined ? {} : { file }),
    cause: error,
  })
}

function codeOf(errcode: unknown, code: unknown): TrackerErrorCode {
  if (typeof errcode === 'number') {
    // SQLite tells neither a folder that cannot be written from one that is not there; callers look for the file first.
    if ((errcode & 0xff) === sqliteCantOpen) return 'READ_ONLY'
    return sqliteCodes[errcode & 0xff] ?? 'IO'
  }
  return (typeof code === 'string' ? fileCodes[code] : undefined) ?? 'IO'
}
