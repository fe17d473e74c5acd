/** The public face of the tracker: open its writer, open readers, build segments, check everything. */
export type * from './api.ts'
export { TrackerError, type TrackerErrorCode } from './errors.ts'
export { fsck } from './fsck/fsck.ts'
export { sha256Of } from './hash.ts'
export { openReader } from './reader/reader.ts'
export { buildSegment } from './segment/build.ts'
export { openTracker } from './tracker.ts'
