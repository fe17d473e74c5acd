/** A small store that has something of everything: segments, an index, attachments, anomalies, kept heads, two keys. */
import { createHash } from 'node:crypto'
import { canonicalJson, entryBytes } from '@keywitness/cadf'
import type { Delivery } from '../api.ts'
import { announcement } from './announcement.ts'
import { deliveries, producerA, sampleEvent, sampleTime } from './sample-entries.ts'
import { followAll, sealAll, type TestLog, testLog } from './test-log.ts'

/** An entry whose event names a list that is kept beside it. */
function withAttachment(sequence: number): Delivery {
  const items = Array.from({ length: 1_200 }, (_, n) => `item-${sequence}-${n}`)
  const content = Buffer.from(canonicalJson(items))
  const sha256 = createHash('sha256').update(content).digest('hex')
  const list = { sha256, bytes: content.length, count: items.length, first: items.slice(0, 3) }
  const event = { ...sampleEvent(sequence), responseData: { keys: list } }
  const bytes = entryBytes(event, { id: producerA, epoch: 1 }, sequence)
  return { producer: producerA, epoch: 1, sequence, bytes, received: sampleTime, attachments: [content] }
}

/** Closed; entries 0 to 199 sealed in two segments, 300 and some in all, every one covered. */
export function variedLog(): TestLog {
  const log = testLog()
  const tracker = log.open({ segmentEvents: 100 })
  tracker.append(deliveries(1, 60))
  tracker.publish()
  tracker.append([announcement(tracker.prepareKey())])
  tracker.publish()
  // Numbers 90 to 99 are missing.
  tracker.append(deliveries(61, 89))
  tracker.append(deliveries(100, 220))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append([withAttachment(221)])
  tracker.append(deliveries(222, 300))
  tracker.append(deliveries(301, 310, { time: sampleTime + 3_600_000 }))
  tracker.publish()
  followAll(tracker)
  log.closeAll()
  return log
}
