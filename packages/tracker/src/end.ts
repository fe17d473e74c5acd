/**
 * The end of a log: a last checkpoint that covers all of it, kept in a file of its own, then nobody can sign for it any
 * more.
 *
 * | after | a crash leaves | calling again |
 * |---|---|---|
 * | the checkpoint is signed and kept | a log as any other | goes on |
 * | `final-checkpoint` | a log that is not opened for writing any more, and its keys | destroys them |
 * | the private halves are gone | what stays | changes nothing |
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { TrackerError } from './errors.ts'
import { type Disk, readText, realDisk } from './store/disk.ts'

/** In the key folder. */
const finalFile = 'final-checkpoint'

const privateFiles = /^checkpoint(?:-[0-9a-f]{8})?\.key(?:\.new)?$/

/** The last checkpoint of a log that has ended. */
export interface FinalCheckpoint {
  readonly size: number
  readonly note: string
}

/** The last checkpoint of a log that has ended; undefined while it has not. @throws TrackerError CORRUPT */
export function readEnd(keyFolder: string): FinalCheckpoint | undefined {
  const file = join(keyFolder, finalFile)
  const note = readText(file)
  if (note === undefined) return undefined
  try {
    return { size: parseCheckpoint(parseNote(note).text).size, note }
  } catch (error) {
    throw new TrackerError('CORRUPT', `${file} is not a checkpoint`, { file, cause: error })
  }
}

/** Says for good that this is the last checkpoint, and destroys what could sign another. */
export function writeEnd(disk: Disk, keyFolder: string, note: string): void {
  disk.replaceFile(join(keyFolder, finalFile), note)
  destroyPrivateHalves(disk, keyFolder)
}

/** As `readEnd`, and destroys what a crash left of the private halves. */
export function settleEnd(keyFolder: string): FinalCheckpoint | undefined {
  const end = readEnd(keyFolder)
  if (end !== undefined) destroyPrivateHalves(realDisk, keyFolder)
  return end
}

function destroyPrivateHalves(disk: Disk, keyFolder: string): void {
  for (const file of readdirSync(keyFolder)) if (privateFiles.test(file)) disk.removeFile(join(keyFolder, file))
}

/** @throws TrackerError ENDED */
export function refuseEnded(keyFolder: string): void {
  if (readEnd(keyFolder) === undefined) return
  throw new TrackerError('ENDED', `the log of ${keyFolder} has ended: nothing is appended to it any more`)
}
