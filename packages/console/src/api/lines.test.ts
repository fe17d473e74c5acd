/** Lines of an answer, however it is cut on its way. */
import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

function streamOf(text: string, bytesEach: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += bytesEach) controller.enqueue(bytes.slice(at, at + bytesEach))
      controller.close()
    },
  })
}

test.each([1, 2, 3, 100])('lines are whole when the answer comes in pieces of %i bytes', async (bytesEach) => {
  const lines: string[] = []
  for await (const line of linesOf(streamOf('{"a":"ä€"}\n\n{"b":2}\n{"c":3}', bytesEach))) lines.push(line)
  expect(lines).toEqual(['{"a":"ä€"}', '{"b":2}', '{"c":3}'])
})

test('whoever stops reading lines ends the answer', async () => {
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('line\n')),
    cancel: () => {
      isCancelled = true
    },
  })
  for await (const line of linesOf(body)) {
    expect(line).toBe('line')
    break
  }
  expect(isCancelled).toBe(true)
})
