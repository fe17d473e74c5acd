/** Entry of a worker thread that builds one segment and posts it to its parent. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SegmentRange } from './api.ts'
import { buildSegment } from './segment/build.ts'

const { folder, range } = workerData as { readonly folder: string; readonly range: SegmentRange }
parentPort?.postMessage(buildSegment({ folder }, range))
