/** Proves in the background that listed events are in the log: from what the list shows and the last verified head. */
import { type ActivityEvent, entryBytes } from '@keywitness/cadf'
import { ProofError, fromBase64, inclusionProof, leafHash, verifyInclusion } from '@keywitness/tlog'
import type { LogApi } from '../api/client.ts'
import type { TrailItem } from '../api/types.ts'
import type { TreeHead } from './is-continued.ts'
import { fetchProofNodes } from './tiles.ts'

/** An event as the list shows it, with what else its log entry is made of. */
export interface ShownRow {
  readonly index: number
  readonly event: ActivityEvent
  /** `<uuid>.<epoch>`. */
  readonly producer: string
  readonly sequence: number
}

export interface RowsAnswer {
  readonly proven: readonly number[]
  /** The first row that does not hold. */
  readonly fault?: number
}

/** Those of a list's events that tell what their entries are made of. */
export function provableRows(items: readonly TrailItem[]): ShownRow[] {
  return items.flatMap(({ index, event, producer, sequence }) =>
    producer === undefined || sequence === undefined ? [] : [{ index, event, producer, sequence }],
  )
}

/** Rows proven in one round at most. */
export const rowsMax = 256

/** The newest rows that one round takes. */
export function chooseRows<Row extends { readonly index: number }>(rows: readonly Row[], size: number): Row[] {
  return rows
    .filter((row) => row.index < size)
    .sort((a, b) => b.index - a.index)
    .slice(0, rowsMax)
}

/**
 * For each row: the entry's bytes are made again from what is shown, hashed, and the hash climbs to the root of `head`.
 * So a row is proven exactly as it stands on the screen. Only hashes are fetched: reading events would itself be an
 * event, and looking at the trail would never end.
 *
 * @param head verified by the caller
 * @throws ApiError, RangeError when tiles could not be read: that proves nothing either way
 */
export async function proveRows(
  log: Pick<LogApi, 'tile'>,
  head: TreeHead,
  rows: readonly ShownRow[],
): Promise<RowsAnswer> {
  const chosen = chooseRows(rows, head.size)
  const root = fromBase64(head.root) ?? new Uint8Array()
  const indexes = chosen.map((row) => row.index)
  const readNode = await fetchProofNodes(log, indexes, head.size)
  const proven: number[] = []
  for (const row of chosen) {
    const path = inclusionProof(row.index, head.size, readNode)
    if (!isIncluded(row, head.size, path, root)) return { proven, fault: row.index }
    proven.push(row.index)
  }
  return { proven }
}

function isIncluded(row: ShownRow, size: number, path: Uint8Array[], root: Uint8Array): boolean {
  const entry = rowEntry(row)
  // What cannot even be an entry was never one.
  if (entry === undefined) return false
  try {
    verifyInclusion(row.index, size, leafHash(entry), path, root)
    return true
  } catch (error) {
    if (error instanceof ProofError) return false
    throw error
  }
}

/** The entry that a row claims to show; undefined when there is no such entry. */
function rowEntry(row: ShownRow): Uint8Array | undefined {
  const dot = row.producer.lastIndexOf('.')
  const producer = { id: row.producer.slice(0, dot), epoch: Number(row.producer.slice(dot + 1)) }
  try {
    return entryBytes(row.event, producer, row.sequence)
  } catch {
    return undefined
  }
}
