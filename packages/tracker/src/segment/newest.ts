/** Refuses a log whose segments a newer version sealed, before anything of it is touched. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { TrackerError } from '../errors.ts'
import { segmentsFolder } from '../head/schema.ts'
import type { Disk } from '../store/disk.ts'
import { SegmentFile } from './segment-file.ts'

/**
 * Looks at the newest segment only, since formats only grow. One that is damaged is no reason not to start: what goes on
 * is the signed tree, and who reads or checks the segment is told.
 *
 * @throws TrackerError NEWER_SCHEMA
 */
export function refuseNewerSegment(disk: Disk, folder: string): void {
  const inFolder = join(folder, segmentsFolder)
  if (!existsSync(inFolder)) return
  // Names sort as ranges do.
  const newest = readdirSync(inFolder)
    .filter((name) => /^\d{12}-\d{12}\.db$/.test(name))
    .toSorted()
    .at(-1)
  if (newest === undefined) return
  try {
    new SegmentFile(disk, join(inFolder, newest)).close()
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'NEWER_SCHEMA') throw error
  }
}
