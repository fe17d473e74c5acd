/** Follows a log's change of key: the new key is believed when the remembered one vouches for it in the log. */
import { keyAnnouncementIn } from '@keywitness/cadf'
import {
  NoteError,
  type NoteVerifier,
  ProofError,
  openKeyChange,
  parseVerifierKey,
  toBase64,
  verifyReceipt,
} from '@keywitness/tlog'
import type { ListedKey, LogApi } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import { isContinued } from './is-continued.ts'
import type { LogMemory } from './memory.ts'

/**
 * The memory with the offered key in the place of the remembered one, when a chain of announcements leads from the one
 * to the other; undefined when none does. The tree of each announcement must be of the log that is remembered.
 *
 * @throws ApiError when something cannot be fetched
 */
export async function followedMemory(
  log: Pick<LogApi, 'keys' | 'announcement' | 'consistency'>,
  memory: LogMemory,
  offered: string,
  now: string,
): Promise<LogMemory | undefined> {
  const trusted: { text: string; verifier: NoteVerifier }[] = [
    { text: memory.key, verifier: parseVerifierKey(memory.key) },
  ]
  for (const { key, id, announced } of await listedKeys(log)) {
    if (announced === null || trusted.some(({ text }) => text === key)) continue
    const verifiers = trusted.map(({ verifier }) => verifier)
    const verifier = await successor(log, memory, { key, id }, verifiers)
    if (verifier !== undefined) trusted.push({ text: key, verifier })
  }
  if (!trusted.some(({ text }) => text === offered)) return undefined
  const former = trusted.map(({ text }) => text).filter((text) => text !== offered)
  const formerKeys = [...new Set([...(memory.formerKeys ?? []), ...former])]
  return { ...memory, key: offered, keySeenAt: now, formerKeys }
}

/** A server that has no list of keys shows nothing. */
async function listedKeys(log: Pick<LogApi, 'keys'>): Promise<readonly ListedKey[]> {
  try {
    return await log.keys()
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'missing') return []
    throw error
  }
}

async function successor(
  log: Pick<LogApi, 'announcement' | 'consistency'>,
  { origin, head }: LogMemory,
  listed: { readonly key: string; readonly id: string },
  verifiers: readonly NoteVerifier[],
): Promise<NoteVerifier | undefined> {
  try {
    const { entry, checkpoint } = await verifyReceipt(await log.announcement(listed.id), verifiers)
    const announced = keyAnnouncementIn(entry)
    if (announced?.key !== listed.key || checkpoint.origin !== origin) return undefined
    const key = await openKeyChange(announced.key, announced.voucher, verifiers)
    const tree = { size: checkpoint.size, root: toBase64(checkpoint.root) }
    return key.name === origin && (head === undefined || (await isContinued(log, head, tree))) ? key : undefined
  } catch (error) {
    if (error instanceof ProofError || error instanceof NoteError) return undefined
    // It was announced a moment ago, and no checkpoint covers that: a later check follows it.
    if (error instanceof ApiError && error.kind === 'missing') return undefined
    throw error
  }
}
