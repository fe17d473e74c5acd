/** The public face of the tracker: open its writer, open readers, build segments, check everything. */
import type {
  FsckOptions,
  FsckReport,
  ReaderOptions,
  Segment,
  SegmentRange,
  Tracker,
  TrackerOptions,
  TrackerReader,
} from './api.ts'

export type * from './api.ts'
export { TrackerError, type TrackerErrorCode } from './errors.ts'
export { sha256Of } from './hash.ts'

/** Opens (or creates) the tracker for writing. @throws TrackerError LOCKED, NEWER_SCHEMA, CORRUPT, FORKED, DISK_FULL, READ_ONLY, MISSING */
export declare function openTracker(options: TrackerOptions): Tracker
/** Opens a reader. @throws TrackerError MISSING, NEWER_SCHEMA, CORRUPT */
export declare function openReader(options: ReaderOptions): TrackerReader
/** Builds the segment file of a range `sealable()` named. Reads only; any thread. */
export declare function buildSegment(paths: { folder: string }, range: SegmentRange): Segment
/** Re-computes everything from the bytes on disk. */
export declare function fsck(options: FsckOptions): Promise<FsckReport>
