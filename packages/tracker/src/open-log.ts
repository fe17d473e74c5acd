/** Opens a log for writing: lock, key, head, state. What is here at the end is sound, or nothing was opened. */
import { join } from 'node:path'
import type { TrackerOptions } from './api.ts'
import { createCheckpointKey, signedBy } from './checkpoint-key.ts'
import { parseCheckpoint, parseNote } from '@keywitness/tlog'
import { refuseEnded } from './end.ts'
import { TrackerError } from './errors.ts'
import { EntryRows } from './head/entry-rows.ts'
import { OwnRows } from './head/own-rows.ts'
import { holdsLog, openHeadForWriting } from './head/open-head.ts'
import { headFile, segmentsFolder } from './head/schema.ts'
import { adoptAnnounced, type LogKeys, openKeys } from './key-rotation.ts'
import { verifyNewestDefault } from './limits.ts'
import { Publisher } from './publish.ts'
import { openMinimum, resignMinimum } from './prune.ts'
import { recover } from './recover.ts'
import { IndexFollower } from './search/follower.ts'
import { refuseNewerSegment } from './segment/newest.ts'
import type { RegisteredSegment } from './segment/register.ts'
import { Sequencer } from './sequence.ts'
import { OwnEvents } from './tell.ts'
import { hasSignedHead, readSignedHead, refuseFork, type SignedHead, writeSignedHead } from './signed-head.ts'
import type { Database, Disk } from './store/disk.ts'
import type { GrowingTree } from './tree/growing-tree.ts'
import { StoredTree } from './tree/stored-tree.ts'
import { refuseKeyInside, refuseReadOnly } from './writable.ts'

/** An open log. `tree`, `signed` and `segments` are what the store holds; they change after a commit, never before. */
export interface OpenLog {
  readonly db: Database
  keys: LogKeys
  readonly stored: StoredTree
  readonly sequencer: Sequencer
  readonly own: OwnEvents
  readonly publisher: Publisher
  readonly follower: IndexFollower
  tree: GrowingTree
  signed: SignedHead | undefined
  segments: readonly RegisteredSegment[]
  /** Entries below are not given any more. */
  minimum: number
  readonly altered: number | undefined
}

/**
 * Makes sure that there is a log to open, before the lock is taken.
 *
 * @throws TrackerError BAD_INPUT, READ_ONLY, NEWER_SCHEMA; MISSING; FORKED when the store of a signed log is gone
 */
export function prepareFolders(disk: Disk, options: TrackerOptions): void {
  const { folder, keyFolder, create } = options
  refuseKeyInside(folder, keyFolder)
  refuseReadOnly(folder, keyFolder)
  refuseEnded(keyFolder)
  refuseNewerSegment(disk, folder)
  if (holdsLog(disk, folder)) return
  const file = join(folder, headFile)
  if (hasSignedHead(keyFolder)) {
    throw new TrackerError('FORKED', `a log was signed by the key in ${keyFolder}, but ${folder} holds none`, { file })
  }
  if (create !== true) throw new TrackerError('MISSING', `there is no tracker in ${folder}`, { file })
  disk.makeFolder(join(folder, segmentsFolder), 0o700)
  createCheckpointKey(disk, keyFolder)
}

/**
 * Opens the head and reads the state. The lock is held by the caller.
 *
 * @throws TrackerError MISSING, CORRUPT, NEWER_SCHEMA, FORKED; and what the database throws
 */
export function openLog(disk: Disk, options: TrackerOptions): OpenLog {
  const { folder, keyFolder, origin, clock } = options
  const keyParts = { disk, keyFolder, origin }
  const opened = openKeys(keyParts)
  const db = openHeadForWriting(disk, folder, { origin, key: opened.current.vkey }, clock.now())
  try {
    const vkeys = opened.known.map(({ vkey }) => vkey)
    const inFile = readSignedHead(keyFolder, vkeys)
    const inStore = newestCheckpoint(db, vkeys)
    const signed = higher(inFile, inStore)
    const { tree, segments, altered } = recover(db, signed, options.verifyNewest ?? verifyNewestDefault)
    const stored = new StoredTree(db)
    refuseFork(stored, tree.size, inFile)
    // What announced a key was committed, and a crash came before the key was taken in.
    const keys = adoptAnnounced(keyParts, opened, new EntryRows(db), tree.size, clock.now())
    const minimum = openMinimum(db, { disk, folder, keyFolder, origin }, vkeys, clock.now())
    resignMinimum(db, { disk, folder, keyFolder, origin }, keys, clock.now())
    const publisher = new Publisher({ db, disk, keyFolder, origin, keys: keys.signing })
    // A crash between signing and publishing left one of the two behind.
    if (signed !== undefined && signed !== inFile) writeSignedHead(disk, keyFolder, signed.note)
    if (signed !== undefined && signed.checkpoint.size !== inStore?.checkpoint.size) {
      publisher.republish(signed, clock.now())
    }
    const follower = new IndexFollower(disk, folder, new EntryRows(db))
    const ownRows = new OwnRows(db)
    const sequencer = new Sequencer(db, ownRows)
    return {
      db,
      keys,
      stored,
      sequencer,
      own: new OwnEvents(ownRows, sequencer),
      publisher,
      follower,
      tree,
      signed,
      segments,
      minimum,
      altered,
    }
  } catch (error) {
    db.close()
    throw error
  }
}

export function closeLog({ db, follower }: OpenLog): void {
  follower.close()
  db.close()
}

/** The newest checkpoint of the store. It is not trusted to be there, but what it proves to be signed, was. */
function newestCheckpoint(db: Database, vkeys: readonly string[]): SignedHead | undefined {
  const row = db.prepare<{ note: string }>('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1').get()
  if (row === undefined) return undefined
  try {
    if (signedBy(row.note, vkeys).length > 0)
      return { checkpoint: parseCheckpoint(parseNote(row.note).text), note: row.note }
  } catch (error) {
    throw new TrackerError('CORRUPT', `the newest checkpoint in ${db.file} is no note`, { file: db.file, cause: error })
  }
  throw new TrackerError('CORRUPT', `the newest checkpoint in ${db.file} is not signed by the log's key`, {
    file: db.file,
  })
}

function higher(a: SignedHead | undefined, b: SignedHead | undefined): SignedHead | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b.checkpoint.size > a.checkpoint.size ? b : a
}
