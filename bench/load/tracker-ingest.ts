/**
 * Fills a log as the product's forwarding thread does, in a process of its own: append, publish, follow in a thread and
 * seal in another. Ends when every entry is covered and found by searching, and every full segment is sealed.
 *
 * usage: tracker-ingest <JSON of an IngestOrder>; prints one line of JSON, an IngestReport.
 */
import { Worker } from 'node:worker_threads'
import { openTracker, type Segment, type Tracker } from '@keywitness/tracker'
import { entryBatches } from '../harness/entry-file.ts'

export interface IngestOrder {
  readonly folder: string
  readonly keyFolder: string
  readonly origin: string
  readonly entries: string
  readonly count: number
  /** Entries that are durable together. */
  readonly batch: number
}

export interface IngestReport {
  readonly seconds: number
  /** Seconds from the start until so many tenths of the entries were appended. */
  readonly tenths: readonly number[]
  readonly segments: number
}

/** Producer of the generated entries, as the tracker is told: it numbers deliveries by it, whatever the entries say. */
const producer = '019b8b74-1800-7000-8000-000000000001'
const publishEveryMs = 1_000
/** A segment waits for the index, unless the log is another segment further. */
const segmentEvents = 100_000
/** Entries after which the index is told that there are more. */
const tellEvery = 1_000

const order = JSON.parse(process.argv[2] ?? '{}') as IngestOrder
console.log(JSON.stringify(await ingest(order)))

async function ingest({ folder, keyFolder, origin, entries, count, batch }: IngestOrder): Promise<IngestReport> {
  const tracker = openTracker({ folder, keyFolder, origin, clock: { now: () => Date.now() }, create: true })
  const before = tracker.size
  let sequence = tracker.lastOf(producer)?.sequence ?? 0
  let publishedAt = 0
  let sealing: Promise<void> | undefined
  const tenths: number[] = []
  const began = performance.now()
  const index = new Worker(new URL('./tracker-index.ts', import.meta.url), { workerData: { folder } })
  let indexed = 0
  index.on('message', (followed: number) => {
    indexed = followed
  })
  const seal = (): void => {
    const to = tracker.sealable()?.to
    if (to === undefined || (indexed < to && tracker.size - to < segmentEvents)) return
    sealing ??= sealNext(tracker, folder)?.finally(() => {
      sealing = undefined
    })
  }
  for (const some of entryBatches(entries, batch, count)) {
    const received = Date.now()
    tracker.append(some.map((bytes) => ({ producer, epoch: 1, sequence: ++sequence, bytes, received })))
    if (performance.now() - publishedAt >= publishEveryMs) {
      tracker.publish()
      publishedAt = performance.now()
    }
    const appended = tracker.size - before
    if (appended % tellEvery === 0) index.postMessage('more')
    seal()
    if (appended * 10 >= count * (tenths.length + 1)) {
      tenths.push((performance.now() - began) / 1e3)
      // A turn of the loop: here the sealing worker's message is heard.
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (appended % 2_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  tracker.publish()
  index.postMessage('end')
  await new Promise((resolve) => index.once('exit', resolve))
  await sealing
  while (tracker.sealable() !== undefined) await sealNext(tracker, folder)
  const seconds = (performance.now() - began) / 1e3
  const report = { seconds, tenths, segments: Math.floor(tracker.sealed / segmentEvents) }
  if (tracker.covered !== before + count) throw new Error(`${tracker.covered} of ${before + count} entries are covered`)
  tracker.close()
  return report
}

/** Builds the next segment in a worker thread and adopts it; undefined when there is none to seal. */
function sealNext(tracker: Tracker, folder: string): Promise<void> | undefined {
  const range = tracker.sealable()
  if (range === undefined) return undefined
  const worker = new Worker(new URL(import.meta.resolve('@keywitness/tracker/seal-worker')), {
    workerData: { folder, range },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', (segment: Segment) => {
      tracker.adopt(segment)
      resolve()
    })
    worker.once('error', reject)
  })
}
