/** Asks for a line at a terminal that may be seen: a number, a name, a confirmation. */
import type { ReadStream } from 'node:tty'
import { CliError } from './cli-error.ts'

/** The longest one taken, in characters. */
const charsMax = 4_096

/** What of a terminal's input it needs. */
export type TextInput = Pick<ReadStream, 'on' | 'off' | 'resume' | 'pause'>

/**
 * Asks until a line ends; the terminal shows and edits what is typed.
 *
 * @throws CliError `INTERRUPTED` when `signal` is aborted or the input ends before a line does
 */
export function askText(
  question: string,
  input: TextInput,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void): void => {
      input.off('data', take)
      input.off('end', stop)
      signal.removeEventListener('abort', stop)
      input.pause()
      finish()
    }
    const stop = (): void => end(() => reject(new CliError('INTERRUPTED', 'interrupted')))
    const take = (piece: Buffer | string): void => {
      typed = (typed + piece.toString()).slice(0, charsMax)
      const [line = '', ...rest] = typed.split(/\r?\n/)
      if (rest.length > 0 || typed.length === charsMax) end(() => resolve(line.trim()))
    }
    write(question)
    if (signal.aborted) return stop()
    input.on('data', take)
    input.on('end', stop)
    signal.addEventListener('abort', stop)
    input.resume()
  })
}
