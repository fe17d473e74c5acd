/** The highest signed head: outside the tracker's store, so that who changes the store cannot change what was signed. */
import { join } from 'node:path'
import { type Checkpoint, parseCheckpoint, parseNote, sameBytes, toBase64 } from '@keywitness/tlog'
import { signedBy } from './checkpoint-key.ts'
import { TrackerError } from './errors.ts'
import { type Disk, readText } from './store/disk.ts'
import type { StoredTree } from './tree/stored-tree.ts'

const signedHeadFile = 'signed-head'

/** A checkpoint with the note that says it. */
export interface SignedHead {
  readonly checkpoint: Checkpoint
  readonly note: string
}

/**
 * The head signed last, or undefined when nothing was signed yet.
 *
 * @throws TrackerError CORRUPT when the file is not a checkpoint of one of these keys
 */
export function readSignedHead(keyFolder: string, vkeys: readonly string[]): SignedHead | undefined {
  return openSignedHead(keyFolder, signedHeadText(keyFolder), vkeys)
}

/** What the file holds, unverified; undefined when nothing was signed yet. */
export function signedHeadText(keyFolder: string): string | undefined {
  return readText(join(keyFolder, signedHeadFile))
}

/** The head that a text is, which was read from the file. @throws TrackerError CORRUPT as `readSignedHead` */
export function openSignedHead(
  keyFolder: string,
  note: string | undefined,
  vkeys: readonly string[],
): SignedHead | undefined {
  if (note === undefined) return undefined
  const file = join(keyFolder, signedHeadFile)
  try {
    if (signedBy(note, vkeys).length === 0) {
      throw new TrackerError('CORRUPT', `${file} is not signed by ${vkeys.join(' or ')}`, { file })
    }
    return { checkpoint: parseCheckpoint(parseNote(note).text), note }
  } catch (error) {
    if (error instanceof TrackerError) throw error
    throw new TrackerError('CORRUPT', `${file} is not a signed checkpoint`, { file, cause: error })
  }
}

/** Whether anything was ever signed here. */
export function hasSignedHead(keyFolder: string): boolean {
  return signedHeadText(keyFolder) !== undefined
}

/** Puts a new head in the place of the highest one. */
export function writeSignedHead(disk: Disk, keyFolder: string, note: string): void {
  disk.replaceFile(join(keyFolder, signedHeadFile), note)
}

/**
 * The guard against a second tree of a signed size: the stored tree must continue the one that was signed.
 *
 * @throws TrackerError FORKED
 */
export function refuseFork(tree: StoredTree, size: number, head: SignedHead | undefined): void {
  if (head === undefined) return
  const { size: signedSize, root: signedRoot } = head.checkpoint
  if (size < signedSize) {
    const message = `size ${signedSize} was signed, the store holds ${size} entries: the newest were removed`
    throw new TrackerError('FORKED', message)
  }
  const root = tree.root(signedSize)
  if (!sameBytes(root, signedRoot)) {
    const message = `at size ${signedSize} root ${toBase64(signedRoot)} was signed, the store has ${toBase64(root)}`
    throw new TrackerError('FORKED', message)
  }
}
