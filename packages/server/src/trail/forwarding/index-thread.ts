/** The index thread: keeps every log's search tables up with it, while the forwarding thread goes on appending. */
import { parentPort } from 'node:worker_threads'
import type { Indexer } from '@keywitness/tracker'
// Not the whole tracker: a thread that holds less code starts sooner and takes less memory.
import { openIndexer } from '@keywitness/tracker/indexer'
import type { TrackerPlace } from '../messages.ts'
import { stepBack } from '../step-back.ts'

export type ToIndex =
  /** The log has so many entries now. */
  | { readonly kind: 'grown'; readonly place: TrackerPlace; readonly size: number }
  /** The log is closed: its files are let go. */
  | { readonly kind: 'closed'; readonly place: TrackerPlace }
  /** All files are let go, and the thread ends. */
  | { readonly kind: 'stop' }

/** How far an index is; that it cannot follow, said once; and then that it can again. */
export type FromIndex =
  | { readonly kind: 'followed'; readonly place: TrackerPlace; readonly to: number }
  | { readonly kind: 'failed'; readonly place: TrackerPlace; readonly code: string; readonly message: string }
  | { readonly kind: 'recovered'; readonly place: TrackerPlace }

/** Events indexed between two looks at what else is to do. */
const followStep = 2_000
/** The index is written when this many events wait for it, or after this time: a commit costs much, a search reads the rest. */
const followBatch = 1_000
const followEveryMs = 250

interface Log {
  readonly place: TrackerPlace
  indexer: Indexer | undefined
  size: number
  followed: number
  isFailing: boolean
}

const port = parentPort as NonNullable<typeof parentPort>
const say = (message: FromIndex): void => port.postMessage(message)
const logs = new Map<string, Log>()
let isScheduled = false

stepBack()
port.on('message', (message: ToIndex) => {
  if (message.kind === 'stop') {
    for (const { indexer } of logs.values()) indexer?.close()
    process.exit(0)
  }
  const { place } = message
  const key = `${place.account}/${place.location}`
  if (message.kind === 'closed') {
    logs.get(key)?.indexer?.close()
    logs.delete(key)
    return
  }
  const log = logs.get(key) ?? { place, indexer: undefined, size: 0, followed: 0, isFailing: false }
  logs.set(key, log)
  log.size = message.size
  if (isDue(log)) schedule()
})

// What arrived last waits for no more events, and what failed is tried again: room on a disk may have been made.
setInterval(() => {
  for (const log of logs.values()) if (log.followed < log.size || log.isFailing) step(log)
}, followEveryMs)

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    for (const log of logs.values()) if (isDue(log)) step(log)
    if ([...logs.values()].some(isDue)) schedule()
  })
}

/** Whether so many events wait that the index is written at once; what failed waits for the clock. */
function isDue({ size, followed, isFailing }: Log): boolean {
  return size - followed >= followBatch && !isFailing
}

function step(log: Log): void {
  try {
    log.indexer ??= openIndexer({ folder: log.place.folder })
    const count = log.indexer.follow(followStep)
    // What it did not find to do is done: the log may have been sealed meanwhile.
    log.followed = count < followStep ? Math.max(log.size, log.indexer.cursor) : log.indexer.cursor
    say({ kind: 'followed', place: log.place, to: log.followed })
    if (log.isFailing) say({ kind: 'recovered', place: log.place })
    log.isFailing = false
  } catch (error) {
    log.indexer?.close()
    log.indexer = undefined
    if (!log.isFailing) {
      const { code = 'FAILED', message } = error as Error & { readonly code?: string }
      say({ kind: 'failed', place: log.place, code, message })
    }
    log.isFailing = true
  }
}
