/** The independent check of a tracker: everything is computed again from the bytes on the disk. */
import { setImmediate } from 'node:timers/promises'
import { parseVerifierKey, toBase64 } from '@keywitness/tlog'
import type { LogKey } from '../key-api.ts'
import type { FsckOptions, FsckReport } from '../check-api.ts'
import { TrackerError } from '../errors.ts'
import { type LogIdentity, openHeadForReading, readIdentity } from '../head/open-head.ts'
import { headFile } from '../head/schema.ts'
import { readKeys } from '../key-register.ts'
import { registerRows } from '../segment/register.ts'
import { type Database, type Disk, realDisk } from '../store/disk.ts'
import { asTrackerError } from '../store/sqlite-error.ts'
import { AttachmentCheck } from './attachment-check.ts'
import { checkRoots, type FoundCheckpoint, signedHeadOf, storedCheckpoints } from './checkpoint-check.ts'
import { diagnose } from './diagnose.ts'
import { Findings } from './findings.ts'
import { foundEntries, type StoreParts } from './found-entries.ts'
import { LeafCheck } from './leaf-check.ts'
import { ProducerCheck } from './producer-check.ts'
import { checkSegments, straySegments } from './segment-check.ts'
import { StoredLeaves } from './stored-leaves.ts'
import { checkTiles } from './tile-check.ts'

/** Entries between two calls of `progress`, after which other work of the thread gets its turn. */
const progressStep = 4_096

/**
 * Checks a tracker, also while its writer is at work: it looks at one unchanging state. Says what is wrong; repairs
 * nothing.
 *
 * @throws TrackerError MISSING, NEWER_SCHEMA; CORRUPT when the head cannot be opened at all
 */
export async function fsck(options: FsckOptions, disk: Disk = realDisk): Promise<FsckReport> {
  const findings = new Findings()
  const notes: string[] = []
  // Read before the store is: what is signed meanwhile is not missed in it.
  const trusted = trustedKeys(options)
  const signedHead =
    options.keyFolder === undefined || trusted === undefined
      ? undefined
      : signedHeadOf(options.keyFolder, trusted, findings)
  let head: Database | undefined
  try {
    head = openHeadForReading(disk, options.folder)
    // A view that lasts over the turns of other work; nothing is written.
    head.exec('BEGIN')
    const { origin, key } = identityOf(head, trusted?.at(-1)?.vkey, findings)
    if (trusted === undefined) notes.push('no verifier key was given: checkpoints were verified with the store’s own')
    if (signedHead === undefined) notes.push('there is no highest signed head to compare with')
    const report = await checkStore({ disk, folder: options.folder, head, findings }, options, {
      origin,
      keys: trusted ?? [{ vkey: key, from: { size: 0, time: 0 } }],
      signedHead,
    })
    return { ...report, notes: [...notes, ...report.notes] }
  } catch (error) {
    throw asTrackerError(error, 'the tracker could not be checked', `${options.folder}/${headFile}`)
  } finally {
    head?.close()
  }
}

interface Identity {
  readonly origin: string
  readonly keys: readonly LogKey[]
  readonly signedHead: FoundCheckpoint | undefined
}

async function checkStore(
  store: Omit<StoreParts, 'register'>,
  options: FsckOptions,
  { origin, keys, signedHead }: Identity,
): Promise<FsckReport> {
  const { head, findings } = store
  const surviving = <Result>(work: () => Result): Result | undefined => findings.surviving(headFile, work)
  surviving(() => checkDatabase(head, findings))
  const parts: StoreParts = { ...store, register: surviving(() => registerRows(head)) ?? [] }
  checkSegments(parts, origin)
  const size = surviving(() => sizeOf(parts)) ?? parts.register.at(-1)?.last ?? 0
  const stored = surviving(() => storedCheckpoints(head, origin, keys, findings)) ?? []
  const checkpoints = signedHead === undefined ? stored : [...stored, signedHead]

  const leaves = new LeafCheck(new StoredLeaves(head, findings), new Set(checkpoints.map((signed) => signed.size)))
  const producers = new ProducerCheck(findings)
  const attachments = new AttachmentCheck()
  for (const entry of foundEntries(parts, size)) {
    leaves.add(entry)
    if (entry.bytes !== undefined) {
      const parsed = parsedEntry(entry.bytes)
      producers.add(entry.index, parsed)
      attachments.add(entry.index, parsed)
    }
    if ((entry.index + 1) % progressStep === 0) {
      options.progress?.(entry.index + 1, size)
      await setImmediate()
    }
  }
  leaves.end()
  options.progress?.(size, size)

  const highest = checkpoints.filter((signed) => signed.size <= size).toSorted((a, b) => b.size - a.size)[0]
  const right = leaves.rightTree(highest)
  if (right === 'neither' && highest !== undefined) await diagnose(parts, highest.note, keys, size)
  leaves.report(findings, right, highest?.size ?? 0)
  const tree = right === 'computed' ? leaves.computed : leaves.stored
  checkRoots(checkpoints, tree, size, findings)
  surviving(() => checkTiles(head, tree.tileRoots, size, findings))
  const areEntriesRight = leaves.isClean && right !== 'neither'
  if (areEntriesRight) surviving(() => producers.report(head))
  surviving(() => attachments.report(head, findings, areEntriesRight))
  const root = leaves.unread === 0 ? leaves.computed.roots.get(size) : undefined
  return {
    good: findings.total === 0,
    origin,
    size,
    covered: stored.at(-1)?.size ?? 0,
    ...(root === undefined ? {} : { root: toBase64(root) }),
    segments: parts.register.length,
    checkpoints: stored.length,
    findings: findings.listed,
    findingsTotal: findings.total,
    notes: [
      ...(areEntriesRight ? [] : ['producers’ numbers were not compared, because entries are damaged']),
      ...straySegments(parts).map((name) => `segments/${name} belongs to no log: a crash left it`),
    ],
  }
}

/** An entry's JSON; undefined when it is none. */
function parsedEntry(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

/** What the store says it is; where it cannot say it any more, what the trusted key is the key of. */
function identityOf(head: Database, trusted: string | undefined, findings: Findings): LogIdentity {
  if (trusted === undefined) return readIdentity(head)
  const said = findings.surviving(headFile, () => readIdentity(head))
  return said ?? { origin: parseVerifierKey(trusted).name, key: trusted }
}

function checkDatabase(head: Database, findings: Findings): void {
  for (const { quick_check: says } of head.prepare<{ quick_check: string }>('PRAGMA quick_check(10)').all()) {
    if (says !== 'ok') findings.add({ kind: 'bad-store', message: `${headFile} is damaged: ${says}`, file: headFile })
  }
}

/** The log's end as the rows say: what should be there beyond it is found by tiles and signed sizes. */
function sizeOf({ head, register }: StoreParts): number {
  const end = head.prepare<{ end: number | null }>('SELECT max(first + count) AS end FROM entries').get()?.end ?? 0
  return register.reduce((size, { last }) => Math.max(size, last), end)
}

function trustedKeys({ verifierKey, keyFolder }: FsckOptions): readonly LogKey[] | undefined {
  if (verifierKey !== undefined) return [{ vkey: verifierKey.trimEnd(), from: { size: 0, time: 0 } }]
  if (keyFolder === undefined) return undefined
  try {
    return readKeys(keyFolder)
  } catch (error) {
    if (error instanceof TrackerError && error.code === 'MISSING') return undefined
    throw error
  }
}
