/** Entries in a file, so that every contender reads the same bytes and none waits for their making. */
import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type GeneratedEvent, generatedEvents } from './events.ts'
import type { Bench } from './row.ts'

/** Before each entry: its length, 4 bytes, little-endian. */
const lengthBytes = 4
const pieceBytes = 16 * 1024 * 1024

/** Path of a file of the first `count` generated entries; made when it is not there yet. */
export function entryFile({ workshop, say }: Pick<Bench, 'workshop' | 'say'>, count: number): string {
  const path = join(workshop.folder, `entries-${count}`)
  if (existsSync(path)) return path
  say(`making ${count} events`)
  writeEntries(path, generatedEvents(count), count)
  return path
}

/** Writes the next `count` generated entries. */
export function writeEntries(path: string, events: Iterator<GeneratedEvent>, count: number): void {
  const fd = openSync(path, 'w')
  const piece = Buffer.allocUnsafe(pieceBytes)
  let at = 0
  for (let written = 0; written < count; written++) {
    const next = events.next()
    if (next.done === true) break
    const { bytes } = next.value
    if (at + lengthBytes + bytes.length > piece.length) {
      writeSync(fd, piece, 0, at)
      at = 0
    }
    piece.writeUInt32LE(bytes.length, at)
    piece.set(bytes, at + lengthBytes)
    at += lengthBytes + bytes.length
  }
  writeSync(fd, piece, 0, at)
  closeSync(fd)
}

/** Batches of entries of a file, in order, the first `count` of them. */
export function* entryBatches(path: string, batch: number, count = Number.POSITIVE_INFINITY): Generator<Uint8Array[]> {
  let entries: Uint8Array[] = []
  let given = 0
  for (const entry of entriesOf(path)) {
    if (given + entries.length >= count) break
    entries.push(entry)
    if (entries.length < batch) continue
    yield entries
    given += entries.length
    entries = []
  }
  if (entries.length > 0) yield entries
}

function* entriesOf(path: string): Generator<Uint8Array> {
  const fd = openSync(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    for (;;) {
      const piece = Buffer.allocUnsafe(rest.length + pieceBytes)
      piece.set(rest)
      const filled = rest.length + readSync(fd, piece, rest.length, pieceBytes, null)
      if (filled === rest.length) return
      let at = 0
      while (at + lengthBytes <= filled) {
        const end = at + lengthBytes + piece.readUInt32LE(at)
        if (end > filled) break
        yield piece.subarray(at + lengthBytes, end)
        at = end
      }
      rest = piece.subarray(at, filled)
    }
  } finally {
    closeSync(fd)
  }
}
