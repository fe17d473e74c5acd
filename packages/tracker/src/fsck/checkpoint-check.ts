/** Verifies the checkpoints that the store keeps, and the highest signed head outside it. */
import { type Checkpoint, NoteError, parseCheckpoint, parseNote, sameBytes, toBase64 } from '@keywitness/tlog'
import { isSignedBy } from '../checkpoint-key.ts'
import { TrackerError } from '../errors.ts'
import { headFile } from '../head/schema.ts'
import { readSignedHead } from '../signed-head.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'
import type { TreeSums } from './leaf-check.ts'

/** A checkpoint whose signature holds, and where it was found. */
export interface FoundCheckpoint extends Checkpoint {
  readonly place: 'store' | 'signed-head'
  readonly note: string
}

/** Checkpoints of the store whose signatures hold; the others are reported. */
export function storedCheckpoints(head: Database, origin: string, vkey: string, findings: Findings): FoundCheckpoint[] {
  const rows = head.prepare<{ size: number; note: string }>('SELECT size, note FROM checkpoints ORDER BY size').all()
  return rows.flatMap(({ size, note }) => {
    const bad = (what: string): [] => {
      findings.add({
        kind: 'bad-checkpoint',
        message: `the checkpoint of size ${size} ${what}`,
        index: size,
        file: headFile,
      })
      return []
    }
    try {
      const checkpoint = parseCheckpoint(parseNote(note).text)
      if (!isSignedBy(note, vkey)) return bad('is not signed by the log')
      if (checkpoint.origin !== origin) return bad(`is of another log, ${checkpoint.origin}`)
      if (checkpoint.size !== size) return bad(`says size ${checkpoint.size}`)
      return [{ ...checkpoint, place: 'store' as const, note }]
    } catch (error) {
      if (error instanceof NoteError) return bad('is no signed checkpoint')
      throw error
    }
  })
}

/** The highest signed head; undefined when nothing was signed or the file is no use, which is reported. */
export function signedHeadOf(keyFolder: string, vkey: string, findings: Findings): FoundCheckpoint | undefined {
  try {
    const head = readSignedHead(keyFolder, vkey)
    return head === undefined ? undefined : { ...head.checkpoint, place: 'signed-head', note: head.note }
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    findings.add({ kind: 'signed-head', message: error.message })
    return undefined
  }
}

/** Compares signed roots with the tree's. */
export function checkRoots(
  checkpoints: readonly FoundCheckpoint[],
  { roots }: TreeSums,
  size: number,
  findings: Findings,
): void {
  for (const { size: signedSize, root, place } of checkpoints) {
    const kind = place === 'store' ? 'bad-checkpoint' : 'signed-head'
    if (signedSize > size) {
      const message = `size ${signedSize} was signed, the log ends at ${size}: the newest entries were removed`
      findings.add({ kind: 'missing-entry', message, index: size })
      continue
    }
    const found = roots.get(signedSize)
    if (found === undefined || sameBytes(found, root)) continue
    const message = `at size ${signedSize} root ${toBase64(root)} was signed, the tree has ${toBase64(found)}`
    findings.add({ kind, message, index: signedSize })
  }
}
