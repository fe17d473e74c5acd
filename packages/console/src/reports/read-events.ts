/** Reads the lines of an export into what reports look at, as they come; no more of them than a browser holds. */
import { reportEventOfLine, type ReportEvent } from '@keywitness/cadf'

export interface ReadEvents {
  readonly events: readonly ReportEvent[]
  /** Whether there were more than are read. */
  readonly isCut: boolean
}

/** A browser holds them, and nobody reads a longer table. */
const eventsMax = 100_000

/** How many lines are read between two words about it. */
const toldEach = 500

export interface ReadOptions {
  readonly max?: number
  readonly onCount?: (count: number) => void
}

/**
 * @throws TypeError when the stream breaks off
 * @throws SyntaxError when a line is no line of an export
 */
export async function readEvents(body: ReadableStream<Uint8Array>, options: ReadOptions = {}): Promise<ReadEvents> {
  const { max = eventsMax, onCount } = options
  const events: ReportEvent[] = []
  for await (const line of linesOf(body)) {
    // Leaving the loop gives the rest of the stream back: the server is told that nobody wants it.
    if (events.length === max) return { events, isCut: true }
    events.push(reportEventOfLine(line))
    if (events.length % toldEach === 0) onCount?.(events.length)
  }
  return { events, isCut: false }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (rest + part.value).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') throw new SyntaxError('the export ends within a line')
  } finally {
    await reader.cancel().catch(() => {
      // It ended before.
    })
  }
}
