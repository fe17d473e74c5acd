/** Checks what a log says of its pruning: signed by the log, the same in both places, and never lower than it was. */
import { sameBytes } from '@keywitness/tlog'
import type { StoredEntry } from '../api.ts'
import { leafHashInto } from '../hash.ts'
import type { LogKey } from '../key-api.ts'
import { MinimumRows } from '../head/minimum-rows.ts'
import { headFile } from '../head/schema.ts'
import { minimumFault, readMinimum } from '../prune.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'
import { StoredLeaves } from './stored-leaves.ts'

/** The minimum index that the log has signed; 0 when none. */
export function checkMinimum(
  head: Database,
  keyFolder: string | undefined,
  log: { readonly origin: string; readonly keys: readonly LogKey[] },
  findings: Findings,
): number {
  const vkeys = log.keys.map(({ vkey }) => vkey)
  // In the other order than they are written: what is beside the keys was in the store before.
  const beside = keyFolder === undefined ? undefined : readMinimum(keyFolder)
  const stored = new MinimumRows(head).current()
  let signed = 0
  for (const [said, where] of [
    [stored, headFile],
    [beside, 'the key folder'],
  ] as const) {
    if (said === undefined) continue
    const fault = minimumFault(said, log.origin, vkeys)
    if (fault === undefined) signed = Math.max(signed, said.index)
    else findings.add({ kind: 'bad-minimum', message: `the minimum index in ${where} ${fault}` })
  }
  if (beside !== undefined && beside.index > (stored?.index ?? 0)) {
    const message = `the log has signed the minimum index ${beside.index}, ${headFile} says ${stored?.index ?? 'none'}`
    findings.add({ kind: 'bad-minimum', message, index: beside.index, file: headFile })
  }
  return signed
}

/** Entries that outlived pruning; those that do not hash to their leaves are said and left out. */
export function keptEntries(head: Database, findings: Findings): StoredEntry[] {
  const leaves = new StoredLeaves(head, findings)
  const computed = new Uint8Array(32)
  return new MinimumRows(head).kept().filter(({ index, bytes }) => {
    leafHashInto(bytes, computed, 0)
    const stored = leaves.of(index)
    const isRight = stored !== undefined && sameBytes(stored, computed)
    if (!isRight) {
      const message = `the bytes of entry ${index}, kept when it was pruned, were changed`
      findings.add({ kind: 'changed-entry', message, index, file: headFile })
    }
    return isRight
  })
}
