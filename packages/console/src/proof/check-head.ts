/** Checks the newest signed head of a log against what this browser remembers of it. */
import {
  NoteError,
  type OpenCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  toBase64,
} from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import type { AlarmEvidence, AlarmKind, LogAlarm } from './alarm.ts'
import { followedMemory } from './follow-key.ts'
import { isContinued } from './is-continued.ts'
import type { LogMemory, RememberedHead } from './memory.ts'

export interface HeadQuestion {
  /** The origin that the server names for this location now. */
  readonly origin: string
  /** What was remembered *before* this check began: a server may never answer with less. */
  readonly memory: LogMemory | undefined
  /** RFC 3339, for what is remembered. */
  readonly now: string
  /** Whether to ask for the key again even though one is remembered. */
  readonly askKey: boolean
}

export type HeadAnswer =
  | { readonly kind: 'verified'; readonly memory: LogMemory }
  /** The log has no checkpoint yet, and none was ever seen. */
  | { readonly kind: 'empty'; readonly memory: LogMemory }
  | { readonly kind: 'alarm'; readonly alarm: LogAlarm }

/**
 * Fetches and verifies: the key is the one first seen, or one that it led to by proof, the checkpoint carries its signature, and the tree continues the
 * remembered one. What could not be fetched proves nothing and is thrown; only a contradiction is an alarm.
 *
 * @throws ApiError; NoteError when the key is malformed and none was known
 */
export async function checkHead(
  log: Pick<LogApi, 'key' | 'checkpoint' | 'consistency' | 'keys' | 'announcement'>,
  question: HeadQuestion,
): Promise<HeadAnswer> {
  const answer = await checkWithKey(log, question)
  const { memory, now } = question
  const offered = answer.kind === 'alarm' && answer.alarm.kind === 'key-changed' ? answer.alarm.seen.key : undefined
  if (memory === undefined || offered === undefined) return answer
  const followed = await followedMemory(log, memory, offered, now)
  return followed === undefined ? answer : await checkWithKey(log, { ...question, memory: followed })
}

/** The same with the remembered key only. */
async function checkWithKey(
  log: Pick<LogApi, 'key' | 'checkpoint' | 'consistency'>,
  question: HeadQuestion,
): Promise<HeadAnswer> {
  const { memory, origin, now } = question
  const alarm = (kind: AlarmKind, seen: AlarmEvidence): HeadAnswer => ({
    kind: 'alarm',
    alarm: { kind, raisedAt: now, origin, known: evidenceOf(memory), seen: { ...seen, at: now } },
  })
  if (memory !== undefined && memory.origin !== origin) return alarm('other-origin', { origin })

  const offered = memory === undefined || question.askKey ? await log.key() : memory.key
  if (memory !== undefined && offered !== memory.key) return alarm('key-changed', { origin, key: offered })
  const key = parseVerifierKey(offered)
  const base: LogMemory = memory ?? { origin, key: offered, keySeenAt: now }

  let note: string
  try {
    note = await log.checkpoint()
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'missing') throw error
    return memory?.head === undefined ? { kind: 'empty', memory: base } : alarm('smaller', { origin, size: 0 })
  }

  let opened: OpenCheckpoint
  try {
    opened = await openCheckpoint(note, [key])
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    const current = await log.key()
    if (current !== offered) return alarm('key-changed', { key: current, ...claimsOf(note) })
    return alarm('bad-signature', { key: current, ...claimsOf(note) })
  }
  const { checkpoint } = opened
  if (checkpoint.origin !== origin) return alarm('other-origin', claimsOf(note))

  const contradiction = await compare(log, memory?.head, checkpoint.size, checkpoint.root)
  if (contradiction !== undefined) return alarm(contradiction, { key: offered, ...claimsOf(note) })
  const head = { size: checkpoint.size, root: toBase64(checkpoint.root), note, verifiedAt: now }
  return { kind: 'verified', memory: { ...base, head } }
}

/** Whether a tree continues the remembered one; the kind of contradiction when it does not. */
async function compare(
  log: Pick<LogApi, 'consistency'>,
  known: RememberedHead | undefined,
  size: number,
  root: Uint8Array,
): Promise<'smaller' | 'inconsistent' | undefined> {
  if (known === undefined) return undefined
  if (size < known.size) return 'smaller'
  return (await isContinued(log, known, { size, root: toBase64(root) })) ? undefined : 'inconsistent'
}

/** What a note says of itself, believed or not. */
function claimsOf(note: string): AlarmEvidence {
  try {
    const { origin, size, root } = parseCheckpoint(parseNote(note).text)
    return { origin, size, root: toBase64(root), note }
  } catch {
    return { note: note.slice(0, 10_000) }
  }
}

/** The remembered side of a contradiction. */
export function evidenceOf(memory: LogMemory | undefined): AlarmEvidence {
  if (memory === undefined) return {}
  const { origin, key, keySeenAt, head } = memory
  if (head === undefined) return { origin, key, at: keySeenAt }
  return { origin, key, size: head.size, root: head.root, note: head.note, at: head.verifiedAt }
}
