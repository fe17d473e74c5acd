/** The log entry: the bytes of an event as its producer makes them once, and as nobody ever makes them again. */
import { canonicalJson } from './canonical.ts'
import { checkEvent } from './check.ts'
import { EntryTooLarge, EventError } from './error.ts'
import type { ActivityEvent, WrittenEvent } from './event.ts'
import { isOfType } from './field-types.ts'

/** Bytes of an entry: the tile format has 16 bits for it. */
export const entryBytesMax = 65_535

export const entryFormat = 'keywitness-entry/1'

/** Who numbered an event. Each start of a producer opens an epoch. */
export interface Producer {
  /** UUID. */
  readonly id: string
  readonly epoch: number
}

export interface Entry {
  readonly event: ActivityEvent
  readonly producer: Producer
  /** The producer's number of the event. */
  readonly sequence: number
}

/**
 * Canonical JSON of `{"event", "format", "producer": "<uuid>.<epoch>", "sequence"}` as UTF-8.
 *
 * @throws EntryTooLarge above 65,535 bytes
 * @throws EventError when something has no canonical form, or producer and sequence are not numbers of one
 */
export function entryBytes(event: ActivityEvent, producer: Producer, sequence: number): Uint8Array {
  checkCount(sequence, 'sequence')
  return encoded(entryText(event, numbering(producer), sequence))
}

/**
 * The same of an event that is written already.
 *
 * @param into where the bytes are written if they fit; then what is returned is the beginning of it. One buffer for many
 *   entries costs a quarter of an allocation for each.
 */
export function writtenEntryBytes(
  event: WrittenEvent,
  producer: Producer,
  sequence: number,
  into?: Uint8Array,
): Uint8Array {
  checkCount(sequence, 'sequence')
  const by = numbering(producer)
  return encoded(`{"event":${event.text},"format":"${entryFormat}","producer":"${by}","sequence":${sequence}}`, into)
}

function entryText(event: unknown, producer: string, sequence: number): string {
  return canonicalJson({ event, format: entryFormat, producer, sequence })
}

/** A producer as its entries name it. */
function numbering({ id, epoch }: Producer): string {
  if (!isOfType('uuid', id)) throw new EventError('BAD_VALUE', 'producer', 'not a UUID')
  checkCount(epoch, 'epoch')
  return `${id}.${epoch}`
}

function encoded(text: string, into?: Uint8Array): Uint8Array {
  // UTF-8 is never shorter than UTF-16 has units: what is too long already need not be encoded.
  if (text.length > entryBytesMax) throw new EntryTooLarge(text.length)
  const encoder = new TextEncoder()
  if (into !== undefined) {
    const { read, written } = encoder.encodeInto(text, into)
    if (read === text.length) return bounded(into.subarray(0, written))
  }
  return bounded(encoder.encode(text))
}

function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length > entryBytesMax) throw new EntryTooLarge(bytes.length)
  return bytes
}

/**
 * Reads an entry and insists on its one form: what was parsed prints as the same bytes.
 *
 * @throws EventError `BAD_SHAPE` or `NOT_CANONICAL`, or what {@link canonicalJson} refuses; EntryTooLarge
 */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > entryBytesMax) throw new EntryTooLarge(bytes.length)
  const text = decode(bytes)
  const { event, format, producer, sequence, ...others } = parseObject(text)
  if (format !== entryFormat) throw new EventError('BAD_SHAPE', 'format', `not ${entryFormat}`)
  if (Object.keys(others).length > 0) throw new EventError('BAD_SHAPE', 'entry', 'has members of no meaning')
  const [, id, epochDigits] = /^([0-9a-fA-F-]{36})\.(0|[1-9]\d{0,15})$/.exec(String(producer)) ?? []
  if (id === undefined || !isOfType('uuid', id)) throw new EventError('BAD_SHAPE', 'producer', 'not <uuid>.<epoch>')
  const epoch = Number(epochDigits)
  checkCount(epoch, 'epoch')
  if (typeof sequence !== 'number') throw new EventError('BAD_SHAPE', 'sequence', 'not a number')
  checkCount(sequence, 'sequence')
  const checked = checkEvent(event)
  const printed = entryText(checked, `${id}.${epoch}`, sequence)
  if (printed !== text) throw new EventError('NOT_CANONICAL', 'entry', 'is not in the canonical form')
  return { event: checked, producer: { id, epoch }, sequence }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new EventError('ILL_FORMED_TEXT', 'entry', 'not UTF-8')
  }
}

function parseObject(text: string): { [member: string]: unknown } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new EventError('NOT_JSON', 'entry', 'not JSON')
  }
  if (typeof value !== 'object' || value === null) throw new EventError('BAD_SHAPE', 'entry', 'not an object')
  return value as { [member: string]: unknown }
}

function checkCount(value: number, at: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new EventError('BAD_VALUE', at, 'not a whole number from 0 on')
}
