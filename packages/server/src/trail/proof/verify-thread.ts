/** One verification of a log's bytes on the disk, in a thread of its own that rests as it goes. */
import { setTimeout } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { fsck } from '@keywitness/tracker'
import { stepBack } from '../step-back.ts'

export interface VerifyOrder {
  readonly folder: string
  readonly keyFolder: string
  /** How long it rests for each time it works: 3 leaves it a quarter of one core. */
  readonly restRatio: number
}

/** What it found, as short as it is told. */
export interface VerifyFound {
  readonly good: boolean
  readonly size: number
  readonly covered: number
  readonly root: string | undefined
  readonly segments: number
  readonly checkpoints: number
  readonly findings: readonly { readonly kind: string; readonly message: string; readonly index?: number }[]
  readonly findingsTotal: number
  readonly notes: readonly string[]
}

export type FromVerify =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'found'; readonly found: VerifyFound }
  | { readonly kind: 'failed'; readonly message: string }

/** The longest rest at once, milliseconds: a stop waits for none, and none is long beside what was worked. */
const restMsMax = 500
/** Sealed entries whose search tables are compared each time, in segments drawn by lot: each has its turn. */
const searchEntries = 200_000
/** Findings told; all are counted. */
const findingsTold = 20

const port = parentPort as NonNullable<typeof parentPort>
const { folder, keyFolder, restRatio } = workerData as VerifyOrder
const say = (message: FromVerify): void => port.postMessage(message)

stepBack()
let workedSince = performance.now()
const pause = async (): Promise<void> => {
  await setTimeout(Math.min(restMsMax, (performance.now() - workedSince) * restRatio))
  workedSince = performance.now()
}

try {
  const progress = (done: number, total: number): void => say({ kind: 'progress', done, total })
  const report = await fsck({ folder, keyFolder, searchEntries, progress, pause })
  const { good, size, covered, root, segments, checkpoints, findingsTotal, notes } = report
  const findings = report.findings.slice(0, findingsTold).map(({ kind, message, index }) => ({
    kind,
    message,
    ...(index === undefined ? {} : { index }),
  }))
  say({ kind: 'found', found: { good, size, covered, root, segments, checkpoints, findings, findingsTotal, notes } })
} catch (error) {
  say({ kind: 'failed', message: (error as Error).message })
}
