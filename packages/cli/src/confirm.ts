/** Asks a person whether something is meant; only yes, spelled out, is yes. */
import { createInterface } from 'node:readline/promises'

/**
 * Asks once.
 * @param signal aborted when the user interrupts
 */
export async function confirm(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<boolean> {
  // Not as a terminal: it shows and edits what is typed itself, and Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false })
  const closed = new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''))
  })
  try {
    const answer = await Promise.race([lines.question(question, { signal }), closed])
    return answer.trim().toLowerCase() === 'yes'
  } finally {
    lines.close()
  }
}
