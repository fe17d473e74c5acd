/** The lines of an answer that comes bit by bit. */

/** Characters of one line at most: a report of a large log is well below. */
const lineMax = 50_000_000

/** Gives each line that is not empty, without its end. @throws RangeError when a line is too long */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true })
      const lines = rest.split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      for (const line of lines) if (line !== '') yield line
      if (done) return
      if (rest.length > lineMax) throw new RangeError('a line is too long')
    }
  } finally {
    // Who asks for no more lines wants no more of the answer.
    await reader.cancel().catch(() => undefined)
  }
}
