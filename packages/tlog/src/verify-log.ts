/** Full verification of a log: every hash computed again from the entries' bytes, against the signed checkpoint. */
import { sameBytes } from './bytes.ts'
import { type OpenCheckpoint, openCheckpoint } from './checkpoint.ts'
import { diagnoseLog } from './diagnose-log.ts'
import { NoteError } from './errors.ts'
import type { LogFault, LogReport, TreeHead, VerifyLogOptions } from './log-fault.ts'
import { LogPass, type PassSource } from './log-pass.ts'
import { sha256 } from './sha256.ts'
import { TrustedTiles } from './trusted-tiles.ts'

/**
 * Downloads or reads everything a log holds and recomputes its tree. Never throws for what is wrong with the log: that
 * is in the report, which names entries. Errors of the readers, but {@link NotStored}, are thrown as they are.
 *
 * @example
 * const report = await verifyLog({ checkpoint, verifiers: [parseVerifierKey(vkey)], readBundle, readTile })
 * if (!report.ok) report.faults.forEach((fault) => print(fault.message))
 */
export async function verifyLog(options: VerifyLogOptions): Promise<LogReport> {
  const { checkpoint: note, verifiers, heads = [], faultsMax = 100 } = options
  let open: OpenCheckpoint
  try {
    open = await openCheckpoint(note, verifiers)
  } catch (error) {
    if (!(error instanceof NoteError)) throw error
    const fault: LogFault = { kind: 'SIGNATURE', message: error.message }
    return { ok: false, verified: [], pruned: 0, entries: 0, bytes: 0, tiles: 0, faults: [fault], moreFaults: 0 }
  }

  const { checkpoint, verified } = open
  const { size, root } = checkpoint
  const source: PassSource = {
    size,
    heads,
    minimum: options.minimum ?? 0,
    hasBundle: (n) => options.hasBundle?.(n) ?? false,
    hash: options.hash ?? sha256,
    readAhead: options.readAhead ?? 4,
    readBundle: (n, width) => options.readBundle(n, width),
    readTile: (level, n, width) => options.readTile(level, n, width),
    progress: (progress) => options.progress?.(progress),
  }
  const pass = await new LogPass(source).run()
  const tiles = new TrustedTiles(source, pass, root)
  const found = await diagnoseLog(source, pass, root, tiles)
  for (const head of heads) {
    const message = pass.heldHeads.includes(head) ? undefined : await headFault(head, size, tiles, found.length > 0)
    if (message !== undefined) found.push({ kind: 'HEAD', index: head.size, message })
  }
  const faults = found.slice(0, faultsMax)
  const firstBadIndex = found.find(({ kind, index }) => ENTRY_FAULTS.has(kind) && index !== undefined)?.index
  return {
    ok: found.length === 0,
    checkpoint,
    verified,
    ...(pass.root === undefined ? {} : { root: pass.root }),
    pruned: pass.pruned,
    entries: pass.entries,
    bytes: pass.bytes,
    tiles: pass.tiles,
    faults,
    moreFaults: found.length - faults.length + pass.moreSuspects,
    ...(firstBadIndex === undefined ? {} : { firstBadIndex }),
  }
}

/** Faults that say of a certain entry that it is not what was logged. */
const ENTRY_FAULTS = new Set<LogFault['kind']>(['CHANGED', 'SWAPPED', 'MISSING', 'EXTRA', 'MALFORMED'])

/**
 * What is wrong with a head that the entries as they are do not lead to. When it is only some entry that was changed,
 * the signed tree still has the head, and nothing is wrong with that.
 */
async function headFault(
  head: TreeHead,
  size: number,
  tiles: TrustedTiles,
  isFaulty: boolean,
): Promise<string | undefined> {
  if (head.size > size) {
    return `the log has ${size} entries now, fewer than the ${head.size} it had in a head seen before`
  }
  const root = await tiles.rootAt(head.size)
  // What cannot be told for want of hashes is not said; the log is found wanting already.
  if (root === undefined && isFaulty) return undefined
  if (root !== undefined && sameBytes(root, head.root)) return undefined
  return `the first ${head.size} entries do not lead to the head of that size seen before`
}
