/** A tracker in a folder of its own, for one test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Tracker, TrackerOptions, TrackerReader } from '../api.ts'
import type { FsckOptions, FsckReport } from '../check-api.ts'
import { fsck } from '../fsck/fsck.ts'
import { openReader } from '../reader/reader.ts'
import { buildSegment } from '../segment/build.ts'
import { type Disk, realDisk } from '../store/disk.ts'
import { openTrackerOn } from '../tracker.ts'

export const origin = 'example.com/tracker'

/** Folders, and what opens there. Whatever was opened is closed and removed when the test ends. */
export interface TestLog {
  readonly folder: string
  readonly keyFolder: string
  open(options?: Partial<TrackerOptions>, disk?: Disk): Tracker
  reader(): TrackerReader
  /** Closes all that was opened so far. */
  closeAll(): void
  check(options?: Omit<FsckOptions, 'folder' | 'keyFolder'>): Promise<FsckReport>
}

/** @param whenOver takes what removes the log again; by default the end of the test does */
export function testLog(whenOver: (remove: () => void) => void = onTestFinished): TestLog {
  const root = mkdtempSync(join(tmpdir(), 'keywitness-tracker-'))
  const opened: { close(): void }[] = []
  const folder = join(root, 'store')
  const keyFolder = join(root, 'keys')
  const closeAll = (): void => {
    for (const one of opened.splice(0).toReversed()) one.close()
  }
  const keep = <T extends { close(): void }>(one: T): T => {
    opened.push(one)
    return one
  }
  whenOver(() => {
    closeAll()
    rmSync(root, { recursive: true, force: true })
  })
  let now = Date.UTC(2025, 5, 19, 13, 0, 0)
  const clock = { now: () => (now += 1_000) }
  return {
    folder,
    keyFolder,
    open: (options = {}, disk = realDisk) =>
      keep(openTrackerOn(disk, { folder, keyFolder, origin, clock, create: true, ...options })),
    reader: () => keep(openReader({ folder, keyFolder })),
    closeAll,
    check: (options = {}) => fsck({ folder, keyFolder, ...options }),
  }
}

/** Seals everything that can be sealed. */
export function sealAll(tracker: Tracker, folder: string): void {
  for (let range = tracker.sealable(); range !== undefined; range = tracker.sealable()) {
    tracker.adopt(buildSegment({ folder }, range))
  }
}

/** Follows until the index is up to date. */
export function followAll(tracker: Tracker): void {
  while (tracker.follow(100) > 0);
}
