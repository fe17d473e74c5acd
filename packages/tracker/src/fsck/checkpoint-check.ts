/** Verifies the checkpoints that the store keeps, and the highest signed head outside it. */
import { type Checkpoint, NoteError, parseCheckpoint, parseNote, sameBytes, toBase64 } from '@keywitness/tlog'
import type { LogKey } from '../key-api.ts'
import { signedBy } from '../checkpoint-key.ts'
import { TrackerError } from '../errors.ts'
import { headFile } from '../head/schema.ts'
import { signersAt } from '../key-register.ts'
import { openSignedHead } from '../signed-head.ts'
import type { Database } from '../store/disk.ts'
import type { Findings } from './findings.ts'
import type { TreeSums } from './leaf-check.ts'

/** A checkpoint whose signature holds, and where it was found. */
export interface FoundCheckpoint extends Checkpoint {
  readonly place: 'store' | 'signed-head'
  readonly note: string
}

/** The checkpoints as they are stored, whatever they say. */
export function checkpointRows(head: Database): { size: number; note: string }[] {
  return head.prepare<{ size: number; note: string }>('SELECT size, note FROM checkpoints ORDER BY size').all()
}

/** Checkpoints of the store whose signatures hold; the others are reported. */
export function storedCheckpoints(
  head: Database,
  origin: string,
  keys: readonly LogKey[],
  findings: Findings,
): FoundCheckpoint[] {
  return checkpointRows(head).flatMap(({ size, note }) => {
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
      if (checkpoint.origin !== origin) return bad(`is of another log, ${checkpoint.origin}`)
      if (checkpoint.size !== size) return bad(`says size ${checkpoint.size}`)
      const fault = signatureFault(note, size, keys)
      if (fault !== undefined) return bad(fault)
      return [{ ...checkpoint, place: 'store' as const, note }]
    } catch (error) {
      if (error instanceof NoteError) return bad('is no signed checkpoint')
      throw error
    }
  })
}

/** What is wrong with who signed a checkpoint: all keys of its size must have, and no other key of the log may. */
function signatureFault(note: string, size: number, keys: readonly LogKey[]): string | undefined {
  const signers = signedBy(
    note,
    keys.map(({ vkey }) => vkey),
  )
  if (signers.length === 0) return 'is not signed by the log'
  const due = signersAt(keys, size).map(({ vkey }) => vkey)
  const missing = due.find((vkey) => !signers.includes(vkey))
  if (missing !== undefined) return `is not signed by ${missing}, which signed the log at that size`
  const stray = signers.find((vkey) => !due.includes(vkey))
  return stray === undefined ? undefined : `is signed by ${stray}, which does not sign the log at that size`
}

/** The highest signed head; undefined when nothing was signed or the file is no use, which is reported. */
export function signedHeadOf(
  keyFolder: string,
  text: string | undefined,
  keys: readonly LogKey[],
  findings: Findings,
): FoundCheckpoint | undefined {
  try {
    const vkeys = keys.map(({ vkey }) => vkey)
    const head = openSignedHead(keyFolder, text, vkeys)
    if (head === undefined) return undefined
    const fault = signatureFault(head.note, head.checkpoint.size, keys)
    if (fault !== undefined) findings.add({ kind: 'signed-head', message: `the signed head ${fault}` })
    return { ...head.checkpoint, place: 'signed-head', note: head.note }
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
