/** The public face of the tracker: open its writer, open readers, build segments, check everything. */
import type { FsckOptions, FsckReport, ReaderOptions, TrackerReader } from './api.ts'

export type * from './api.ts'
export { TrackerError, type TrackerErrorCode } from './errors.ts'
export { sha256Of } from './hash.ts'
export { buildSegment } from './segment/build.ts'
export { openTracker } from './tracker.ts'

/** Opens a reader. @throws TrackerError MISSING, NEWER_SCHEMA, CORRUPT */
export declare function openReader(options: ReaderOptions): TrackerReader
/** Re-computes everything from the bytes on disk. */
export declare function fsck(options: FsckOptions): Promise<FsckReport>
