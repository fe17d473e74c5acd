/** Messages cut out of a stream, and streams that are given up at their first bytes. */
import { describe, expect, test, vi } from 'vitest'
import { encode } from './encode.ts'
import { Framer } from './framer.ts'
import { bytes, structure } from './item.ts'
import { tags } from './tags.ts'

const megabyte = () => 1024 * 1024
const message = (length: number, fill = 1): Buffer =>
  encode(structure(tags.RequestMessage, [bytes(tags.RequestPayload, Buffer.alloc(length, fill))]))
const header = (written: string): Buffer => Buffer.from(written.replaceAll(' ', ''), 'hex')

test('a message is given once its last byte has come', () => {
  const framer = new Framer(megabyte)
  const whole = message(100)
  framer.push(whole.subarray(0, 5))
  expect(framer.next()).toBeUndefined()
  framer.push(whole.subarray(5, -1))
  expect(framer.next()).toBeUndefined()
  expect(framer.pending).toBe(whole.length - 1)
  framer.push(whole.subarray(-1))
  expect(framer.next()).toEqual(whole)
  expect(framer.pending).toBe(0)
  expect(framer.next()).toBeUndefined()
})

test('messages that came together are given one after the other, and what was given stays as it is', () => {
  const framer = new Framer(megabyte)
  const all = [message(10, 1), message(3_000, 2), message(0, 3)]
  const stream = Buffer.concat([...all, message(50, 4).subarray(0, 30)])
  framer.push(stream)
  const given = [framer.next(), framer.next(), framer.next()]
  expect(framer.next()).toBeUndefined()
  expect(framer.pending).toBe(30)
  framer.push(message(50, 4).subarray(30))
  framer.push(message(9_000, 5))
  stream.fill(0xff)
  expect(framer.next()).toEqual(message(50, 4))
  expect(framer.next()).toEqual(message(9_000, 5))
  expect(given).toEqual(all)
})

test('the length of each message is asked for when its header has come', () => {
  let limit = 200
  const framer = new Framer(() => limit)
  framer.push(message(100).subarray(0, 8))
  limit = 0
  framer.push(message(100).subarray(8))
  expect(framer.next()).toEqual(message(100))
  expect(() => framer.push(message(100))).toThrow(expect.objectContaining({ reason: 'InvalidMessage' }))
})

describe('a stream is given up', () => {
  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n')],
    ['one byte of TLS', Buffer.from([0x16])],
    ['an SMB probe', header('00000045 ff534d42')],
  ])('as no KMIP at the first byte of %s', (_, start) => {
    const framer = new Framer(megabyte)
    expect(() => framer.push(start)).toThrow(expect.objectContaining({ notKmip: true }))
    expect(framer.pending).toBe(0)
  })

  test.each([
    ['a response message', '42007b 01 00000008'],
    ['another tag', '420079 01 00000008'],
    ['another type', '420078 08 00000008'],
    ['a length that is not a multiple of eight', '420078 01 00000009'],
    ['a length over the limit by eight', '420078 01 00100000'],
    ['the largest length', '420078 01 fffffff8'],
  ])('as an invalid message at %s, of which nothing is kept', (_, written) => {
    const framer = new Framer(megabyte)
    const error = expect.objectContaining({ reason: 'InvalidMessage', notKmip: false })
    expect(() => framer.push(Buffer.concat([header(written), Buffer.alloc(60_000)]))).toThrow(error)
    expect(framer.pending).toBe(0)
    expect(() => framer.push(message(1))).toThrow(error)
    expect(() => framer.next()).toThrow(error)
  })

  test('only when the messages before the bad bytes were given', () => {
    const framer = new Framer(megabyte)
    framer.push(Buffer.concat([message(10), Buffer.from('GET /')]))
    expect(framer.next()).toEqual(message(10))
    expect(() => framer.next()).toThrow(expect.objectContaining({ notKmip: true }))
  })
})

test('the longest message that may be is given', () => {
  const longest = message(1024 * 1024 - 16)
  expect(longest).toHaveLength(1024 * 1024)
  const framer = new Framer(megabyte)
  framer.push(longest)
  expect(framer.next()).toEqual(longest)
})

test('a header that promises a megabyte takes no megabyte', () => {
  const framer = new Framer(megabyte)
  framer.push(header('420078 01 000ffff8'))
  const whole = message(1024 * 1024 - 16)
  for (let at = 8; at < 1_000; at += 1) framer.push(whole.subarray(at, at + 1))
  expect(framer.pending).toBe(1_000)
  framer.push(whole.subarray(1_000))
  const given = framer.next() as Buffer
  expect(given).toEqual(whole)
  // Doubled at most: what a client sends byte by byte may take twice its size, never more.
  expect(given.buffer.byteLength).toBeLessThanOrEqual(2 * whole.length)
})

test('a message that comes byte after byte is copied twice at most, and no copy of it is left', () => {
  const whole = message(40_000)
  const framer = new Framer(megabyte)
  const allocation = vi.spyOn(Buffer, 'alloc')
  for (const byte of whole) framer.push(Uint8Array.of(byte))
  const buffers = allocation.mock.results.map(({ value }) => value as Buffer)
  allocation.mockRestore()
  expect(framer.next()).toEqual(whole)
  expect(buffers.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(4 * whole.length)
  for (const old of buffers.slice(0, -1)) expect(old.every((byte) => byte === 0)).toBe(true)
})
