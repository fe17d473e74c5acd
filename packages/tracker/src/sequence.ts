/** Sequencing: gives a batch of deliveries its indexes and makes it durable. Here is the log's commit point. */
import { HASH_BYTES, TILE_WIDTH } from '@keywitness/tlog'
import type { Anomaly, Appended, Delivery, Oddities, ProducerPosition } from './api.ts'
import { TrackerError } from './errors.ts'
import { Dating } from './dating.ts'
import { deliveredFacts } from './entry-facts.ts'
import { leafHashInto } from './hash.ts'
import { AttachmentRows } from './head/attachment-rows.ts'
import { entryRows, type NewEntry } from './head/entry-rows.ts'
import { knownLeaves } from './head/known-leaves.ts'
import type { OwnRows } from './head/own-rows.ts'
import { ProducerRows } from './head/producer-rows.ts'
import { ProducerWriter } from './head/producer-writer.ts'
import {
  attachmentBytesMax,
  batchAttachmentBytesMax,
  batchBytesMax,
  batchEntriesMax,
  entryAttachmentsMax,
  entryBytesMax,
} from './limits.ts'
import { type Numbered, Numbering, type NumberingMemory } from './numbering.ts'
import type { Database, Statement } from './store/disk.ts'
import type { FullTile, GrowingTree } from './tree/growing-tree.ts'

export interface Sequenced extends Appended {
  /** The tree with the batch; takes the place of the one before. */
  readonly tree: GrowingTree
}

/** What a batch teaches, while it is gone through. */
interface Learning {
  readonly numbering: Numbering
  readonly dating: Dating
  readonly repeats: Map<string, number>
  readonly forged: Anomaly[]
  /** Whether the tracker itself appends. */
  readonly isOwn: boolean
}

/** Producers whose positions are held in memory. */
const rememberedProducersMax = 10_000

/** Appends batches to the head of one log, whose only writer it is. Not to be used again after a call that failed. */
export class Sequencer implements NumberingMemory {
  readonly #db: Database
  readonly #producers: ProducerRows
  readonly #writer: ProducerWriter
  readonly #own: OwnRows
  /** Positions as committed: asking the store for each batch costs a read transaction. */
  readonly #positions = new Map<string, ProducerPosition | undefined>()
  readonly #insertEntries: Statement<never>
  readonly #insertTile: Statement<never>
  readonly #tileRoots: Statement<{ root: Uint8Array }>
  readonly #attachments: AttachmentRows

  constructor(db: Database, own: OwnRows) {
    this.#db = db
    this.#own = own
    this.#producers = new ProducerRows(db)
    this.#writer = new ProducerWriter(db)
    this.#insertEntries = db.prepare('INSERT INTO entries (first, count, leaves, bundle) VALUES (?, ?, ?, ?)')
    this.#insertTile = db.prepare('INSERT INTO tiles (level, n, root, hashes) VALUES (?, ?, ?, ?)')
    this.#tileRoots = db.prepare('SELECT root FROM tiles WHERE level=? AND n>=? AND n<? ORDER BY n')
    this.#attachments = new AttachmentRows(db)
  }

  /**
   * Appends a batch after `before`, which stays as it is whatever happens. What the tracker appends itself comes with
   * `also`, which writes in the same transaction.
   *
   * @param now the tracker's own clock
   * @throws TrackerError BAD_INPUT; and what the database throws: then the store says whether the batch was kept
   */
  append(before: GrowingTree, batch: readonly Delivery[], now: number, also?: () => void): Sequenced {
    checkBatch(batch)
    const leaves = Buffer.allocUnsafe(batch.length * HASH_BYTES)
    for (const [place, { bytes }] of batch.entries()) leafHashInto(bytes, leaves, place * HASH_BYTES)

    const numbering = new Numbering(this)
    const dating = new Dating(this.#writer, now)
    const repeats = new Map<string, number>()
    const forged: Anomaly[] = []
    const isOwn = also !== undefined
    const learned = { numbering, dating, repeats, forged, isOwn }
    const kept = this.#withoutRepeats(batch, leaves, before.size, learned)
    const first = before.size
    const duplicates = batch.length - kept.length
    if (kept.length === 0) {
      if (duplicates > 0) this.#db.transaction(() => this.#writer.writeRepeats(repeats))
      return { tree: before, first, appended: 0, duplicates }
    }

    const tree = before.fork()
    const tiles: FullTile[] = []
    for (const { leafAt } of kept) tiles.push(...tree.append(leaves, leafAt))
    // THE COMMIT POINT. When this transaction returns, every entry of the batch has its index for ever, and its bytes,
    // leaf hash, the tiles it filled and its producer's last number are on the disk. A crash before that leaves none of
    // it, a crash or a reported failure after the database wrote it leaves all of it; then the same batch comes again
    // and its entries are recognised.
    this.#db.transaction(() => {
      for (const row of entryRows(first, kept, leaves)) {
        this.#insertEntries.run(row.first, row.count, row.leaves, row.bundle)
      }
      for (const tile of tiles) {
        this.#insertTile.run(tile.level, tile.n, tile.root, tile.hashes ?? this.#rootsBelow(tile))
      }
      for (const [place, { attachments = [] }] of kept.entries()) {
        for (const content of attachments) this.#attachments.keep(content, first + place)
      }
      this.#writer.write(learned)
      also?.()
    })
    for (const [producer, position] of numbering.positions) this.#positions.set(producer, position)
    return { tree, first, appended: kept.length, duplicates }
  }

  lastOf(producer: string): ProducerPosition | undefined {
    if (!this.#positions.has(producer)) {
      if (this.#positions.size >= rememberedProducersMax) this.#positions.clear()
      this.#positions.set(producer, this.#producers.lastOf(producer))
    }
    return this.#positions.get(producer)
  }

  oddities(): Oddities {
    return this.#writer.oddities()
  }

  isMissing(producer: string, sequence: number): boolean {
    return this.#producers.isMissing(producer, sequence)
  }

  /** The entries to keep: all but those that the log, or the batch before them, has already. */
  #withoutRepeats(batch: readonly Delivery[], leaves: Buffer, size: number, learned: Learning): NewEntry[] {
    const { numbering, dating, repeats, forged, isOwn } = learned
    const kept: NewEntry[] = []
    const leafOf = (place: number): string => leaves.toString('hex', place * HASH_BYTES, (place + 1) * HASH_BYTES)
    const suspects = new Set<string>()
    const facts = batch.map((delivery) => deliveredFacts(delivery, delivery.bytes))
    for (const [place, { numbered }] of facts.entries()) {
      if (numbering.mayBeRepeat(numbered)) suspects.add(leafOf(place))
    }
    let own: Set<string> | undefined
    const present = suspects.size === 0 ? suspects : knownLeaves(this.#db, suspects)
    for (const [place, delivery] of batch.entries()) {
      const { numbered, time } = facts[place]!
      if (numbering.mayBeRepeat(numbered)) {
        const leaf = leafOf(place)
        own ??= new Set(kept.map(({ leafAt }) => leafOf(leafAt / HASH_BYTES)))
        if (present.has(leaf) || own.has(leaf)) {
          repeats.set(numbered.producer, (repeats.get(numbered.producer) ?? 0) + 1)
          continue
        }
      }
      own?.add(leafOf(place))
      const index = size + kept.length
      numbering.keep(numbered, index, delivery.received)
      // What the tracker tells of times is itself timed: it must not tell of that.
      const bearsOwnName = this.#own.isOwn(numbered.producer)
      if (bearsOwnName && !isOwn) forged.push(forgery(numbered, index, delivery.received))
      if (!bearsOwnName && time !== undefined) dating.keep(numbered, time, index, delivery.received)
      // Hashes of what is kept move together: a row takes them as one piece.
      const leafAt = kept.length * HASH_BYTES
      leaves.copyWithin(leafAt, place * HASH_BYTES, (place + 1) * HASH_BYTES)
      kept.push({ bytes: delivery.bytes, leafAt, attachments: delivery.attachments })
    }
    return kept
  }

  /** Hashes of a tile above level 0: the roots of the tiles below it, the last of which this transaction has written. */
  #rootsBelow({ level, n }: FullTile): Uint8Array {
    const roots = this.#tileRoots.all(level - 1, n * TILE_WIDTH, (n + 1) * TILE_WIDTH)
    if (roots.length !== TILE_WIDTH) {
      const file = this.#db.file
      throw new TrackerError('CORRUPT', `${TILE_WIDTH - roots.length} tiles below ${level}/${n} are missing`, { file })
    }
    return Buffer.concat(roots.map(({ root }) => root))
  }
}

/** An entry that says it is the tracker's own and was delivered: the tracker takes its own from nobody. */
function forgery({ producer, epoch, sequence }: Numbered, index: number, received: number): Anomaly {
  return { kind: 'forged', producer, epoch, first: sequence, last: sequence, index, received }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function checkBatch(batch: readonly Delivery[]): void {
  const refuse = (what: string): never => {
    throw new TrackerError('BAD_INPUT', what)
  }
  if (batch.length > batchEntriesMax) refuse(`a batch of ${batch.length} entries is over ${batchEntriesMax}`)
  let bytesTotal = 0
  let attachedTotal = 0
  let checked = ''
  for (const { producer, epoch, sequence, bytes, received, attachments = [] } of batch) {
    if (producer !== checked && !uuid.test(producer)) refuse('a producer is not a UUID')
    checked = producer
    if (!Number.isSafeInteger(epoch) || epoch < 0) refuse('an epoch is not a whole number from 0 on')
    if (!Number.isSafeInteger(sequence) || sequence < 1) refuse('a sequence is not a whole number from 1 on')
    if (!Number.isSafeInteger(received)) refuse('a time is not whole milliseconds')
    if (bytes.length < 1 || bytes.length > entryBytesMax) refuse(`an entry of ${bytes.length} bytes`)
    bytesTotal += bytes.length
    if (attachments.length > entryAttachmentsMax) refuse(`an entry with ${attachments.length} attachments`)
    for (const { length } of attachments) {
      if (length < 1 || length > attachmentBytesMax) refuse(`an attachment of ${length} bytes`)
      attachedTotal += length
    }
  }
  if (attachedTotal > batchAttachmentBytesMax) {
    refuse(`attachments of ${attachedTotal} bytes are over ${batchAttachmentBytesMax}`)
  }
  if (bytesTotal > batchBytesMax) refuse(`a batch of ${bytesTotal} bytes is over ${batchBytesMax}`)
}
