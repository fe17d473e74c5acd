/**
 * The group committer alone, in a process of its own: calls of one event each, taken in groups of a hundred.
 *
 * usage: record <JSON of a RecordOrder>; prints one line of JSON, a RecordReport.
 */
import { canonicalJson, parseEntry, type WrittenEvent } from '@keywitness/cadf'
import { Committer } from '../../packages/server/src/record/committer.ts'
import { Producers } from '../../packages/server/src/record/producers.ts'
import { openStore } from '../../packages/server/src/store/open.ts'
import { entryBatches } from '../harness/entry-file.ts'

export interface RecordOrder {
  readonly folder: string
  readonly entries: string
  readonly batch: number
  readonly seconds: number
  readonly warmUp: number
}

export interface RecordReport {
  readonly events: number
  readonly seconds: number
  /** Bytes of one batch as they were recorded. */
  readonly batchBytes: number
}

const place = { account: '0123456789abcdef0123456789abcdef', location: 'us-south' }
const destination = 1
/** Events are used again and again: recording must not wait for their making. */
const distinct = 10_000

console.log(JSON.stringify(await record(JSON.parse(process.argv[2] ?? '{}') as RecordOrder)))

function writtenEvent(entry: Uint8Array): WrittenEvent {
  const { event } = parseEntry(entry)
  const { id, eventTime, action, outcome } = event
  return { id, eventTime, action, outcome, text: canonicalJson(event) }
}

async function record({ folder, entries, batch, seconds, warmUp }: RecordOrder): Promise<RecordReport> {
  const batches = [...entryBatches(entries, batch, distinct)]
  const groups = batches.map((some) => some.map(writtenEvent))
  const [first] = groups
  if (first === undefined) throw new Error('no entries')
  const store = openStore(folder)
  const committer = new Committer({
    store,
    producers: new Producers(store),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    openingEvent: () => first[0] as (typeof first)[0],
    committed: () => {},
    hasRoom: () => true,
    committing: () => {},
    fatal: (error) => {
      throw error
    },
  })
  let number = 1
  let events = 0
  let began = performance.now()
  const measureFrom = began + warmUp * 1e3
  let isMeasuring = false
  const until = measureFrom + seconds * 1e3
  for (let at = 0, now = began; now < until; at = (at + 1) % groups.length, now = performance.now()) {
    if (!isMeasuring && now >= measureFrom) {
      isMeasuring = true
      began = now
      events = 0
    }
    const group = groups[at] as (typeof groups)[0]
    await Promise.all(group.map((event) => committer.submit(place, event, {})))
    events += group.length
    number += group.length
    // A tracker takes each group in and covers it, so that old rows leave the outbox as in a running product.
    const { bytes } = committer.backlog
    committer.acknowledge(destination, number, group.length, bytes)
    committer.coveredUpTo(destination, number)
  }
  const spent = (performance.now() - began) / 1e3
  const sizes = store.get<{ bytes: number }>(`SELECT sum(length(entry)) AS bytes FROM
    (SELECT entry FROM outbox ORDER BY number DESC LIMIT ${batch})`)
  store.close()
  return { events, seconds: spent, batchBytes: sizes?.bytes ?? 0 }
}
