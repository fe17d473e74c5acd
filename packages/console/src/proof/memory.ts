/** What this browser remembers of a log: the key it saw first, the last head it verified, and an alarm until a person ends it. */
import type { AlarmEvidence, LogAlarm } from './alarm.ts'
import { alarmKinds } from './alarm.ts'

/** A signed head that this browser has verified. */
export interface RememberedHead {
  readonly size: number
  /** Base64, 32 bytes. */
  readonly root: string
  /** The signed note, verbatim: evidence that can be handed to somebody else. */
  readonly note: string
  /** RFC 3339. */
  readonly verifiedAt: string
}

export interface LogMemory {
  readonly origin: string
  /** Verifier key, as first seen, or the one that it led to by proof. */
  readonly key: string
  readonly keySeenAt: string
  /** Keys before it: each vouched for the next. */
  readonly formerKeys?: readonly string[]
  readonly head?: RememberedHead
  readonly alarm?: LogAlarm
}

/** Where memories live: `localStorage`, or a stand-in. */
export type MemoryStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** How many forgotten memories are kept as evidence. */
const archiveMax = 20

/**
 * The place of a log's memory. It is bound to account and location, not to the origin: a server that answers with
 * another origin must meet the memory of the old one.
 */
export function memoryName(account: string, location: string): string {
  return `keywitness.log.${account}.${location}`
}

/** Undefined when nothing is remembered, or what is there is not a memory. */
export function readMemory(store: MemoryStore, name: string): LogMemory | undefined {
  const text = store.getItem(name)
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isMemory(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Joins what is stored (perhaps by another window, meanwhile) with what was just found out. The head only grows, and
 * an alarm is never lost to a later success.
 */
export function joinMemory(stored: LogMemory | undefined, found: LogMemory): LogMemory {
  if (stored === undefined || stored.origin !== found.origin) return stored ?? found
  if (stored.key !== found.key) {
    // A key that the stored one led to takes its place, with a head that is checked again; any other does not.
    const isLed = found.formerKeys?.includes(stored.key) === true
    return isLed ? { ...found, ...(stored.alarm === undefined ? {} : { alarm: stored.alarm }) } : stored
  }
  const storedSize = stored.head?.size ?? -1
  const head = found.head !== undefined && found.head.size >= storedSize ? found.head : stored.head
  const alarm = stored.alarm ?? found.alarm
  return {
    origin: stored.origin,
    key: stored.key,
    keySeenAt: stored.keySeenAt,
    ...(stored.formerKeys === undefined ? {} : { formerKeys: stored.formerKeys }),
    ...(head === undefined ? {} : { head }),
    ...(alarm === undefined ? {} : { alarm }),
  }
}

export function writeMemory(store: MemoryStore, name: string, memory: LogMemory): void {
  store.setItem(name, JSON.stringify(memory))
}

/** Forgets a log because a person said so. What was known goes to the archive, with the alarm that made them do it. */
export function forgetMemory(store: MemoryStore, name: string, at: string): void {
  const memory = readMemory(store, name)
  if (memory !== undefined) {
    const archive = [{ forgottenAt: at, name, memory }, ...readArchive(store)].slice(0, archiveMax)
    store.setItem(archiveName, JSON.stringify(archive))
  }
  store.removeItem(name)
}

const archiveName = 'keywitness.archive'

function readArchive(store: MemoryStore): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(store.getItem(archiveName) ?? '[]')
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function isMemory(value: unknown): value is LogMemory {
  if (!isRecord(value)) return false
  const { origin, key, keySeenAt, formerKeys = [], head, alarm } = value
  if (typeof origin !== 'string' || typeof key !== 'string' || typeof keySeenAt !== 'string') return false
  if (!Array.isArray(formerKeys) || !formerKeys.every((former) => typeof former === 'string')) return false
  return (head === undefined || isHead(head)) && (alarm === undefined || isAlarm(alarm))
}

function isHead(value: unknown): value is RememberedHead {
  if (!isRecord(value)) return false
  const { size, root, note, verifiedAt } = value
  return Number.isSafeInteger(size) && [root, note, verifiedAt].every((member) => typeof member === 'string')
}

function isAlarm(value: unknown): value is LogAlarm {
  if (!isRecord(value)) return false
  const { kind, raisedAt, origin, known, seen } = value
  if (!alarmKinds.some((each) => each === kind)) return false
  return typeof raisedAt === 'string' && typeof origin === 'string' && isEvidence(known) && isEvidence(seen)
}

function isEvidence(value: unknown): value is AlarmEvidence {
  return isRecord(value) && Object.values(value).every((member) => ['string', 'number'].includes(typeof member))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
