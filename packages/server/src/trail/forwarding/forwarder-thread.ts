/** The forwarding thread: brings outbox rows to their trackers, publishes checkpoints, has them indexed and sealed. */
import { parentPort, workerData, Worker } from 'node:worker_threads'
import { programFiles } from '../../program-files.ts'
import {
  type Delivery,
  type FinalCheckpoint,
  openTracker,
  type Segment,
  type SegmentRange,
  settleEnd,
  type Tracker,
  TrackerError,
} from '@keywitness/tracker'
import { limits } from '../../limits.ts'
import { addressRule } from '../../outbound/addresses.ts'
import { systemResolver } from '../../outbound/attempt.ts'
import type { FromForwarder, RemotePlace, ToForwarder, TrackerPlace } from '../messages.ts'
import { BadBatch, deliveriesOf } from '../intake/entry-batch.ts'
import type { FromIndex, ToIndex } from './index-thread.ts'
import { forward, type Lane, newLane, publish, tell } from './lane.ts'
import { OutboxReader } from './outbox-reader.ts'
import { RemoteLane } from './remote-lane.ts'
import { RemoteServer } from './remote-server.ts'
import { stepBack } from '../step-back.ts'
import { Telling } from '../telling.ts'
import { voiceOf } from '../voice.ts'

interface Start {
  readonly serverFile: string
  /** Of the `Committer`. */
  readonly durable: SharedArrayBuffer
  readonly places: readonly TrackerPlace[]
  /** How long a stop goes on delivering, milliseconds. */
  readonly deliverMs: number
  /** Display name of the service. */
  readonly serviceName: string
  /** Trackers of other servers, and the private addresses that they may have. */
  readonly remotes: readonly RemotePlace[]
  readonly privateRanges: readonly string[]
}

/** A failed seal waits this long: the head stays whole and searchable meanwhile. */
const sealRetryMs = 60_000

/** The longest wait for the index thread at a stop. */
const indexEndMs = 1_000

/** How often is looked for work that no message tells of. */
const lookEveryMs = 250

const port = parentPort as NonNullable<typeof parentPort>
const { serverFile, durable, places, deliverMs, serviceName, remotes, privateRanges } = workerData as Start
const say = (message: FromForwarder): void => port.postMessage(message)

const outbox = new OutboxReader(serverFile, durable)
const outlet = { outbox, say }

/** Indexing takes longer than appending, and nothing waits for it but searches. */
const indexThread = new Worker(programFiles.threads.index)
indexThread.on('message', (message: FromIndex) => {
  const { account, location } = message.place
  const lane = lanes.get(`${account}/${location}`)
  // A log that is closed by now has no index that anyone waits for.
  if (lane === undefined) return
  lane.isIndexFailing = message.kind === 'failed'
  if (message.kind === 'followed') {
    // A segment that waits for it is sealed in the next turn.
    lane.indexed = message.to
    return
  }
  if (lane.isFailing) return
  if (message.kind === 'recovered') say({ kind: 'opened', account, location })
  else say({ kind: 'failed', account, location, code: message.code, message: message.message })
})
const index = (message: ToIndex): void => indexThread.postMessage(message)

const lanes = new Map<string, Lane>()
const remoteLanes = new Map<string, RemoteLane>()
const network = { addresses: addressRule(privateRanges), resolve: systemResolver(), attemptMs: limits.deliverAttemptMs }
let isScheduled = false
/** Whether there was word of new rows since the last look. */
let isTold = false
let isStopping = false

port.on('message', (message: ToForwarder) => {
  if (message.kind === 'tracker') open(message.place)
  if (message.kind === 'end') end(message.place)
  if (message.kind === 'keep') keep(message)
  if (message.kind === 'prepare-key') prepareKey(message)
  if (message.kind === 'append') append(message)
  if (message.kind === 'prune') prune(message)
  if (message.kind === 'remote') openRemote(message.place, message.isEnding)
  if (message.kind === 'committed') {
    isTold = true
    for (const lane of remoteLanes.values()) lane.wake()
  }
  if (message.kind === 'stop') void stop()
  else schedule()
})
for (const place of places) open(place)
for (const place of remotes) openRemote(place)
// Not before all is open: whoever starts the product waits for that.
stepBack()
schedule()
// Checkpoints of what arrived last need no new event to go on, nor does a lane that waits for the disk.
setInterval(() => {
  for (const lane of lanes.values()) lane.isPaused = false
  // Under load there is word again and again, and a turn in between would only cut a batch in two.
  if (!isTold) schedule()
  isTold = false
}, lookEveryMs)

function open(place: TrackerPlace, isEnding = false): void {
  try {
    // A log that was delivered to and is gone must not begin anew in silence.
    const create = (outbox.producer({ ...place, isEnding })?.delivered ?? 0) === 0
    const tracker = openTracker({ ...place, clock: { now: () => Date.now() }, create })
    const voice = voiceOf(place, serviceName, () => Date.now())
    const telling = new Telling(voice, () => performance.now())
    lanes.set(`${place.account}/${place.location}`, newLane({ place, tracker, telling, voice, isEnding }))
    // A log is covered from its first moment: what a crash left uncovered is published before anything new.
    tracker.publish()
    const { altered } = tracker
    const opened = { kind: 'opened', account: place.account, location: place.location } as const
    say(altered === undefined ? opened : { ...opened, altered })
    grown(place, tracker)
  } catch (error) {
    failed(place, error)
  }
}

/** The lane goes on until all is delivered and covered: see `endWhenDone`. */
function end(place: TrackerPlace): void {
  const key = `${place.account}/${place.location}`
  if (!lanes.has(key)) {
    // What a start finds: a removal that a stop came in between of, or the end itself.
    const final = settleEnd(place.keyFolder)
    if (final !== undefined) return ended(place, final)
    open(place, true)
  }
  const lane = lanes.get(key)
  if (lane !== undefined) lane.isEnding = true
}

/** Its producer numbers nothing more: once nothing waits, nothing ever will. */
function endWhenDone(lane: Lane): void {
  if (lane.isSealing || (lane.destination !== undefined && lane.cursor < outbox.newest())) return
  lane.telling.finish(lane.tracker)
  index({ kind: 'closed', place: lane.place })
  const final = lane.tracker.end()
  lanes.delete(`${lane.place.account}/${lane.place.location}`)
  ended(lane.place, final)
}

function ended(place: TrackerPlace, final: FinalCheckpoint | undefined): void {
  const { account, location } = place
  const row = outbox.producer({ ...place, isEnding: true })
  // Whatever a crash kept from being acknowledged: the final checkpoint covers all there is.
  const left = row === undefined ? undefined : outbox.left(row)
  if (left !== undefined) {
    if (left.events > 0) say({ kind: 'delivered', ...left })
    say({ kind: 'covered', destination: left.destination, number: left.number })
  }
  say({ kind: 'ended', account, location, ...(final === undefined ? {} : { final }) })
}

/** Delivers to another server; a place that had one before is delivered to the new one. */
function openRemote(place: RemotePlace, isEnding = false): void {
  const key = `${place.account}/${place.location}`
  remoteLanes.get(key)?.stop()
  const connect = (stopped: AbortSignal): RemoteServer => new RemoteServer(place, network, stopped)
  remoteLanes.set(key, new RemoteLane({ place, outbox, say, connect, now: () => performance.now(), isEnding }))
}

function schedule(): void {
  if (isScheduled || isStopping) return
  isScheduled = true
  setImmediate(turn)
}

function keep({ account, location, size }: Extract<ToForwarder, { kind: 'keep' }>): void {
  const lane = lanes.get(`${account}/${location}`)
  if (lane === undefined) return
  try {
    lane.tracker.keep(size)
  } catch (error) {
    trouble(lane, error)
  }
}

/** Makes the key only: it signs from the turn on in which the event that announces it arrives here. */
function prepareKey({ id, account, location }: Extract<ToForwarder, { kind: 'prepare-key' }>): void {
  const lane = lanes.get(`${account}/${location}`)
  if (lane === undefined) return say({ kind: 'prepared', id, answer: { code: 'MISSING' } })
  try {
    say({ kind: 'prepared', id, answer: lane.tracker.prepareKey() })
  } catch (error) {
    const code = error instanceof TrackerError ? error.code : 'FAILED'
    say({ kind: 'prepared', id, answer: { code } })
    if (code !== 'BAD_INPUT') trouble(lane, error)
  }
}

function prune({ id, account, location, before, order }: Extract<ToForwarder, { kind: 'prune' }>): void {
  const lane = lanes.get(`${account}/${location}`)
  if (lane === undefined || lane.isPaused) return say({ kind: 'pruned', id, answer: { code: 'UNAVAILABLE' } })
  try {
    const { tracker, voice } = lane
    const answer = order === undefined ? { prunable: tracker.prunable(before) } : tracker.prune(order, voice)
    say({ kind: 'pruned', id, answer })
  } catch (error) {
    const code = error instanceof TrackerError ? error.code : 'FAILED'
    say({ kind: 'pruned', id, answer: { code } })
    if (code !== 'BAD_INPUT') trouble(lane, error)
  }
}

/** Takes what another server delivered. Durable when it is answered, like everything that is appended. */
function append(message: Extract<ToForwarder, { kind: 'append' }>): void {
  const { id, account, location, producer, after = 0 } = message
  const lane = lanes.get(`${account}/${location}`)
  if (lane === undefined || lane.isPaused) return say({ kind: 'appended', id, answer: { code: 'UNAVAILABLE' } })
  let deliveries: readonly Delivery[]
  try {
    deliveries = deliveriesOf(message)
  } catch (error) {
    // Whatever is wrong with what somebody sent is no trouble of the tracker.
    const what = error instanceof BadBatch ? { what: error.message } : {}
    return say({ kind: 'appended', id, answer: { code: 'BAD_INPUT', ...what } })
  }
  try {
    const { tracker } = lane
    const held = tracker.lastOf(producer)?.sequence ?? 0
    if (held < after) return say({ kind: 'appended', id, answer: { code: 'BEHIND' } })
    if (deliveries.length > 0 && tracker.append(deliveries).duplicates > 0) lane.telling.repeated()
    const { origin, size, covered } = tracker
    say({ kind: 'appended', id, answer: { origin, last: tracker.lastOf(producer), size, covered } })
    if (deliveries.length > 0) grown(lane.place, tracker)
  } catch (error) {
    const code = error instanceof TrackerError ? error.code : 'FAILED'
    say({ kind: 'appended', id, answer: { code } })
    if (code !== 'BAD_INPUT') trouble(lane, error)
  }
}

/** One bounded turn over all lanes; more work schedules the next turn, so that messages are heard in between. */
function turn(): void {
  isScheduled = false
  if (isStopping) return
  let hasMore = false
  for (const lane of lanes.values()) {
    if (lane.isPaused) continue
    try {
      const forwarded = forward(lane, outlet)
      const published = publish(lane, outlet)
      seal(lane)
      if (lane.isEnding && forwarded === 0) {
        endWhenDone(lane)
        continue
      }
      if (forwarded > 0 || published) grown(lane.place, lane.tracker)
      tell(lane, outlet)
      hasMore ||= forwarded === limits.forwardBatch
      if (lane.isFailing) say({ kind: 'opened', account: lane.place.account, location: lane.place.location })
      lane.isFailing = false
    } catch (error) {
      trouble(lane, error)
    }
  }
  if (hasMore) schedule()
}

/** Sealing reads and compresses a hundred thousand events: another thread does it, this one only swaps it in. */
function seal(lane: Lane): void {
  if (lane.isSealing || performance.now() < lane.sealAfter) return
  const range = lane.tracker.sealable()
  if (range === undefined || waitsForIndex(lane, range)) return
  lane.isSealing = true
  const worker = new Worker(programFiles.threads.seal, {
    workerData: { folder: lane.place.folder, range },
  })
  worker.once('message', (segment: Segment) => {
    // Closed meanwhile: the next one that opens the log seals it again.
    if (!isOpen(lane)) return
    try {
      lane.tracker.adopt(segment)
      grown(lane.place, lane.tracker)
    } catch (error) {
      trouble(lane, error)
    }
  })
  worker.once('error', (error) => {
    lane.sealAfter = performance.now() + sealRetryMs
    if (isOpen(lane)) failed(lane.place, error)
  })
  worker.once('exit', () => {
    lane.isSealing = false
    schedule()
  })
}

/** A segment takes its search tables over from the index; when that cannot keep up, it makes its own. */
function waitsForIndex({ tracker, indexed, isIndexFailing }: Lane, { from, to }: SegmentRange): boolean {
  return indexed < to && !isIndexFailing && tracker.size - to < to - from
}

/** What the operator can mend (room, rights) is waited for; a log that cannot be trusted any more is closed. */
function trouble(lane: Lane, error: unknown): void {
  const isMendable = error instanceof TrackerError && ['DISK_FULL', 'READ_ONLY', 'IO'].includes(error.code)
  if (!lane.isFailing) failed(lane.place, error)
  lane.isFailing = true
  lane.isPaused = true
  if (!isMendable) close(lane)
}

function grown(place: TrackerPlace, tracker: Tracker): void {
  index({ kind: 'grown', place, size: tracker.size })
  say({ kind: 'grown', account: place.account, location: place.location, size: tracker.size, covered: tracker.covered })
}

function failed(place: TrackerPlace, error: unknown): void {
  const code = error instanceof TrackerError ? error.code : 'FAILED'
  say({ kind: 'failed', account: place.account, location: place.location, code, message: (error as Error).message })
}

/** Whether it is the lane of its place, to which another may have come. */
function isOpen(lane: Lane): boolean {
  return lanes.get(`${lane.place.account}/${lane.place.location}`) === lane
}

function close(lane: Lane): void {
  index({ kind: 'closed', place: lane.place })
  lanes.delete(`${lane.place.account}/${lane.place.location}`)
  try {
    lane.tracker.close()
  } catch {
    // It failed already; what it had committed is in its file.
  }
}

/** Delivers and covers what is committed, as far as the time goes, then closes: the outbox keeps the rest. */
async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  const indexEnded = new Promise((resolve) => indexThread.once('exit', resolve))
  index({ kind: 'stop' })
  for (const lane of remoteLanes.values()) lane.stop()
  const deadline = performance.now() + deliverMs
  deliver(deadline)
  // A next start covers first what was left uncovered: not worth more time than this.
  const last = deadline + deliverMs / 2
  for (const lane of lanes.values()) {
    lane.publishedAt = 0
    if (performance.now() < last) attempt(lane, () => publish(lane, outlet))
  }
  // Whoever closes a database last empties its write-ahead log: that is the writer.
  await Promise.race([indexEnded, new Promise((resolve) => setTimeout(resolve, indexEndMs))])
  for (const lane of lanes.values()) close(lane)
  outbox.close()
  say({ kind: 'stopped' })
  port.close()
  process.exit(0)
}

/** Batch by batch, one lane after the other. The serving thread has stopped recording by now. */
function deliver(deadline: number): void {
  let waiting = [...lanes.values()]
  while (waiting.length > 0 && performance.now() < deadline) {
    waiting = waiting.filter((lane) => performance.now() < deadline && attempt(lane, () => forward(lane, outlet) > 0))
  }
}

/** False when it failed, too. */
function attempt(lane: Lane, work: () => boolean): boolean {
  try {
    return work()
  } catch (error) {
    failed(lane.place, error)
    return false
  }
}
