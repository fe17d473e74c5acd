/** One page of an export, made where the bytes are: rows in their format, or lines of evidence with the hashes between. */
import { attachedLists, csvRow, jsonLine, type LogPlace, looseEntry, strictCadfLine } from '@keywitness/cadf'
import { evidenceEntry, evidenceLineHash, evidenceProof, leafHash } from '@keywitness/tlog'
import { sha256Of, type StoredEntry, TrackerError, type TrackerReader } from '@keywitness/tracker'
import { limits } from '../../limits.ts'
import type { ExportAsk, ExportPage } from '../messages.ts'

interface Signal {
  readonly cancelled: boolean
}

/**
 * The rows behind `ask.after`, ascending, as many as a page may have. It looks at a bounded part of the log: a page may
 * be empty and not the last.
 *
 * @throws TrackerError BAD_INPUT, CANCELLED, CORRUPT
 */
export function exportPage(reader: TrackerReader, ask: ExportAsk, signal: Signal): ExportPage {
  const { filter, after, end } = ask
  const look = { ...filter, limit: limits.exportPageEvents, signal, until: performance.now() + limits.searchTurnMs }
  const found = after + 1 < end ? reader.since(after, look) : { events: [], scannedTo: end - 1 }
  const page = ask.format === 'evidence' ? new EvidencePage(reader, ask) : new RowsPage(reader.origin, ask)
  let scannedTo = Math.min(found.scannedTo, end - 1)
  for (const stored of found.events) {
    if (stored.index >= end) break
    if (signal.cancelled) throw new TrackerError('CANCELLED', 'the export was withdrawn')
    page.add(stored)
    if (!page.isFull) continue
    scannedTo = stored.index
    break
  }
  return page.finish(scannedTo, scannedTo + 1 >= end)
}

/** Bytes piled up for one answer. */
class Pile {
  readonly #parts: Uint8Array[] = []
  #bytes = 0

  add(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part)
      this.#bytes += part.length
    }
  }

  get isFull(): boolean {
    return this.#bytes >= limits.exportPageBytes
  }

  whole(): Uint8Array {
    const whole = new Uint8Array(this.#bytes)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

const encoder = new TextEncoder()
const newline = encoder.encode('\n')

/** Rows of events: each with its index and leaf hash. */
class RowsPage {
  readonly #origin: string
  readonly #format: ExportAsk['format']
  readonly #pile = new Pile()
  #rows = 0
  #last: number | undefined

  constructor(origin: string, { format }: ExportAsk) {
    this.#origin = origin
    this.#format = format
  }

  get isFull(): boolean {
    return this.#pile.isFull
  }

  add({ index, bytes }: StoredEntry): void {
    const leaf = Buffer.from(leafHash(bytes, sha256Of)).toString('base64')
    this.#pile.add(...this.#row(bytes, { index, leafHash: leaf, origin: this.#origin }))
    this.#rows += 1
    this.#last = index
  }

  finish(scannedTo: number, isLast: boolean): ExportPage {
    return { bytes: this.#pile.whole(), rows: this.#rows, lastIndex: this.#last, scannedTo, isLast }
  }

  #row(bytes: Uint8Array, place: LogPlace): Uint8Array[] {
    if (this.#format === 'jsonl') return [jsonLine(bytes, place), newline]
    const entry = looseEntry(bytes)
    // RFC 4180 ends its lines so.
    if (this.#format === 'csv') return [encoder.encode(`${csvRow(entry, place)}\r\n`)]
    return [encoder.encode(`${strictCadfLine(entry, place)}\n`)]
  }
}

/** Lines of evidence: entries, and before each the hashes of what lies between it and the one before. */
class EvidencePage {
  readonly #reader: TrackerReader
  readonly #end: number
  readonly #size: number
  readonly #pile = new Pile()
  readonly #lineHashes = new Pile()
  #proved: number
  #rows = 0
  #last: number | undefined
  #attached: readonly string[] = []

  constructor(reader: TrackerReader, { proved, end, size }: ExportAsk) {
    this.#reader = reader
    this.#proved = proved
    this.#end = end
    this.#size = size
  }

  /** What an entry names follows it, and is not at hand here. */
  get isFull(): boolean {
    return this.#attached.length > 0 || this.#pile.isFull
  }

  add({ index, bytes }: StoredEntry): void {
    this.#bridge(index)
    this.#line(evidenceEntry(index, bytes, leafHash(bytes, sha256Of)))
    this.#proved = index + 1
    this.#rows += 1
    this.#last = index
    this.#attached = [...new Set(attachedLists(looseEntry(bytes)['event']).map(({ sha256 }) => sha256))]
  }

  finish(scannedTo: number, isAtEnd: boolean): ExportPage {
    const isLast = isAtEnd && this.#attached.length === 0
    if (isLast) this.#bridge(this.#size)
    const evidence = { proved: this.#proved, lineHashes: this.#lineHashes.whole(), attached: this.#attached }
    return { bytes: this.#pile.whole(), rows: this.#rows, lastIndex: this.#last, scannedTo, isLast, evidence }
  }

  #bridge(to: number): void {
    const hashes = this.#reader.subtrees(this.#proved, to)
    if (hashes === undefined) throw new TrackerError('BAD_INPUT', `${this.#end} is beyond what a checkpoint covers`)
    if (hashes.length > 0) this.#line(evidenceProof(hashes))
    this.#proved = to
  }

  #line(line: Uint8Array): void {
    this.#pile.add(line, newline)
    this.#lineHashes.add(evidenceLineHash(line, sha256Of))
  }
}
