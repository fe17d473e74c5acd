/** Whether one tree continues another, by a consistency proof. */
import { ProofError, fromBase64, verifyConsistency } from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'

/** A tree's head without its signature. */
export interface TreeHead {
  readonly size: number
  /** Base64. */
  readonly root: string
}

/**
 * Whether the larger of two trees continues the smaller one, by a consistency proof fetched and verified here.
 *
 * @throws ApiError
 */
export async function isContinued(log: Pick<LogApi, 'consistency'>, a: TreeHead, b: TreeHead): Promise<boolean> {
  const [older, newer] = a.size <= b.size ? [a, b] : [b, a]
  if (older.size === newer.size) return older.root === newer.root
  // Every tree continues the empty one.
  if (older.size === 0) return true
  const proof = await log.consistency(older.size, newer.size)
  try {
    verifyConsistency(older.size, newer.size, rootBytes(older), rootBytes(newer), proof)
    return true
  } catch (error) {
    if (error instanceof ProofError) return false
    throw error
  }
}

function rootBytes(head: TreeHead): Uint8Array {
  return fromBase64(head.root) ?? new Uint8Array()
}
