/** What appending looks at in an entry's bytes, found without parsing the whole of it. */
import { parseEventTime } from '@keywitness/cadf'
import type { ProducerPosition } from './api.ts'
import type { Numbered } from './numbering.ts'

/** The end of an entry names its numbers: a UUID of 36, two whole numbers of at most 16 digits, and what is around. */
const endBytes = 110
const numbers = /"producer":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,15})","sequence":([1-9]\d{0,14})\}$/i

/** A canonical event begins with its action. */
const openingStart = Buffer.from('{"event":{"action":"hs-crypto.producer.start"')
const actionStart = Buffer.from('{"event":{"action":"')
const outcomeMember = Buffer.from('"outcome":"')
/** Names are short; what is longer is none. */
const nameBytesMax = 128
/** No text of a value can hold it: quotes inside one are escaped. */
const timeMember = Buffer.from('"eventTime":"')
/** It stands near the beginning; a longer search would cost on foreign entries. */
const timeWithin = 512
const timeBytesMax = 40

/**
 * Who numbered an entry, by its own bytes: what a delivery says beside them is not proven by anything. What is not in
 * the entry format has the delivery's numbers.
 */
export function numberedOf(delivered: Numbered, bytes: Uint8Array): Numbered {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const { producer, epoch, sequence } = numbersOf(entry) ?? delivered
  return { producer, epoch, sequence, opening: openingOf(entry) }
}

function numbersOf(entry: Buffer): Numbered | undefined {
  const [, producer, epoch, sequence] =
    numbers.exec(entry.toString('latin1', Math.max(0, entry.length - endBytes))) ?? []
  return producer === undefined ? undefined : { producer, epoch: Number(epoch), sequence: Number(sequence) }
}

function openingOf(entry: Buffer): ProducerPosition | undefined {
  if (!entry.subarray(0, openingStart.length).equals(openingStart)) return undefined
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

/** Milliseconds since the epoch; undefined when the entry has no time of a known form. */
export function timeIn(bytes: Uint8Array): number | undefined {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, timeWithin))
  const at = entry.indexOf(timeMember)
  if (at === -1) return undefined
  const from = at + timeMember.length
  const text = entry.toString('latin1', from, from + timeBytesMax)
  try {
    return parseEventTime(text.slice(0, Math.max(0, text.indexOf('"'))))
  } catch {
    return undefined
  }
}

/** What can be told of an entry without parsing it: undefined is what it does not have, or not where it stands in ours. */
export interface EntryFacts {
  readonly numbered: Numbered | undefined
  readonly action: string | undefined
  readonly outcome: string | undefined
  /** Milliseconds since the epoch. */
  readonly time: number | undefined
}

export function entryFactsOf(bytes: Uint8Array): EntryFacts {
  const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const numbered = numbersOf(entry)
  const isOurs = entry.subarray(0, actionStart.length).equals(actionStart)
  const outcomeAt = entry.indexOf(outcomeMember)
  return {
    numbered: numbered === undefined ? undefined : { ...numbered, opening: openingOf(entry) },
    action: isOurs ? textAt(entry, actionStart.length) : undefined,
    outcome: outcomeAt === -1 ? undefined : textAt(entry, outcomeAt + outcomeMember.length),
    time: timeIn(bytes),
  }
}

function textAt(entry: Buffer, from: number): string | undefined {
  const text = entry.toString('latin1', from, from + nameBytesMax)
  const end = text.indexOf('"')
  return end === -1 ? undefined : text.slice(0, end)
}
