/** The forwarding thread: brings outbox rows to their trackers, publishes checkpoints, indexes and seals. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData, Worker } from 'node:worker_threads'
import { openTracker, type Segment, type Tracker, TrackerError } from '@keywitness/tracker'
import { limits } from '../limits.ts'
import type { FromForwarder, ToForwarder, TrackerPlace } from './messages.ts'
import { Telling } from './telling.ts'
import { voiceOf } from './voice.ts'

interface Start {
  readonly serverFile: string
  readonly places: readonly TrackerPlace[]
  /** How long a stop goes on delivering, milliseconds. */
  readonly deliverMs: number
  /** Display name of the service. */
  readonly serviceName: string
}

/** A destination that has a tracker: where its rows go and how far it is. */
interface Lane {
  readonly place: TrackerPlace
  readonly tracker: Tracker
  readonly telling: Telling
  destination: number | undefined
  producer: string
  /** Last outbox number handed over (or seen not to be this lane's). */
  cursor: number
  /** Last outbox number known to be delivered; what is handed over once more is not told again. */
  delivered: number
  /** `cursor` at the time of the last checkpoint. */
  covered: number
  publishedAt: number
  isSealing: boolean
  /** Waiting for the disk: the lane is tried again once per tick, not per message. */
  isPaused: boolean
  isFailing: boolean
  /** A seal that failed is not tried again before this (monotonic ms). */
  sealAfter: number
  /** How far the log was when the index last came up with it, and when that was (monotonic ms). */
  followedSize: number
  followedAt: number
}

interface OutboxRow {
  number: number
  epoch: number
  sequence: number
  recorded_at: number
  entry: Uint8Array
}

interface ProducerRow {
  readonly destination: number
  readonly producer: string
  readonly delivered: number
}

/** Checkpoints appear on growth only, at most one a second (design 7). */
const publishEveryMs = 1_000
/** A failed seal waits this long: the head stays whole and searchable meanwhile. */
const sealRetryMs = 60_000
/** Events indexed between two looks at the outbox. */
const followStep = 2_000
/** The index is written when this many events wait for it, or after this time: a commit costs much, a search reads the rest. */
const followBatch = 1_000
const followEveryMs = 250

const port = parentPort as NonNullable<typeof parentPort>
const { serverFile, places, deliverMs, serviceName } = workerData as Start
const say = (message: FromForwarder): void => port.postMessage(message)

const db = new DatabaseSync(serverFile, { readOnly: true, timeout: 5_000 })
const rowsAfter = db.prepare(
  'SELECT number, epoch, sequence, recorded_at, entry FROM outbox WHERE number > ? AND destination = ? ORDER BY number LIMIT ?',
)
const attachedTo = db.prepare(
  `SELECT number, sum(length(content)) AS bytes FROM outbox_attachments WHERE number BETWEEN ? AND ?
   GROUP BY number ORDER BY number`,
)
const attachmentsOf = db.prepare('SELECT content FROM outbox_attachments WHERE number = ?')
const newestRow = db.prepare('SELECT max(number) AS newest FROM outbox')
const producerOf = db.prepare(
  'SELECT destination, producer, delivered FROM producers WHERE account = ? AND location = ?',
)
const rowAt = db.prepare('SELECT sequence FROM outbox WHERE number = ? AND destination = ?')
const firstAfter = db.prepare('SELECT min(number) AS first FROM outbox WHERE destination = ? AND sequence > ?')

const lanes = new Map<string, Lane>()
let isScheduled = false
let isStopping = false

port.on('message', (message: ToForwarder) => {
  if (message.kind === 'tracker') open(message.place)
  if (message.kind === 'keep') keep(message)
  if (message.kind === 'prepare-key') prepareKey(message)
  if (message.kind === 'stop') stop()
  else schedule()
})
for (const place of places) open(place)
schedule()
// Followers and checkpoints of what arrived last need no new event to go on, nor does a lane that waits for the disk.
setInterval(() => {
  for (const lane of lanes.values()) lane.isPaused = false
  schedule()
}, publishEveryMs / 4)

function open(place: TrackerPlace): void {
  try {
    // A log that was delivered to and is gone must not begin anew in silence.
    const create = (rowOfProducer(place)?.delivered ?? 0) === 0
    const tracker = openTracker({ ...place, clock: { now: () => Date.now() }, create })
    lanes.set(`${place.account}/${place.location}`, {
      place,
      tracker,
      telling: new Telling(
        voiceOf(place, serviceName, () => Date.now()),
        () => performance.now(),
      ),
      destination: undefined,
      producer: '',
      cursor: 0,
      delivered: 0,
      covered: 0,
      publishedAt: 0,
      isSealing: false,
      isPaused: false,
      isFailing: false,
      sealAfter: 0,
      followedSize: 0,
      followedAt: 0,
    })
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

/** One bounded turn over all lanes; more work schedules the next turn, so that messages are heard in between. */
function turn(): void {
  isScheduled = false
  if (isStopping) return
  let hasMore = false
  for (const lane of lanes.values()) {
    if (lane.isPaused) continue
    try {
      const forwarded = forward(lane)
      const published = publish(lane)
      const indexed = follow(lane)
      seal(lane)
      if (forwarded > 0 || published) grown(lane.place, lane.tracker)
      tell(lane)
      hasMore ||= forwarded === limits.forwardBatch || indexed === followStep
      if (lane.isFailing) say({ kind: 'opened', account: lane.place.account, location: lane.place.location })
      lane.isFailing = false
    } catch (error) {
      trouble(lane, error)
    }
  }
  if (hasMore) schedule()
}

/** What was odd becomes an event of the same log. Last in a turn: if it fails, everything else goes on. */
function tell(lane: Lane): void {
  const oddities = lane.telling.look(lane.tracker)
  const { account, location } = lane.place
  if (oddities !== undefined) say({ kind: 'oddities', account, location, oddities })
}

/** Indexes what waits, when that is enough or old enough; how many events that were. */
function follow(lane: Lane): number {
  const now = performance.now()
  const { size } = lane.tracker
  if (size - lane.followedSize < followBatch && now - lane.followedAt < followEveryMs) return 0
  const indexed = lane.tracker.follow(followStep)
  if (indexed < followStep) lane.followedSize = size
  lane.followedAt = now
  return indexed
}

/** Hands over the lane's next rows. What the tracker already has (a delivery before a crash) it recognises. */
function forward(lane: Lane): number {
  if (lane.destination === undefined && !findProducer(lane)) return 0
  const newest = (newestRow.get() as { newest: number | null }).newest ?? 0
  if (newest <= lane.cursor) return 0
  const found = rowsAfter.all(lane.cursor, lane.destination as number, limits.forwardBatch) as unknown as OutboxRow[]
  const { rows, attached } = withAttachments(found)
  const last = rows.at(-1)
  if (last !== undefined) {
    const { duplicates } = lane.tracker.append(
      rows.map((row) => ({
        producer: lane.producer,
        epoch: row.epoch,
        sequence: row.sequence,
        bytes: row.entry,
        received: row.recorded_at,
        ...(attached.has(row.number) ? { attachments: attachmentsOfRow(row.number) } : {}),
      })),
    )
    if (duplicates > 0) lane.telling.repeated()
    const fresh = rows.filter((row) => row.number > lane.delivered)
    const bytes = fresh.reduce((sum, row) => sum + row.entry.length + (attached.get(row.number) ?? 0), 0)
    if (fresh.length > 0) {
      lane.delivered = last.number
      const destination = lane.destination as number
      say({ kind: 'delivered', destination, number: last.number, events: fresh.length, bytes })
    }
  }
  // Rows may have been committed between the two questions: the last one handed over can lie beyond `newest`.
  const reached = Math.max(newest, last?.number ?? 0)
  const isAll = found.length < limits.forwardBatch && rows.length === found.length
  lane.cursor = isAll ? reached : (last as OutboxRow).number
  return isAll ? rows.length : limits.forwardBatch
}

/** As many of the rows as may be handed over together with their attachments, but at least one. */
function withAttachments(found: readonly OutboxRow[]): { rows: readonly OutboxRow[]; attached: Map<number, number> } {
  const attached = new Map<number, number>()
  const [first, last] = [found[0], found.at(-1)]
  if (first === undefined || last === undefined) return { rows: found, attached }
  for (const row of attachedTo.all(first.number, last.number)) {
    attached.set(row['number'] as number, row['bytes'] as number)
  }
  if (attached.size === 0) return { rows: found, attached }
  let bytes = 0
  const end = found.findIndex(({ number }, place) => {
    bytes += attached.get(number) ?? 0
    return place > 0 && bytes > limits.forwardAttachmentBytes
  })
  return { rows: end === -1 ? found : found.slice(0, end), attached }
}

function attachmentsOfRow(number: number): Uint8Array[] {
  return attachmentsOf.all(number).map((row) => row['content'] as Uint8Array)
}

function findProducer(lane: Lane): boolean {
  const row = rowOfProducer(lane.place)
  if (row === undefined) return false
  lane.destination = row.destination
  lane.producer = row.producer
  lane.delivered = row.delivered
  lane.cursor = cursorOf(lane.tracker, row)
  lane.covered = lane.cursor
  return true
}

function rowOfProducer({ account, location }: TrackerPlace): ProducerRow | undefined {
  return producerOf.get(account, location) as ProducerRow | undefined
}

/**
 * Where to go on. A tracker that is behind what was acknowledged was restored from an older copy: what the outbox still
 * has is handed over once more.
 */
function cursorOf(tracker: Tracker, { destination, producer, delivered }: ProducerRow): number {
  const acknowledged = rowAt.get(delivered, destination) as { sequence: number } | undefined
  const held = tracker.lastOf(producer)?.sequence ?? 0
  if (acknowledged === undefined || held >= acknowledged.sequence) return delivered
  const { first } = firstAfter.get(destination, held) as { first: number }
  return first - 1
}

function publish(lane: Lane): boolean {
  const now = performance.now()
  if (now - lane.publishedAt < publishEveryMs && lane.publishedAt !== 0) return false
  const note = lane.tracker.publish()
  const isNew = note !== undefined
  if (isNew) lane.publishedAt = now
  if (lane.covered !== lane.cursor && lane.destination !== undefined) {
    lane.covered = lane.cursor
    say({ kind: 'covered', destination: lane.destination, number: lane.covered })
  }
  return isNew
}

/** Sealing reads and compresses a hundred thousand events: another thread does it, this one only swaps it in. */
function seal(lane: Lane): void {
  if (lane.isSealing || performance.now() < lane.sealAfter) return
  const range = lane.tracker.sealable()
  if (range === undefined) return
  lane.isSealing = true
  const worker = new Worker(new URL(import.meta.resolve('@keywitness/tracker/seal-worker')), {
    workerData: { folder: lane.place.folder, range },
  })
  worker.once('message', (segment: Segment) => {
    try {
      lane.tracker.adopt(segment)
      grown(lane.place, lane.tracker)
    } catch (error) {
      trouble(lane, error)
    }
  })
  worker.once('error', (error) => {
    lane.sealAfter = performance.now() + sealRetryMs
    failed(lane.place, error)
  })
  worker.once('exit', () => {
    lane.isSealing = false
    schedule()
  })
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
  say({ kind: 'grown', account: place.account, location: place.location, size: tracker.size, covered: tracker.covered })
}

function failed(place: TrackerPlace, error: unknown): void {
  const code = error instanceof TrackerError ? error.code : 'FAILED'
  say({ kind: 'failed', account: place.account, location: place.location, code, message: (error as Error).message })
}

function close(lane: Lane): void {
  lanes.delete(`${lane.place.account}/${lane.place.location}`)
  try {
    lane.tracker.close()
  } catch {
    // It failed already; what it had committed is in its file.
  }
}

/** Delivers and covers what is committed, as far as the time goes, then closes: the outbox keeps the rest. */
function stop(): void {
  isStopping = true
  const deadline = performance.now() + deliverMs
  deliver(deadline)
  // A next start covers first what was left uncovered: not worth more time than this.
  const end = deadline + deliverMs / 2
  for (const lane of lanes.values()) {
    lane.publishedAt = 0
    if (performance.now() < end) attempt(lane, () => publish(lane))
    close(lane)
  }
  db.close()
  say({ kind: 'stopped' })
  port.close()
  process.exit(0)
}

/** Batch by batch, one lane after the other. The serving thread has stopped recording by now. */
function deliver(deadline: number): void {
  let waiting = [...lanes.values()]
  while (waiting.length > 0 && performance.now() < deadline) {
    waiting = waiting.filter((lane) => performance.now() < deadline && attempt(lane, () => forward(lane) > 0))
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
