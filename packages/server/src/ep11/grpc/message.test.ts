/** Messages as they come in pieces: put together, and nothing of them left behind. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { framed, MessageReader } from './message.ts'

const prefixBytes = 5
/** None of them zero. */
const content = fc.uint8Array({ min: 1, maxLength: 40 })

test('a message is the same in whatever pieces it comes, and these are overwritten or the message itself', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 }), async (sent, lengths) => {
      const frame = framed(sent)
      const pieces: Buffer[] = []
      for (let at = 0; at < frame.length; at += pieces.at(-1)?.length ?? 0) {
        pieces.push(Buffer.from(frame.subarray(at, at + (lengths[pieces.length] ?? frame.length))))
      }
      const reader = new MessageReader(100)
      for (const piece of pieces) expect(reader.take(piece)).toBeUndefined()
      const message = (await reader.end(undefined)) as Buffer
      expect([...message]).toEqual([...sent])
      message.fill(0)
      expect(
        Buffer.concat(pieces)
          .subarray(prefixBytes)
          .every((byte) => byte === 0),
      ).toBe(true)
    }),
  )
})
