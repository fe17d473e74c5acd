/** Reading an export: lines over any pieces, no more than are allowed, and nothing that ends within a line. */
import { expect, test } from 'vitest'
import { readEvents } from './read-events.ts'

const leafHash = `${'A'.repeat(43)}=`
const line = (index: number, action: string): string =>
  `{"index":${index},"event":{"action":"${action}","eventTime":"2026-11-25T10:00:00.00+0000","outcome":"success"},"leafHash":"${leafHash}"}\n`
const foreign = `{"index":9,"entry64":"/wA=","leafHash":"${leafHash}"}\n`

const bodyOf = (text: string, pieceBytes: number): ReadableStream<Uint8Array> => {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + pieceBytes))
      at += pieceBytes
    },
  })
}

test.each([1, 7, 10_000])('pieces of %i bytes give the same events', async (pieceBytes) => {
  const text = line(4, 'hs-crypto.secrets.créate') + line(7, 'hs-crypto.secrets.delete') + foreign
  const { events, isCut } = await readEvents(bodyOf(text, pieceBytes))
  expect(isCut).toBe(false)
  expect(events.map(({ index, action }) => [index, action])).toEqual([
    [4, 'hs-crypto.secrets.créate'],
    [7, 'hs-crypto.secrets.delete'],
    [9, ''],
  ])
  expect(events[0]?.time).toBe('2026-11-25T10:00:00.000Z')
})

test('one more than is allowed is told, and not read', async () => {
  const text = line(1, 'a.b') + line(2, 'a.b') + line(3, 'a.b')
  expect(await readEvents(bodyOf(text, 50), { max: 2 })).toMatchObject({
    events: [{ index: 1 }, { index: 2 }],
    isCut: true,
  })
  expect(await readEvents(bodyOf(text, 50), { max: 3 })).toMatchObject({ isCut: false })
})

test('what ends within a line, or is no line of an export, is no report', async () => {
  await expect(readEvents(bodyOf(line(1, 'a.b').slice(0, -3), 50))).rejects.toThrow(SyntaxError)
  await expect(readEvents(bodyOf('hello\n', 50))).rejects.toThrow(SyntaxError)
})
