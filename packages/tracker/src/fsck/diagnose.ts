/** Names what was changed when bytes and stored hashes agree with each other, but not with what was signed. */
import { type LogFault, type LogFaultKind, NotStored, parseVerifierKey, TILE_WIDTH, verifyLog } from '@keywitness/tlog'
import type { LogKey } from '../key-api.ts'
import type { Finding } from '../check-api.ts'
import { TrackerError } from '../errors.ts'
import { sha256Of } from '../hash.ts'
import { EntryRows } from '../head/entry-rows.ts'
import { blockCacheBytesDefault } from '../limits.ts'
import { BlockCache } from '../reader/block-cache.ts'
import { LogEntries } from '../reader/log-entries.ts'
import { bundleOf, tileOf } from '../reader/proofs.ts'
import { SegmentPool } from '../reader/segment-pool.ts'
import { StoredTree } from '../tree/stored-tree.ts'
import type { StoreParts } from './found-entries.ts'

/** What the log's own verification calls a fault, in the words of the check. Roots are compared elsewhere. */
const kindOf: Readonly<Partial<Record<LogFaultKind, Finding['kind']>>> = {
  CHANGED: 'changed-entry',
  SWAPPED: 'swapped-entries',
  MISSING: 'missing-entry',
  EXTRA: 'extra-entry',
  REWRITTEN: 'changed-entry',
  MALFORMED: 'changed-entry',
  UNREADABLE: 'missing-entry',
  TILE: 'bad-tile',
}

/** Verifies the log against one signed checkpoint as an outsider would, and adds what that finds. */
export async function diagnose(parts: StoreParts, note: string, keys: readonly LogKey[], size: number): Promise<void> {
  const pool = new SegmentPool(parts.disk, parts.folder)
  const sealed = parts.register.at(-1)?.last ?? 0
  const proofs = {
    view: { size, covered: size, sealed, segments: parts.register, minimum: parts.minimum, first: parts.first },
    tree: new StoredTree(parts.head),
    entries: new LogEntries(new EntryRows(parts.head), pool, new BlockCache(blockCacheBytesDefault)),
    note,
  }
  try {
    const { faults } = await verifyLog({
      checkpoint: note,
      minimum: parts.minimum,
      verifiers: keys.map(({ vkey }) => parseVerifierKey(vkey)),
      readBundle: (n, width) => stored(`entries from ${n * TILE_WIDTH} on`, () => bundleOf(proofs, n, width)),
      readTile: (level, n, width) => stored(`tile ${level}/${n}`, () => tileOf(proofs, level, n, width)),
      hash: sha256Of,
    })
    for (const fault of faults) addFault(parts, fault)
  } finally {
    pool.close()
  }
}

function addFault({ findings }: StoreParts, { kind, message, index, other }: LogFault): void {
  const known = kindOf[kind]
  if (known === undefined) return
  findings.add({
    kind: known,
    message,
    ...(index === undefined ? {} : { index }),
    ...(other === undefined ? {} : { other }),
  })
}

function stored(what: string, read: () => Uint8Array | undefined): Uint8Array {
  try {
    const bytes = read()
    if (bytes !== undefined) return bytes
  } catch (error) {
    // A damaged page is no answer either.
    const isOfStore = error instanceof TrackerError || typeof (error as { errcode?: unknown }).errcode === 'number'
    if (!isOfStore) throw error
  }
  throw new NotStored(`${what} cannot be read`)
}
