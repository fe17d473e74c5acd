/** What appending and counting look at in an entry's bytes, found without parsing the whole of it. */
import type { ProducerPosition } from './api.ts'
import { eventTimeOf } from './event-time.ts'
import type { Numbered } from './numbering.ts'

/** The end of an entry names its numbers: a UUID of 36, two whole numbers of at most 15 digits, and what is around. */
const endBytes = 110
const numbers = /"producer":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,15})","sequence":([1-9]\d{0,14})\}$/i

/** Action and time stand near the beginning of a canonical event; a longer search would cost on foreign entries. */
const headBytes = 512
const actionStart = '{"event":{"action":"'
const openingStart = `${actionStart}hs-crypto.producer.start"`
/** No text of a value can hold these: quotes inside one are escaped. */
const timeMember = '"eventTime":"'
const outcomeMember = Buffer.from('"outcome":"')
/** Names and times are short; what is longer is none. */
const nameMax = 128

/** What can be told of an entry without parsing it: undefined is what it does not have, or not where it stands in ours. */
export interface EntryFacts {
  readonly numbered: Numbered | undefined
  readonly action: string | undefined
  readonly outcome: string | undefined
  /** Milliseconds since the epoch. */
  readonly time: number | undefined
}

/**
 * Who numbered an entry, by its own bytes, and when it says it was made: what a delivery says beside them is not proven
 * by anything. What is not in the entry format has the delivery's numbers.
 */
export function deliveredFacts(
  delivered: Numbered,
  bytes: Uint8Array,
): { readonly numbered: Numbered; readonly time: number | undefined } {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const head = entry.toString('latin1', 0, headBytes)
  const { producer, epoch, sequence } = saysSo(entry, delivered) ? delivered : (numbersOf(entry) ?? delivered)
  return { numbered: { producer, epoch, sequence, opening: openingOf(head, entry) }, time: timeOf(head) }
}

export function entryFactsOf(bytes: Uint8Array): EntryFacts {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const head = entry.toString('latin1', 0, headBytes)
  const numbered = numbersOf(entry)
  const outcomeAt = entry.indexOf(outcomeMember)
  const outcomeFrom = outcomeAt + outcomeMember.length
  return {
    numbered: numbered === undefined ? undefined : { ...numbered, opening: openingOf(head, entry) },
    action: head.startsWith(actionStart) ? nameAt(head, actionStart.length) : undefined,
    outcome: outcomeAt === -1 ? undefined : nameAt(entry.toString('latin1', outcomeFrom, outcomeFrom + nameMax), 0),
    time: timeOf(head),
  }
}

/** UUID of who numbered an entry; undefined when it is not in the entry format. */
export function producerOf(bytes: Uint8Array): string | undefined {
  return numbersOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))?.producer
}

/** Whether the entry ends with exactly these numbers: nearly always, and quicker found than which they are. */
function saysSo(entry: Buffer, { producer, epoch, sequence }: Numbered): boolean {
  const end = `"producer":"${producer}.${epoch}","sequence":${sequence}}`
  return entry.length > end.length && entry.toString('latin1', entry.length - end.length) === end
}

function numbersOf(entry: Buffer): Numbered | undefined {
  const [, producer, epoch, sequence] =
    numbers.exec(entry.toString('latin1', Math.max(0, entry.length - endBytes))) ?? []
  return producer === undefined ? undefined : { producer, epoch: Number(epoch), sequence: Number(sequence) }
}

function openingOf(head: string, entry: Buffer): ProducerPosition | undefined {
  if (!head.startsWith(openingStart)) return undefined
  try {
    return openingIn(JSON.parse(entry.toString()))
  } catch {
    return undefined
  }
}

/** Which epoch and number an entry's event, if it opens an epoch, says were the last before it. */
export function openingIn(entry: unknown): ProducerPosition | undefined {
  const { event } = (entry ?? {}) as { event?: { action?: unknown; requestData?: Record<string, unknown> } }
  if (event?.action !== 'hs-crypto.producer.start') return undefined
  const { previousEpoch, previousSequence } = event.requestData ?? {}
  if (!Number.isSafeInteger(previousEpoch) || !Number.isSafeInteger(previousSequence)) return undefined
  return { epoch: previousEpoch as number, sequence: previousSequence as number }
}

function timeOf(head: string): number | undefined {
  const at = head.indexOf(timeMember)
  if (at === -1) return undefined
  const text = nameAt(head, at + timeMember.length)
  return text === undefined ? undefined : eventTimeOf(text)
}

function nameAt(text: string, from: number): string | undefined {
  const end = text.indexOf('"', from)
  return end === -1 || end - from > nameMax ? undefined : text.slice(from, end)
}
