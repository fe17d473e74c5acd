/** Frames survive any fragmentation, and nothing malformed is ever followed. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fields, FrameBatch, FrameReader, ProtocolError } from './frames.ts'
import { FRAME_BYTES_MAX } from './protocol.ts'

interface Frame {
  readonly id: number
  readonly code: number
  readonly payload: Uint8Array
}

const frame = fc.record({
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  code: fc.integer({ min: 0, max: 255 }),
  payload: fc.uint8Array({ maxLength: 300 }),
})

function encoded(frames: readonly Frame[]): Buffer {
  const batch = new FrameBatch()
  for (const { id, code, payload } of frames) {
    batch.begin(id, code)
    batch.raw(payload)
    batch.end()
  }
  return Buffer.from(batch.take())
}

function collecting(): { reader: FrameReader; frames: Frame[] } {
  const frames: Frame[] = []
  const reader = new FrameReader((id, code, payload) => frames.push({ id, code, payload: new Uint8Array(payload) }))
  return { reader, frames }
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : 'another error'
  }
  return 'no error'
}

test('what a batch wrote a reader reads, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
      const bytes = encoded(sent)
      const { reader, frames } = collecting()
      let offset = 0
      for (const cut of cuts) {
        reader.push(Buffer.from(bytes.subarray(offset, offset + cut)))
        offset = Math.min(bytes.length, offset + cut)
      }
      reader.push(Buffer.from(bytes.subarray(offset)))
      expect(frames).toEqual(sent.map(({ id, code, payload }) => ({ id, code, payload: new Uint8Array(payload) })))
      expect(reader.pending).toBe(0)
    }),
  )
})

test('one byte at a time is enough', () => {
  const sent = [
    { id: 1, code: 2, payload: new Uint8Array([3]) },
    { id: 4, code: 5, payload: new Uint8Array() },
  ]
  const { reader, frames } = collecting()
  for (const byte of encoded(sent)) reader.push(Buffer.from([byte]))
  expect(frames).toEqual(sent)
})

test('random bytes end in frames or in a typed error, never in another one', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      const { reader } = collecting()
      const code = codeOf(() => {
        for (const chunk of chunks) reader.push(Buffer.from(chunk))
      })
      expect(['no error', 'OVERSIZE', 'SHORT']).toContain(code)
    }),
  )
})

test('an announced length above the limit is refused before any memory is taken for it', () => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(FRAME_BYTES_MAX + 1)
  expect(codeOf(() => collecting().reader.push(head))).toBe('OVERSIZE')
  const { reader } = collecting()
  reader.push(head.subarray(0, 3))
  expect(codeOf(() => reader.push(head.subarray(3)))).toBe('OVERSIZE')
})

test('a frame without a whole head is refused', () => {
  expect(codeOf(() => collecting().reader.push(Buffer.from([0, 0, 0, 4, 0, 0, 0, 1])))).toBe('SHORT')
})

test('a frame of exactly the largest size passes, one byte more does not', () => {
  const batch = new FrameBatch()
  batch.begin(1, 1)
  batch.room(FRAME_BYTES_MAX - 5)
  batch.end()
  const { reader, frames } = collecting()
  reader.push(Buffer.from(batch.take()))
  expect(frames[0]?.payload.length).toBe(FRAME_BYTES_MAX - 5)
  batch.begin(2, 1)
  batch.room(FRAME_BYTES_MAX - 4)
  expect(codeOf(() => batch.end())).toBe('OVERSIZE')
  expect(batch.length).toBe(0)
})

test('an abandoned frame leaves the finished ones before it', () => {
  const batch = new FrameBatch()
  batch.begin(1, 1)
  batch.u8(9)
  batch.end()
  batch.begin(2, 2)
  batch.bytes(Buffer.alloc(50, 1))
  batch.abandon()
  batch.begin(3, 3)
  batch.end()
  const { reader, frames } = collecting()
  reader.push(Buffer.from(batch.take()))
  expect(frames.map(({ id }) => id)).toEqual([1, 3])
})

test.each([6, 100_000, 1_000_000])(
  'a recycled piece of %d bytes is zeroed, and its memory used again unless it is large',
  (bytes) => {
    const batch = new FrameBatch()
    batch.begin(1, 1)
    batch.raw(Buffer.alloc(bytes, 'secret'))
    batch.end()
    const piece = batch.take()
    batch.recycle(piece)
    expect(piece.every((byte) => byte === 0)).toBe(true)
    batch.take()
    batch.begin(2, 1)
    batch.end()
    expect(batch.take().buffer === piece.buffer).toBe(bytes < 1_000_000)
  },
)

test('fields are read back as they were put', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.uint8Array(), fc.nat(255), fc.nat(), (text, bytes, small, large) => {
      const wellFormed = text.toWellFormed()
      const batch = new FrameBatch()
      batch.text(wellFormed)
      batch.bytes(bytes)
      batch.u8(small)
      batch.u32(large)
      const fields = new Fields(Buffer.from(batch.take()))
      expect([fields.text(), new Uint8Array(fields.bytes(1000)), fields.u8(), fields.u32()]).toEqual([
        wellFormed,
        new Uint8Array(bytes),
        small,
        large,
      ])
      fields.end()
    }),
  )
})

test('a text is read alike, whatever it was expected to be', () => {
  const any = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('same'))
  fc.assert(
    fc.property(any, any, fc.nat(30), (put, expected, countMax) => {
      const batch = new FrameBatch()
      batch.text(put.toWellFormed())
      batch.u8(7)
      const payload = Buffer.from(batch.take())
      const read = (text: (fields: Fields) => string) => {
        const fields = new Fields(payload)
        let result = ''
        const code = codeOf(() => (result = text(fields)))
        return [code, result, fields.offset]
      }
      for (const like of [expected, put]) {
        expect(read((fields) => fields.textLike(like, countMax))).toEqual(read((fields) => fields.text(countMax)))
      }
    }),
  )
  const lone = Buffer.from([1, 0xe9])
  expect(new Fields(lone).textLike('\u00e9')).toBe('\ufffd')
  expect(codeOf(() => new Fields(Buffer.from([4, 115, 97])).textLike('same'))).toBe('MALFORMED')
  expect(codeOf(() => new Fields(Buffer.alloc(0)).textLike(''))).toBe('MALFORMED')
})

test('no field reaches past the end, and no byte may be left over', () => {
  const fields = new Fields(Buffer.from([0, 0, 0, 9, 1]))
  expect(codeOf(() => fields.bytes(100))).toBe('MALFORMED')
  expect(codeOf(() => new Fields(Buffer.from([0, 0, 1, 0])).bytes(255))).toBe('MALFORMED')
  expect(codeOf(() => new Fields(Buffer.alloc(3)).u32())).toBe('MALFORMED')
  expect(codeOf(() => new Fields(Buffer.from([1, 65])).text(0))).toBe('MALFORMED')
  expect(codeOf(() => new Fields(Buffer.alloc(1)).end())).toBe('MALFORMED')
})

test('a text of more than 255 bytes cannot be put', () => {
  expect(codeOf(() => new FrameBatch().text('x'.repeat(256)))).toBe('MALFORMED')
})
