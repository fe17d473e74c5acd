/** Entries as one server hands them to another: their exact bytes with what is attached to them, in one bounded body. */
import { createHash } from 'node:crypto'
import { attachedLists, type Entry, EventError, parseEntry } from '@keywitness/cadf'
import type { Delivery } from '@keywitness/tracker'

/** An entry and the contents that it names. */
export interface BatchedEntry {
  readonly entry: Uint8Array
  readonly attachments: readonly Uint8Array[]
}

/**
 * Bounds of a batch. The body holds the largest entry with what is attached to it: lists that came in requests of a
 * megabyte, as they were and as they are.
 */
export const batchBounds = {
  bodyBytes: 24 * 1024 * 1024,
  /** When a batch is closed, however few entries it has. */
  fullBytes: 2 * 1024 * 1024,
  entries: 500,
  entryBytes: 65_535,
  attachments: 16,
  attachmentBytes: 4 * 1024 * 1024,
} as const

/** A body that is no batch. */
export class BadBatch extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'BadBatch'
  }
}

/**
 * For each entry: its length (4 bytes, big-endian) and bytes, the number of attachments (1 byte), and for each of these
 * its length (4 bytes) and bytes.
 */
export function encodeBatch(entries: readonly BatchedEntry[]): Buffer {
  const parts: Uint8Array[] = []
  const put = (bytes: Uint8Array): void => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  for (const { entry, attachments } of entries) {
    put(entry)
    parts.push(Uint8Array.of(attachments.length))
    for (const attachment of attachments) put(attachment)
  }
  return Buffer.concat(parts)
}

/** @throws BadBatch */
function decodeBatch(body: Buffer): BatchedEntry[] {
  let at = 0
  const take = (max: number, what: string): Uint8Array => {
    if (at + 4 > body.length) throw new BadBatch(`${what} has no length`)
    const length = body.readUInt32BE(at)
    if (length < 1 || length > max) throw new BadBatch(`${what} of ${length} bytes`)
    const end = at + 4 + length
    if (end > body.length) throw new BadBatch(`${what} is cut off`)
    const bytes = body.subarray(at + 4, end)
    at = end
    return bytes
  }
  const entries: BatchedEntry[] = []
  while (at < body.length) {
    if (entries.length === batchBounds.entries) throw new BadBatch(`more than ${batchBounds.entries} entries`)
    const entry = take(batchBounds.entryBytes, 'an entry')
    const count = body[at]
    if (count === undefined) throw new BadBatch('an entry without its number of attachments')
    if (count > batchBounds.attachments) throw new BadBatch(`${count} attachments`)
    at += 1
    const attachments = Array.from({ length: count }, () => take(batchBounds.attachmentBytes, 'an attachment'))
    entries.push({ entry, attachments })
  }
  return entries
}

/**
 * The entries of a body as a tracker takes them: each in the entry format with nothing attached that it does not name,
 * all of one producer.
 * @throws BadBatch whatever is wrong with the body
 */
export function deliveriesOf(batch: {
  readonly producer: string
  readonly body: Uint8Array
  readonly received: number
}): Delivery[] {
  const { producer, body, received } = batch
  return decodeBatch(Buffer.from(body.buffer, body.byteOffset, body.byteLength)).map(({ entry, attachments }) => {
    const parsed = parsedEntry(entry)
    if (parsed.producer.id !== producer) throw new BadBatch('an entry of another producer')
    const { sequence } = parsed
    if (attachments.length > 0) checkAttached(attachments, parsed.event)
    return { producer, epoch: parsed.producer.epoch, sequence, bytes: entry, received, attachments }
  })
}

function parsedEntry(entry: Uint8Array): Entry {
  try {
    return parseEntry(entry)
  } catch (error) {
    throw new BadBatch(error instanceof EventError ? `an entry of which ${error.message}` : 'an entry that is none')
  }
}

/** What no entry names could never be asked for, and would be kept for ever. */
function checkAttached(attachments: readonly Uint8Array[], event: unknown): void {
  const named = new Set(attachedLists(event).map(({ sha256, bytes }) => `${sha256} ${bytes}`))
  for (const attachment of attachments) {
    const sha256 = createHash('sha256').update(attachment).digest('hex')
    if (!named.delete(`${sha256} ${attachment.length}`)) {
      throw new BadBatch('an attachment that its entry does not name, or names once')
    }
  }
}

/** What the server that took a batch says of its log. */
export interface BatchAnswer {
  readonly origin: string
  /** Highest number it has of the producer; undefined for none. */
  readonly last: { readonly epoch: number; readonly sequence: number } | undefined
  readonly size: number
  readonly covered: number
}

/** An answer as it came over the network; undefined when it is none. */
export function parseBatchAnswer(text: string): BatchAnswer | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { origin, last, size, covered } = (value ?? {}) as Record<string, unknown>
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0
  if (typeof origin !== 'string' || origin.length > 300 || !isCount(size) || !isCount(covered)) return undefined
  if (last === null) return { origin, last: undefined, size, covered }
  const { epoch, sequence } = (last ?? {}) as Record<string, unknown>
  return isCount(epoch) && isCount(sequence) ? { origin, last: { epoch, sequence }, size, covered } : undefined
}
