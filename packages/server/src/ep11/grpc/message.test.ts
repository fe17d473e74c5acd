/** The one message of a call, in whatever pieces it comes, and what is none. */
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { framed, type MessageFault, MessageReader } from './message.ts'

const most = 1_000

/** What a reader makes of these pieces; it owns them. */
async function read(pieces: readonly Buffer[], encoding?: string): Promise<Buffer | MessageFault> {
  const reader = new MessageReader(most)
  for (const piece of pieces) {
    const fault = reader.take(piece)
    if (fault !== undefined) return fault
  }
  return reader.end(encoding)
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => Buffer.from(bytes.subarray(places[index], end)))
}

const compressed = (bytes: Buffer, flag = 1): Buffer => {
  const frame = framed(bytes)
  frame[0] = flag
  return frame
}

test('in whatever pieces a message comes, it is whole, and no other copy of it is left', async () => {
  const messages = fc.uint8Array({ maxLength: most }).map((bytes) => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(messages, fc.array(fc.nat(most + 5), { maxLength: 8 }), async (message, at) => {
      const pieces = cut(framed(message), at)
      const whole = await read(pieces)
      expect(whole).toEqual(message)
      if (typeof whole === 'string') return
      whole.fill(0)
      // The prefix says nothing but the length.
      expect(Buffer.concat(pieces).subarray(5)).toEqual(Buffer.alloc(message.length))
    }),
  )
})

test('more than one message, or none, is no message of a call', async () => {
  const one = framed(Buffer.from('one'))
  for (const twice of [[Buffer.concat([one, one])], [Buffer.from(one), Buffer.from(one)], [one, Buffer.from([0])]]) {
    expect(await read(twice)).toBe('number')
  }
  expect(await read([])).toBe('number')
  expect(await read([Buffer.alloc(0)])).toBe('number')
})

test('what ends before its end is cut', async () => {
  const whole = framed(Buffer.from('message'))
  for (let length = 1; length < whole.length; length++) {
    expect(await read([Buffer.from(whole.subarray(0, length))])).toBe('cut')
  }
})

test('a message is as long as may be, and not a byte longer', async () => {
  expect(await read([framed(Buffer.alloc(most, 1))])).toHaveLength(most)
  expect(await read([framed(Buffer.alloc(most + 1, 1))])).toBe('too_long')
  expect(await read([framed(Buffer.alloc(most + 1)).subarray(0, 5)])).toBe('too_long')
})

test('a compressed message is inflated up to the same length, and no further', async () => {
  const fits = Buffer.alloc(most, 'a')
  const bomb = Buffer.alloc(most + 1, 'a')
  expect(await read([compressed(gzipSync(fits))], 'gzip')).toEqual(fits)
  expect(await read([compressed(deflateSync(fits))], 'deflate')).toEqual(fits)
  expect(await read([compressed(gzipSync(bomb))], 'gzip')).toBe('too_long')
  expect(await read([compressed(deflateSync(bomb))], 'deflate')).toBe('too_long')
})

test('what cannot be inflated is cut, and what is not known is told so', async () => {
  const message = Buffer.from('message')
  expect(await read([compressed(message)], 'gzip')).toBe('cut')
  expect(await read([compressed(gzipSync(message).subarray(0, 12))], 'gzip')).toBe('cut')
  expect(await read([compressed(message)], 'snappy')).toBe('encoding')
  expect(await read([compressed(message)], 'identity')).toBe('cut')
  expect(await read([compressed(message)])).toBe('cut')
  // What is not compressed may name what it likes.
  expect(await read([framed(message)], 'snappy')).toEqual(message)
})
