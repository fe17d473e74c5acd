/** A search thread: answers questions about trackers from read-only connections, apart from the sequencer. */
import { parentPort, workerData } from 'node:worker_threads'
import { attachedLists, QueryError } from '@keywitness/cadf'
import { leafHash } from '@keywitness/tlog'
import { openReader, sha256Of, type StoredEntry, type TrackerReader } from '@keywitness/tracker'
import { limits } from '../../limits.ts'
import { exportPage } from '../export/export-page.ts'
import { tally } from '../tally.ts'
import { endsOf, nameOf } from './named-values.ts'
import type { FromSearch, QuestionName, Questions, ToSearch, TrackerPlace } from '../messages.ts'

const port = parentPort as NonNullable<typeof parentPort>
const readers = new Map<string, { place: TrackerPlace; reader: TrackerReader | undefined }>()

for (const place of (workerData as { places: readonly TrackerPlace[] }).places) add(place)

port.on('message', (message: ToSearch) => {
  if (message.kind === 'tracker') add(message.place)
  else if (message.kind === 'removed') remove(message)
  else if (message.kind === 'stop') stop()
  else answer(message)
})

function add(place: TrackerPlace): void {
  readers.set(`${place.account}/${place.location}`, { place, reader: undefined })
}

function remove({ account, location }: Extract<ToSearch, { kind: 'removed' }>): void {
  const key = `${account}/${location}`
  readers.get(key)?.reader?.close()
  readers.delete(key)
}

function readerOf(account: string, location: string): TrackerReader {
  const known = readers.get(`${account}/${location}`)
  if (known === undefined) throw Object.assign(new Error('no such tracker'), { code: 'UNKNOWN_TRACKER' })
  known.reader ??= openReader(known.place)
  return known.reader
}

function answer(ask: Extract<ToSearch, { kind: 'ask' }>): void {
  const cancelled = new Int32Array(ask.cancelled)
  const signal = {
    get cancelled() {
      return Atomics.load(cancelled, 0) !== 0
    },
  }
  let reply: FromSearch
  try {
    // Answered all the same: who asks counts what is under way.
    refuseCancelled(signal)
    const reader = readerOf(ask.account, ask.location)
    reply = { kind: 'answer', id: ask.id, answer: answers[ask.name](reader, ask.given as never, signal) }
  } catch (error) {
    const { code, cause, message } = error as Error & { code?: unknown }
    const isOfQuery = cause instanceof QueryError
    reply = {
      kind: 'error',
      id: ask.id,
      code: typeof code === 'string' ? code : 'FAILED',
      message,
      ...(isOfQuery ? { place: { at: cause.at, length: cause.length } } : {}),
    }
  }
  port.postMessage(reply)
}

type Signal = { readonly cancelled: boolean }

function refuseCancelled(signal: Signal): void {
  if (signal.cancelled) throw Object.assign(new Error('the question was withdrawn'), { code: 'CANCELLED' })
}

type Answers = {
  [Name in QuestionName]: (
    reader: TrackerReader,
    given: Questions[Name]['given'],
    signal: Signal,
  ) => Questions[Name]['answer']
}

const answers: Answers = {
  state: (reader) => ({ covered: reader.covered(), size: reader.size(), key: reader.key(), origin: reader.origin }),
  events: (reader, { filter, order, limit, cursor }, signal) => {
    const until = performance.now() + limits.searchTurnMs
    const asked = { ...filter, order, limit, signal, until }
    const found = reader.events(cursor === undefined ? asked : { ...asked, cursor })
    const { events, next } = found
    return { items: concat(items(events, signal)), count: events.length, next, covered: reader.covered() }
  },
  count: (reader, { filter }, signal) => reader.count({ ...filter, ...summaryBounds(signal) }),
  histogram: (reader, { filter, edges, by }, signal) =>
    reader.histogram({ ...filter, ...summaryBounds(signal) }, edges, by),
  facets: (reader, { filter, fields, limit }, signal) => {
    const found = reader.facets({ ...filter, ...summaryBounds(signal) }, fields, limit)
    const facets = found.facets.map((facet) => ({
      ...facet,
      values: facet.values.map(({ value, count, ...at }) => {
        refuseCancelled(signal)
        const { ends, event } = endsOf(reader, at)
        return { value, ...nameOf(facet.field, value, event), count, ...ends }
      }),
    }))
    return { ...found, facets }
  },
  groups: (reader, { filter, fields, limit }, signal) => {
    const { groups, ...found } = reader.groups({ ...filter, ...summaryBounds(signal) }, fields, limit)
    const rows = groups.map(({ values, count, ...at }) => {
      refuseCancelled(signal)
      const { ends, event } = endsOf(reader, at)
      const named = values.map((value, place) => ({ value, ...nameOf(fields[place]!, value, event) }))
      return { values: named, count, ...ends }
    })
    return { ...found, rows }
  },
  span: (reader, _given, signal) => reader.span(summaryBounds(signal)),
  context: (reader, { id, by, before, after }, signal) => {
    const index = indexOf(reader, id)
    if (index === undefined) return undefined
    const { events, ...more } = reader.context(index, by, before, after, summaryBounds(signal))
    return { ...more, index, items: concat(items(events, signal)), count: events.length, covered: reader.covered() }
  },
  tail: (reader, { filter, after, limit }, signal) => {
    const found = reader.since(after, { ...filter, limit, signal, until: performance.now() + limits.searchTurnMs })
    const covered = reader.covered()
    const size = reader.size()
    if (found.events.length === 0) return { json: undefined, scannedTo: found.scannedTo, covered, size }
    const json = concat([text('{"events":['), ...items(found.events, signal), text(`],"covered":${covered}}`)])
    return { json, scannedTo: found.scannedTo, covered, size }
  },
  export: exportPage,
  event: (reader, { id }) => {
    const index = indexOf(reader, id)
    if (index === undefined) return undefined
    return { index, entry: reader.entry(index), covered: index < reader.covered() }
  },
  attachment: (reader, { id, sha256 }) => {
    const index = indexOf(reader, id)
    if (index === undefined) return undefined
    const { event } = JSON.parse(Buffer.from(reader.entry(index)).toString()) as { event: unknown }
    return attachedLists(event).some((list) => list.sha256 === sha256) ? reader.attachment(sha256) : undefined
  },
  receipt: (reader, { id }) => {
    const index = indexOf(reader, id)
    if (index === undefined) return undefined
    const receipt = reader.receipt(index)
    return receipt === undefined ? { uncovered: index } : { text: receipt }
  },
  glance: (reader) => {
    const newest = reader.checkpointAt(reader.covered())
    const minimumIndex = reader.minimum()?.index ?? 0
    if (newest === undefined) return { minimumIndex }
    return { checkpoint: { size: newest.size, signedAt: newest.signedAt }, minimumIndex }
  },
  checkpoint: (reader) => reader.checkpoint(),
  minimum: (reader) => reader.minimum(),
  tally: (reader, asked) => tally(reader, asked),
  checkpoints: (reader, { before, limit }) => reader.checkpoints(before, limit),
  keys: (reader) => reader.keys(),
  announcement: (reader, { vkey }) => reader.announcement(vkey),
  checkpointAt: (reader, { size }) => reader.checkpointAt(size),
  path: (reader, { path }) => reader.path(path),
  consistency: (reader, { from, to }) => reader.consistency(from, to),
}

/** How long a question that looks at all goes on. */
function summaryBounds(signal: Signal): { signal: Signal; until: number } {
  return { signal, until: performance.now() + limits.summaryMs }
}

/** An event's index, given that index in decimal or the event's id. */
function indexOf(reader: TrackerReader, id: string): number | undefined {
  if (!/^\d{1,15}$/.test(id)) return reader.byId(id)?.index
  const index = Number(id)
  return index < reader.size() ? index : undefined
}

const encoder = new TextEncoder()
const text = (value: string): Uint8Array => encoder.encode(value)

/** An entry's own members as they stand, beside its index and leaf hash: whoever reads it can build its bytes again. */
function items(found: readonly StoredEntry[], signal: Signal): Uint8Array[] {
  return found.map(({ index, bytes }, place) => {
    refuseCancelled(signal)
    const leaf = Buffer.from(leafHash(bytes, sha256Of)).toString('base64')
    return concat([
      text(`${place === 0 ? '' : ','}{"index":${index},`),
      bytes.subarray(1, bytes.length - 1),
      text(`,"leafHash":"${leaf}"}`),
    ])
  })
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function stop(): void {
  for (const { reader } of readers.values()) reader?.close()
  port.close()
  process.exit(0)
}
