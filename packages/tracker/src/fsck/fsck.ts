/** The independent check of a tracker: everything is computed again from the bytes on the disk. */
import { setImmediate } from 'node:timers/promises'
import { parseVerifierKey, toBase64 } from '@keywitness/tlog'
import type { LogKey } from '../key-api.ts'
import type { FsckOptions, FsckReport } from '../check-api.ts'
import { TrackerError } from '../errors.ts'
import { type LogIdentity, openHeadForReading, readIdentity } from '../head/open-head.ts'
import { headFile } from '../head/schema.ts'
import { MinimumRows } from '../head/minimum-rows.ts'
import { readKeys, registerText } from '../key-register.ts'
import { type RegisteredSegment, registerRows } from '../segment/register.ts'
import { firstKept } from '../prune.ts'
import { signedHeadText } from '../signed-head.ts'
import { type Database, type Disk, realDisk } from '../store/disk.ts'
import { asTrackerError } from '../store/sqlite-error.ts'
import {
  checkpointRows,
  checkRoots,
  type FoundCheckpoint,
  signedHeadOf,
  storedCheckpoints,
} from './checkpoint-check.ts'
import { diagnose } from './diagnose.ts'
import { Findings } from './findings.ts'
import { foundEntries, type StoreParts } from './found-entries.ts'
import { checkDefinitions, checkIdentity, checkPages } from './head-check.ts'
import { checkKeyFolder } from './key-check.ts'
import { checkMinimum, keptEntries } from './minimum-check.ts'
import { checkSegmentSearch, drawnSegments, IndexCheck } from './search-check.ts'
import { EntryPass, progressStep } from './entry-pass.ts'
import { checkSegments, straySegments } from './segment-check.ts'
import { StoredLeaves } from './stored-leaves.ts'
import { checkTiles } from './tile-check.ts'

/**
 * Checks a tracker, also while its writer is at work. Says what is wrong; repairs nothing. Sealed segments never change
 * and are read without holding a view of the head, for which its write-ahead log would have to grow all the while; only
 * what came after them is looked at in one unchanging state. What is pruned, or which keys there are, may change under a
 * check: what it finds then is looked at once more from the beginning.
 *
 * @throws TrackerError MISSING, NEWER_SCHEMA; CORRUPT when the head cannot be opened at all
 */
export async function fsck(options: FsckOptions, disk: Disk = realDisk): Promise<FsckReport> {
  let head: Database | undefined
  try {
    head = openHeadForReading(disk, options.folder)
    for (let attempt = 1; ; attempt++) {
      const before = movable(head, options)
      const report = await new Check(disk, options, head).run()
      if (report.good || attempt === attemptsMax || movable(head, options) === before) return report
    }
  } catch (error) {
    throw asTrackerError(error, 'the tracker could not be checked', `${options.folder}/${headFile}`)
  } finally {
    head?.close()
  }
}

/** Nobody prunes, or changes keys, more often than once in a check. */
const attemptsMax = 3

/** What of a log a check looks at that its writer changes: as one text, to tell whether it did. */
function movable(head: Database, { keyFolder }: FsckOptions): string {
  const minimum = new Findings().surviving(headFile, () => new MinimumRows(head).current()?.index)
  return JSON.stringify([minimum, keyFolder === undefined ? undefined : registerText(keyFolder)])
}

class Check {
  readonly #options: FsckOptions
  readonly #head: Database
  readonly #findings = new Findings()
  readonly #notes: string[] = []
  #store: Omit<StoreParts, 'register'>
  /** Sizes whose roots are compared with signed ones. */
  readonly #sizes = new Set<number>()
  readonly #pass: EntryPass

  constructor(disk: Disk, options: FsckOptions, head: Database) {
    this.#options = options
    this.#head = head
    this.#store = { disk, folder: options.folder, head, findings: this.#findings, minimum: 0, first: 0 }
    this.#pass = new EntryPass(new StoredLeaves(head, this.#findings), this.#sizes, this.#findings)
  }

  async run(): Promise<FsckReport> {
    this.#surviving(() => checkPages(this.#head, this.#findings))
    this.#surviving(() => checkDefinitions(this.#store.disk, this.#head, this.#findings))
    const { origin } = identityOf(this.#head, this.#options, this.#findings)
    this.#surviving(() => this.#checkPruned(origin))
    const sealed = await this.#checkSealed(origin)
    // Taken before the view of the head, or it could be ahead of it.
    const index = this.#options.searchEntries === 0 ? undefined : this.#openIndex()
    try {
      return await this.#checkHead(origin, sealed, index)
    } finally {
      index?.close()
    }
  }

  /** What was pruned is not looked for: the log has signed that it is gone, and its hashes must lead to the signed root. */
  #checkPruned(origin: string): void {
    const keys = trustedKeys(this.#options, new Findings()) ?? this.#keys().keys
    const minimum = checkMinimum(this.#head, this.#options.keyFolder, { origin, keys }, this.#findings)
    if (minimum === 0) return
    const first = firstKept(registerRows(this.#head), minimum)
    this.#store = { ...this.#store, minimum, first }
    for (const { size } of checkpointRows(this.#head)) this.#sizes.add(size)
    this.#pass.prune(first, keptEntries(this.#head, this.#findings), this.#head)
    this.#notes.push(`entries below ${minimum} were pruned by policy, which the log has signed`)
  }

  async #checkHead(origin: string, sealed: number, index: IndexCheck | undefined): Promise<FsckReport> {
    const text = this.#options.keyFolder === undefined ? undefined : signedHeadText(this.#options.keyFolder)
    // A view that lasts over the turns of other work; nothing is written. What is signed meanwhile is not missed in it:
    // the signed head was read before, the keys are read after.
    this.#head.exec('BEGIN')
    const report = await this.#checkRest(origin, sealed, text, index)
    this.#findings.quietly(() => this.#head.exec('COMMIT'))
    await this.#pass.attachments.checkContents(this.#head, this.#findings, this.#pause)
    return {
      ...report,
      good: this.#findings.total === 0,
      findings: this.#findings.listed,
      findingsTotal: this.#findings.total,
    }
  }

  /** Checks the segments there are now; the index up to which they reach. */
  async #checkSealed(origin: string): Promise<number> {
    const register = this.#surviving(() => registerRows(this.#head)) ?? []
    const parts: StoreParts = { ...this.#store, register }
    for (const { size } of this.#surviving(() => checkpointRows(this.#head)) ?? []) this.#sizes.add(size)
    await checkSegments(parts, register, origin, this.#pause)
    const end = register.at(-1)?.last ?? 0
    const total = this.#surviving(() => sizeOf(this.#head, register)) ?? end
    for (const entry of foundEntries(parts, { from: this.#store.first, size: end, where: 'segments' })) {
      this.#pass.add(entry)
      if ((entry.index + 1) % progressStep !== 0) continue
      this.#options.progress?.(entry.index + 1, total)
      await this.#pause()
    }
    await this.#checkSegmentSearch(parts)
    return end
  }

  async #checkSegmentSearch(parts: StoreParts): Promise<void> {
    const { searchEntries = Number.POSITIVE_INFINITY } = this.#options
    let older = 0
    for (const segment of drawnSegments(
      parts.register.filter(({ last }) => last > parts.first),
      searchEntries,
    )) {
      if ((await checkSegmentSearch(parts, segment, this.#pause)) === 'older') older += 1
    }
    if (older > 0) this.#notes.push(`the search tables of ${older} segments of an older format were not compared`)
  }

  #openIndex(): IndexCheck {
    return new IndexCheck(this.#store.disk, this.#store.folder, this.#findings)
  }

  /** Checks what is not sealed, or was sealed meanwhile, and then the tree as a whole. */
  async #checkRest(
    origin: string,
    sealed: number,
    signedText: string | undefined,
    index: IndexCheck | undefined,
  ): Promise<FsckReport> {
    const [head, findings] = [this.#head, this.#findings]
    const register = this.#surviving(() => registerRows(head)) ?? []
    const newer = register.filter(({ first }) => first >= sealed)
    const size = this.#surviving(() => sizeOf(head, register)) ?? register.at(-1)?.last ?? 0
    const { keys, notes: keyNotes } = this.#keys()
    const notes = [...this.#notes, ...keyNotes]
    const signed =
      this.#options.keyFolder === undefined
        ? undefined
        : signedHeadOf(this.#options.keyFolder, signedText, keys, findings)
    if (signed === undefined) notes.push('there is no highest signed head to compare with')
    const stored = this.#surviving(() => storedCheckpoints(head, origin, keys, findings)) ?? []
    const checkpoints = signed === undefined ? stored : [...stored, signed]
    for (const checkpoint of checkpoints) this.#sizes.add(checkpoint.size)
    await checkSegments({ ...this.#store, register }, newer, origin, setImmediate)
    const rest = { from: sealed, size, where: 'everywhere' } as const
    for (const entry of foundEntries({ ...this.#store, register: newer }, rest)) {
      this.#pass.add(entry)
      if ((entry.index + 1) % progressStep !== 0) continue
      this.#options.progress?.(entry.index + 1, size)
      await setImmediate()
    }
    this.#options.progress?.(size, size)
    const right = await this.#checkTree({ ...this.#store, register }, checkpoints, keys, size)
    const areEntriesRight = this.#pass.leaves.isClean && right !== 'neither'
    if (areEntriesRight) this.#surviving(() => this.#pass.producers.report(head))
    this.#surviving(() => this.#pass.attachments.report(head, findings, areEntriesRight))
    if (this.#options.keyFolder !== undefined && this.#options.verifierKey === undefined) {
      checkKeyFolder(this.#options.keyFolder, keys, findings)
      if (areEntriesRight) this.#pass.announcements.report(keys, findings)
    }
    this.#surviving(() => checkIdentity(head, keys, findings))
    const sealedNow = register.at(-1)?.last ?? 0
    if (index !== undefined && areEntriesRight && !(await index.check(head, sealedNow, size, setImmediate))) {
      notes.push('there is no index of the newest entries: it is made anew by the writer')
    }
    const root = this.#pass.leaves.unread === 0 ? this.#pass.leaves.computed.roots.get(size) : undefined
    if (!areEntriesRight) notes.push('producers’ numbers were not compared, because entries are damaged')
    const strays = straySegments({ ...this.#store, register })
    notes.push(...strays.map((name) => `segments/${name} belongs to no log: a crash left it`))
    return {
      good: false,
      origin,
      size,
      covered: stored.at(-1)?.size ?? 0,
      ...(root === undefined ? {} : { root: toBase64(root) }),
      segments: register.length,
      checkpoints: stored.length,
      findings: [],
      findingsTotal: 0,
      notes,
    }
  }

  /** Which tree is the signed one, what differs from it, and whether tiles and checkpoints are its. */
  async #checkTree(
    parts: StoreParts,
    checkpoints: readonly FoundCheckpoint[],
    keys: readonly LogKey[],
    size: number,
  ): Promise<'stored' | 'computed' | 'neither'> {
    const { leaves } = this.#pass
    leaves.end()
    const highest = checkpoints.filter((signed) => signed.size <= size).toSorted((a, b) => b.size - a.size)[0]
    const right = leaves.rightTree(highest)
    if (right === 'neither' && highest !== undefined) await diagnose(parts, highest.note, keys, size)
    leaves.report(this.#findings, right, highest?.size ?? 0)
    const tree = right === 'computed' ? leaves.computed : leaves.stored
    checkRoots(checkpoints, tree, size, this.#findings)
    this.#surviving(() => checkTiles(this.#head, tree.tileRoots, size, this.#findings))
    return right
  }

  #keys(): { readonly keys: readonly LogKey[]; readonly notes: string[] } {
    const trusted = trustedKeys(this.#options, this.#findings)
    if (trusted !== undefined) return { keys: trusted, notes: [] }
    const { key } = identityOf(this.#head, this.#options, this.#findings)
    const notes = ['no verifier key was given: checkpoints were verified with the store’s own']
    return { keys: [{ vkey: key, from: { size: 0, time: 0 } }], notes }
  }

  readonly #pause = async (): Promise<void> => {
    await (this.#options.pause?.() ?? setImmediate())
  }

  #surviving<Result>(work: () => Result): Result | undefined {
    return this.#findings.surviving(headFile, work)
  }
}

/** What the store says it is; where it cannot say it any more, what the trusted key is the key of. */
function identityOf(head: Database, options: FsckOptions, findings: Findings): LogIdentity {
  const trusted = trustedKeys(options, new Findings())?.at(-1)?.vkey
  if (trusted === undefined) return readIdentity(head)
  const said = findings.surviving(headFile, () => readIdentity(head))
  return said ?? { origin: parseVerifierKey(trusted).name, key: trusted }
}

/** The log's end as the rows say: what should be there beyond it is found by tiles and signed sizes. */
function sizeOf(head: Database, register: readonly RegisteredSegment[]): number {
  const end = head.prepare<{ end: number | null }>('SELECT max(first + count) AS end FROM entries').get()?.end ?? 0
  return register.reduce((size, { last }) => Math.max(size, last), end)
}

/** Undefined when none is given. A register of keys that is damaged is said, and the current key is what is left. */
function trustedKeys({ verifierKey, keyFolder }: FsckOptions, findings: Findings): readonly LogKey[] | undefined {
  const only = (vkey: string): readonly LogKey[] => [{ vkey, from: { size: 0, time: 0 } }]
  if (verifierKey !== undefined) return only(verifierKey.trimEnd())
  if (keyFolder === undefined) return undefined
  try {
    return readKeys(keyFolder)
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    if (error.code === 'MISSING') return undefined
    findings.add({ kind: 'bad-key', message: error.message, ...(error.file === undefined ? {} : { file: error.file }) })
    return undefined
  }
}
