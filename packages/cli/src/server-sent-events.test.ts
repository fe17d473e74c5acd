/** Server-sent events come out whole however the bytes are cut. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts'

async function read(pieces: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = []
  const stream = (async function* () {
    yield* pieces
  })()
  for await (const event of serverSentEvents(stream)) found.push(event)
  return found
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const stream =
  ': a comment\n\nevent: events\nid: 7\ndata: {"ü":"日本 😀"}\n\nid\ndata:two\r\ndata: lines\r\n\r\n' +
  'event: end\ndata\n\nretry: 5\nunknown: x\n\ndata: never ended'

const expected = [
  { type: 'events', data: '{"ü":"日本 😀"}', id: '7' },
  { type: 'message', data: 'two\nlines', id: '' },
  { type: 'end', data: '', id: '' },
]

test('events, ids and comments are told apart; what has no end is not given', async () => {
  expect(await read([bytes(stream)])).toEqual(expected)
})

test('wherever the stream is cut it gives the same events', async () => {
  const whole = bytes(stream)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (places) => {
      const cuts = [0, ...places.toSorted((a, b) => a - b), whole.length]
      const pieces = cuts.slice(1).map((end, i) => whole.subarray(cuts[i], end))
      expect(await read(pieces)).toEqual(expected)
    }),
  )
})

test('an event beyond the bound ends the reading', async () => {
  const piece = bytes(`data: ${'x'.repeat(16 * 1024 * 1024)}\n`)
  await expect(read(Array.from({ length: 5 }, () => piece))).rejects.toThrow(/too large/)
})
