/** Frames of the pipe: length-prefixed, binary, many in flight, many per write; nothing is copied that need not be. */
import { FRAME_BYTES_MAX } from './protocol.ts'

export class ProtocolError extends Error {
  /** `OVERSIZE` and `SHORT`: the stream cannot be followed any more. `MALFORMED`: one payload is not as expected. */
  readonly code: 'OVERSIZE' | 'SHORT' | 'MALFORMED'
  constructor(code: ProtocolError['code'], message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.code = code
  }
}

const LENGTH_BYTES = 4
/** Request id and operation or status. */
const HEAD_BYTES = 5

/**
 * Called for each frame. `payload` lies inside the stream's own buffer: it is valid during the call only, and
 * whoever keeps a part of it copies that part.
 */
export type OnFrame = (id: number, code: number, payload: Buffer) => void

/** Cuts a byte stream into frames, however it arrives in pieces. */
export class FrameReader {
  readonly #onFrame: OnFrame
  /** A frame that began in an earlier chunk, and how much of it is here. */
  #partial: Buffer | undefined
  #partialBytes = 0

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /**
   * Takes the next chunk.
   * @throws ProtocolError `OVERSIZE` or `SHORT`: the other side is broken and the stream must be closed.
   */
  push(chunk: Buffer): void {
    let offset = 0
    while (this.#partial !== undefined && offset < chunk.length) offset += this.#fill(chunk, offset)
    while (chunk.length - offset >= LENGTH_BYTES) {
      const end = offset + LENGTH_BYTES + checkedLength(chunk.readUInt32BE(offset))
      if (end > chunk.length) break
      this.#deliver(chunk, offset + LENGTH_BYTES, end)
      offset = end
    }
    if (offset < chunk.length) this.#keep(chunk, offset)
  }

  /** Bytes of an unfinished frame waiting for the rest. */
  get pending(): number {
    return this.#partialBytes
  }

  #deliver(bytes: Buffer, from: number, end: number): void {
    this.#onFrame(bytes.readUInt32BE(from), bytes.readUInt8(from + 4), bytes.subarray(from + HEAD_BYTES, end))
  }

  /** Starts a partial frame; its buffer is exactly as long as the frame once the length is known. */
  #keep(chunk: Buffer, offset: number): void {
    const known = chunk.length - offset >= LENGTH_BYTES
    this.#partial = Buffer.alloc(known ? LENGTH_BYTES + chunk.readUInt32BE(offset) : LENGTH_BYTES)
    this.#partialBytes = chunk.copy(this.#partial, 0, offset)
  }

  /** Adds to the partial frame and delivers it when whole. Returns how many bytes were taken. */
  #fill(chunk: Buffer, offset: number): number {
    const partial = this.#partial as Buffer
    const taken = chunk.copy(partial, this.#partialBytes, offset)
    this.#partialBytes += taken
    if (this.#partialBytes < partial.length) return taken
    if (partial.length === LENGTH_BYTES) {
      this.#partial = Buffer.alloc(LENGTH_BYTES + checkedLength(partial.readUInt32BE(0)))
      partial.copy(this.#partial)
      return taken
    }
    this.#partial = undefined
    this.#partialBytes = 0
    this.#deliver(partial, LENGTH_BYTES, partial.length)
    partial.fill(0)
    return taken
  }
}

function checkedLength(length: number): number {
  if (length > FRAME_BYTES_MAX) throw new ProtocolError('OVERSIZE', 'A frame is larger than allowed.')
  if (length < HEAD_BYTES) throw new ProtocolError('SHORT', 'A frame is too short to have a head.')
  return length
}

const BATCH_BYTES = 64 * 1024
const SPARE_BATCHES_MAX = 8
/** Of batches that grew, those up to here are kept: what all calls of a busy turn need is needed by the next one, too. */
const SPARE_BYTES_MAX = 4 * BATCH_BYTES
/** Longest text in characters that is looked at one by one. */
const SHORT_TEXT = 48

/**
 * Collects frames, each written in place, and gives them away as one piece. Batches are reused, and zeroed first:
 * plaintext passes through them.
 */
export class FrameBatch {
  #bytes: Buffer = Buffer.alloc(BATCH_BYTES)
  #length = 0
  #frame = -1
  readonly #spare: Buffer[] = []

  /** Bytes collected and not yet taken. */
  get length(): number {
    return this.#length
  }

  /** Opens a frame; what is put next is its payload, until `end`. */
  begin(id: number, code: number): void {
    this.#need(LENGTH_BYTES + HEAD_BYTES)
    this.#frame = this.#length
    this.#bytes.writeUInt32BE(id, this.#frame + LENGTH_BYTES)
    this.#bytes[this.#frame + LENGTH_BYTES + 4] = code
    this.#length += LENGTH_BYTES + HEAD_BYTES
  }

  /** @throws ProtocolError `OVERSIZE`, and then the frame is dropped. */
  end(): void {
    const length = this.#length - this.#frame - LENGTH_BYTES
    if (length > FRAME_BYTES_MAX) {
      this.abandon()
      throw new ProtocolError('OVERSIZE', 'A frame is larger than allowed.')
    }
    this.#bytes.writeUInt32BE(length, this.#frame)
    this.#frame = -1
  }

  /** Drops the open frame, if there is one. */
  abandon(): void {
    if (this.#frame < 0) return
    this.#bytes.fill(0, this.#frame, this.#length)
    this.#length = this.#frame
    this.#frame = -1
  }

  u8(value: number): void {
    this.#need(1)
    this.#bytes[this.#length++] = value
  }

  u32(value: number): void {
    this.#need(4)
    this.#length = this.#bytes.writeUInt32BE(value, this.#length)
  }

  /** Bytes whose length both sides know. */
  raw(value: Uint8Array): void {
    this.#need(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** Bytes behind their 32-bit length. */
  bytes(value: Uint8Array): void {
    this.u32(value.length)
    this.raw(value)
  }

  /** Text of at most 255 UTF-8 bytes behind its 8-bit length. */
  text(value: string): void {
    this.#need(256 + 1)
    if (value.length <= SHORT_TEXT && this.#ascii(value)) return
    const written = this.#bytes.write(value, this.#length + 1, 256, 'utf8')
    if (written > 255) throw new ProtocolError('MALFORMED', 'A text is longer than 255 bytes.')
    this.#bytes[this.#length] = written
    this.#length += 1 + written
  }

  /** Short names are ASCII: to write these here costs less than to ask Node for it. Of others nothing is put. */
  #ascii(value: string): boolean {
    const from = this.#length + 1
    let bits = 0
    for (let at = 0; at < value.length; at++) {
      const code = value.charCodeAt(at)
      bits |= code
      this.#bytes[from + at] = code
    }
    if (bits > 0x7f) return false
    this.#bytes[this.#length] = value.length
    this.#length = from + value.length
    return true
  }

  /** A number as a double. */
  double(value: number): void {
    this.#need(8)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  /** Room of `count` bytes inside the frame, to be filled by the caller at once. */
  room(count: number): Buffer {
    this.#need(count)
    const room = this.#bytes.subarray(this.#length, this.#length + count)
    this.#length += count
    return room
  }

  /** All finished frames; `recycle` the piece once nobody reads it any more. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = this.#spare.pop() ?? Buffer.alloc(BATCH_BYTES)
    this.#length = 0
    return taken
  }

  /** Zeroes what `take` gave and keeps its memory for a later batch. */
  recycle(taken: Buffer): void {
    taken.fill(0)
    if (taken.buffer.byteLength <= SPARE_BYTES_MAX && this.#spare.length < SPARE_BATCHES_MAX) {
      this.#spare.push(Buffer.from(taken.buffer))
    }
  }

  #need(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + count))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes.fill(0, 0, this.#length)
    this.#bytes = grown
  }
}

/** Reads a payload field by field, never past its end. Every method throws ProtocolError `MALFORMED`. */
export class Fields {
  readonly bytesAll: Buffer
  /** Where the next field begins. */
  offset = 0

  constructor(payload: Buffer) {
    this.bytesAll = payload
  }

  u8(): number {
    return this.bytesAll.readUInt8(this.#advance(1))
  }

  u32(): number {
    return this.bytesAll.readUInt32BE(this.#advance(4))
  }

  raw(count: number): Buffer {
    const from = this.#advance(count)
    return this.bytesAll.subarray(from, from + count)
  }

  bytes(countMax: number): Buffer {
    const count = this.u32()
    if (count > countMax) throw new ProtocolError('MALFORMED', 'A field is longer than allowed.')
    return this.raw(count)
  }

  text(countMax = 255): string {
    const count = this.u8()
    if (count > countMax) throw new ProtocolError('MALFORMED', 'A text is longer than allowed.')
    const from = this.#advance(count)
    return this.bytesAll.toString('utf8', from, from + count)
  }

  /** A text that mostly is `expected`: then it is this string, and none is made. */
  textLike(expected: string, countMax = 255): string {
    const from = this.offset
    if (this.bytesAll[from] !== expected.length || expected.length > countMax) return this.text(countMax)
    if (from + 1 + expected.length > this.bytesAll.length) return this.text(countMax)
    for (let at = 0; at < expected.length; at++) {
      const byte = this.bytesAll[from + 1 + at]
      if (byte !== expected.charCodeAt(at) || byte > 0x7f) return this.text(countMax)
    }
    this.offset = from + 1 + expected.length
    return expected
  }

  double(): number {
    return this.bytesAll.readDoubleBE(this.#advance(8))
  }

  /** The payload must have been read to its last byte. */
  end(): void {
    if (this.offset !== this.bytesAll.length)
      throw new ProtocolError('MALFORMED', 'A payload is longer than its fields.')
  }

  #advance(count: number): number {
    const from = this.offset
    if (from + count > this.bytesAll.length) throw new ProtocolError('MALFORMED', 'A payload ends before its fields.')
    this.offset = from + count
    return from
  }
}
