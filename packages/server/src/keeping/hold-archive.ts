/**
 * The archive of legal holds: evidence files of what they cover, made before it leaves its log.
 *
 * | after | a crash leaves | the next look |
 * |---|---|---|
 * | the draft | a file that nobody reads | writes it anew |
 * | its final name, synced | a file that no row names, and the log as it was | writes it anew, in its place |
 * | the commit of its row and event | the copy; nothing has left yet | goes on from there |
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { canonicalJson } from '@keywitness/cadf'
import type { Logger } from 'pino'
import { syncPath } from '../store/sync-path.ts'
import { systemCaller } from '../system-caller.ts'
import { checkpointOf, signersOf } from '../trail/export/export-routes.ts'
import { Exports } from '../trail/export/export.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { copiedTo, filterOf, type Hold, type HoldCopy, type Holds } from './holds.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

export interface HoldArchiveParts extends Pick<
  TrackerRequestParts,
  'audit' | 'trail' | 'names' | 'clock' | 'serviceName'
> {
  readonly holds: Holds
  readonly log: Logger
  /** The data folder. */
  readonly folder: string
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: ReturnType<typeof copiedTo>) => Promise<void>
}

export class HoldArchive {
  readonly #parts: HoldArchiveParts
  readonly #exports: Exports
  readonly #stopping = new AbortController()

  constructor(parts: HoldArchiveParts) {
    this.#parts = parts
    this.#exports = new Exports(parts.trail, parts.log)
  }

  /** Copies what every open hold of a tracker covers below an index. */
  async copyBelow(row: TrackerRow, below: number): Promise<void> {
    for (const hold of this.#parts.holds.open(row.id)) {
      if (hold.copiedTo < below) await this.#copy(row, hold, below)
    }
  }

  /** Whether there is no open hold whose copies do not reach the index. */
  isCopied(row: TrackerRow, below: number): boolean {
    return this.#parts.holds.open(row.id).every((hold) => hold.copiedTo >= below)
  }

  /** The file of a copy. */
  read({ hold, first, last }: HoldCopy): Readable {
    return createReadStream(this.#fileOf(hold, first, last))
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#exports.stop()
  }

  #fileOf(hold: string, first: number, last: number): string {
    const name = [first, last].map((index) => String(index).padStart(12, '0')).join('-')
    return join(this.#parts.folder, 'holds', hold, `${name}.evidence`)
  }

  async #copy(row: TrackerRow, hold: Hold, below: number): Promise<void> {
    const { audit, carry, clock, names, serviceName } = this.#parts
    const first = Math.max(hold.copiedTo, hold.first)
    const end = Math.min(below, hold.last === null ? below : hold.last + 1)
    const copy = first < end ? await this.#write(row, hold, first, end) : undefined
    if (copy === undefined || copy.events === 0) {
      await carry(copiedTo(hold, below, undefined))
      return
    }
    const crn = names.crn(row)
    const { account, location } = row
    await audit.witness(
      'activity-tracker.hold.copy',
      { caller: systemCaller(account, serviceName), destination: { account, location }, logSourceCRN: crn },
      { id: crn, name: location },
      (seen) => {
        seen.request = { hold: hold.id, firstIndex: first, endIndex: end }
        seen.response = { totalResources: copy.events, fileHash: copy.sha256, checkpointSize: copy.size }
        const changes = copiedTo(hold, below, { ...copy, copiedAt: clock.now() })
        return { result: undefined, code: 200, changes }
      },
    )
  }

  async #write(row: TrackerRow, hold: Hold, first: number, end: number): Promise<HoldCopy> {
    const { trail } = this.#parts
    const file = this.#fileOf(hold.id, first, end)
    const draft = `${file}.part`
    const { size, note } = await checkpointOf(trail, row, undefined)
    const filter = filterOf(hold)
    let events = 0
    let isComplete = false
    const { body, begun } = this.#exports.start({
      place: { account: row.account, location: row.location },
      format: 'evidence',
      filter,
      after: first - 1,
      isResumed: false,
      end,
      size,
      note,
      keys: await signersOf(trail, row, note),
      query: canonicalJson({ hold: hold.id, reason: hold.reason, ...filter, first, last: end - 1 }),
      isAllowed: () => true,
      gone: this.#stopping.signal,
      ended: (how, { rows }) => {
        isComplete = how === 'complete'
        events = rows
        return Promise.resolve()
      },
    })
    begun()
    trail.keep(row, note)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const digest = createHash('sha256')
    const handle = openSync(draft, 'w', 0o600)
    let bytes = 0
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        digest.update(piece)
        for (let at = 0; at < piece.length;) at += writeSync(handle, piece, at)
        bytes += piece.length
      }
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    if (!isComplete) throw new Error(`the copy of hold ${hold.id} is not complete`)
    renameSync(draft, file)
    for (const folder of [dirname(file), dirname(dirname(file)), this.#parts.folder]) syncPath(folder)
    return { hold: hold.id, first, last: end, events, bytes, sha256: digest.digest('hex'), size, copiedAt: 0 }
  }
}
