/** Cuts a stream of bytes into its lines, none longer than allowed, the last one ended like all. */
import { EvidenceError } from './errors.ts'

const NEWLINE = 0x0a

/** Pieces of a file, in order. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * The lines without their ends.
 *
 * @throws EvidenceError `LINE_TOO_LONG`; `TRUNCATED` when something follows the last line end
 */
export async function* byteLines(chunks: Chunks, bytesMax: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let bytes = 0
  let line = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      line += 1
      const piece = chunk.subarray(from, end)
      from = end + 1
      if (bytes + piece.length > bytesMax) throw new EvidenceError('LINE_TOO_LONG', `over ${bytesMax} bytes`, line)
      yield parts.length === 0 ? piece : joined([...parts, piece])
      parts = []
      bytes = 0
    }
    const rest = chunk.subarray(from)
    if (rest.length === 0) continue
    bytes += rest.length
    if (bytes > bytesMax) throw new EvidenceError('LINE_TOO_LONG', `over ${bytesMax} bytes`, line + 1)
    // A copy: whoever gave the chunk may use its memory again.
    parts.push(rest.slice())
  }
  if (bytes > 0) throw new EvidenceError('TRUNCATED', 'the file ends within a line', line + 1)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
