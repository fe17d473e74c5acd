/** Fills the search tables of one stretch of the log. */
import type { Database, Statement } from '../store/disk.ts'
import { frequentLengthMax, idCode, idCodeAt } from './column-code.ts'
import { eventTimeOf } from '../event-time.ts'
import { EntryScan, type Place } from './entry-scan.ts'
import { eventOf, searchFields } from './fields.ts'
import type { SearchTables } from './schema.ts'
import { ValueWriter } from './value-writer.ts'
import { WordFinder } from './words.ts'

export const minuteMs = 60_000

interface MinuteTally {
  readonly minute: number
  readonly severity: string
  readonly outcome: string
  count: number
  readonly first: number
  last: number
}

/** Adds entries in the order of their indexes; `flush` belongs in the same transaction. */
export class TableWriter {
  readonly #insertEvent: Statement<never>
  readonly #insertWords: Statement<never>
  readonly #addMinute: Statement<never>
  readonly #tallies = new Map<string, MinuteTally>()
  readonly #values: ValueWriter
  readonly #scan = new EntryScan()
  readonly #finder = new WordFinder()
  #timeMin: number | undefined
  #timeMax: number | undefined

  constructor(db: Database, tables: SearchTables) {
    this.#insertEvent = db.prepare(`INSERT INTO ${tables.event} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#insertWords = db.prepare(`INSERT INTO ${tables.words} (rowid, word) VALUES (?, ?)`)
    this.#values = new ValueWriter(db, tables)
    this.#addMinute = db.prepare(
      `INSERT INTO ${tables.minute} VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count=count+excluded.count, first=min(first, excluded.first), last=max(last, excluded.last)`,
    )
  }

  /** Earliest and latest event time added so far. */
  get times(): { readonly timeMin: number | undefined; readonly timeMax: number | undefined } {
    return { timeMin: this.#timeMin, timeMax: this.#timeMax }
  }

  add(index: number, bytes: Uint8Array): void {
    if (this.#scan.scan(bytes)) this.#addScanned(index, bytes)
    else this.#addParsed(index, bytes)
  }

  #addScanned(index: number, bytes: Uint8Array): void {
    const scan = this.#scan
    const values = this.#values
    const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const textAt = ({ from, to }: Place): string | undefined =>
      from === to ? undefined : entry.toString('latin1', from, to)
    const idAt = (place: Place): number | null =>
      place.to - place.from > frequentLengthMax ? idCodeAt(bytes, place.from, place.to) : codeOfId(textAt(place))
    const eventTime = textAt(scan.eventTime)
    const time = eventTime === undefined ? undefined : eventTimeOf(eventTime)
    const outcome = textAt(scan.outcome)
    const severity = textAt(scan.severity)
    this.#insertEvent.run(
      index,
      time ?? null,
      idAt(scan.id),
      values.codeAt('action', bytes, scan.action),
      values.codeOf('outcome', outcome),
      values.codeOf('severity', severity),
      values.codeAt('initiator', bytes, scan.initiator),
      values.codeAt('target', bytes, scan.target),
      values.codeAt('instance', bytes, scan.instance),
      idAt(scan.correlationId),
      values.codeAt('keyId', bytes, scan.keyId),
      scan.reasonCode ?? null,
    )
    this.#insertWords.run(index, scan.words.bytes.subarray(0, scan.words.length))
    if (time !== undefined) this.#tally(index, time, severity ?? '', outcome ?? '')
  }

  #addParsed(index: number, bytes: Uint8Array): void {
    const event = eventOf(bytes)
    const fields = searchFields(event)
    this.#insertEvent.run(
      index,
      fields.time ?? null,
      codeOfId(fields.id),
      this.#values.codeOf('action', fields.action),
      this.#values.codeOf('outcome', fields.outcome),
      this.#values.codeOf('severity', fields.severity),
      this.#values.codeOf('initiator', fields.initiator),
      this.#values.codeOf('target', fields.target),
      this.#values.codeOf('instance', fields.instance),
      codeOfId(fields.correlationId),
      this.#values.codeOf('keyId', fields.keyId),
      fields.reasonCode ?? null,
    )
    this.#insertWords.run(index, this.#finder.indexed(event))
    if (fields.time !== undefined) this.#tally(index, fields.time, fields.severity ?? '', fields.outcome ?? '')
  }

  /** Writes the roll-ups and the new values of what was added since the last flush. */
  flush(): void {
    this.#values.flush()
    for (const { minute, severity, outcome, count, first, last } of this.#tallies.values()) {
      this.#addMinute.run(minute, severity, outcome, count, first, last)
    }
    this.#tallies.clear()
  }

  #tally(index: number, time: number, severity: string, outcome: string): void {
    this.#timeMin = Math.min(time, this.#timeMin ?? time)
    this.#timeMax = Math.max(time, this.#timeMax ?? time)
    const minute = Math.floor(time / minuteMs) * minuteMs
    const key = `${minute}\0${severity}\0${outcome}`
    const tally = this.#tallies.get(key)
    if (tally === undefined) {
      this.#tallies.set(key, { minute, severity, outcome, count: 1, first: index, last: index })
    } else {
      tally.count += 1
      tally.last = index
    }
  }
}

function codeOfId(text: string | undefined): number | null {
  return text === undefined ? null : idCode(text)
}
