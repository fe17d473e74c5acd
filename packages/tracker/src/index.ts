/** The public face of the tracker: open its writer, open readers, build segments, check everything. */
import type { FsckOptions, FsckReport } from './api.ts'

export type * from './api.ts'
export { TrackerError, type TrackerErrorCode } from './errors.ts'
export { sha256Of } from './hash.ts'
export { openReader } from './reader/reader.ts'
export { buildSegment } from './segment/build.ts'
export { openTracker } from './tracker.ts'

/** Re-computes everything from the bytes on disk. */
export declare function fsck(options: FsckOptions): Promise<FsckReport>
