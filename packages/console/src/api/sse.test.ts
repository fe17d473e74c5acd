/** Server-sent events, however the network cuts them. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventStreamParser, eventCharsMax, readEvents } from './sse.ts'

test('an event has the type, the joined data and the id that the stream gave', () => {
  const events = new EventStreamParser().push('event: events\nid: 7\ndata: one\ndata: two\n\ndata:three\n\n')
  expect(events).toEqual([
    { type: 'events', data: 'one\ntwo', lastId: '7' },
    { type: 'message', data: 'three', lastId: '7' },
  ])
})

test('comments, unknown fields and events without data give nothing', () => {
  expect(new EventStreamParser().push(': still here\n\nretry: 5\n\nevent: covered\n\n')).toEqual([])
})

test('lines may end in LF, CR or CR LF', () => {
  const text = 'event: a\r\ndata: 1\r\n\r\ndata: 2\r\rdata: 3\n\n'
  expect(new EventStreamParser().push(text).map((event) => event.data)).toEqual(['1', '2', '3'])
})

test('however a stream is cut into pieces, its events are the same', () => {
  const text = 'event: events\r\nid: 41\r\ndata: {"a":1}\r\n\r\n: beat\n\ndata: x\ndata: y\n\n'
  const whole = new EventStreamParser().push(text)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const parser = new EventStreamParser()
      const places = [0, ...cuts.sort((a, b) => a - b), text.length]
      const events = places.slice(1).flatMap((place, i) => parser.push(text.slice(places[i], place)))
      expect(events).toEqual(whole)
    }),
  )
})

test('an event that grows without end is refused', () => {
  const parser = new EventStreamParser()
  const piece = `data: ${'x'.repeat(eventCharsMax / 4)}\n`
  expect(() => {
    for (let i = 0; i < 6; i++) parser.push(piece)
  }).toThrow(RangeError)
})

test('a reader that stops early cancels the stream', async () => {
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\ndata: 2\n\n')),
    cancel: () => {
      isCancelled = true
    },
  })
  for await (const event of readEvents(body)) {
    expect(event.data).toBe('1')
    break
  }
  expect(isCancelled).toBe(true)
})

test('a character cut in two by the network arrives whole', async () => {
  const bytes = new TextEncoder().encode('data: Novák\n\n')
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes.slice(0, 10))
      controller.enqueue(bytes.slice(10))
      controller.close()
    },
  })
  const events = []
  for await (const event of readEvents(body)) events.push(event.data)
  expect(events).toEqual(['Novák'])
})
