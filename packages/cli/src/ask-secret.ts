/** Asks for a secret at a terminal, which does not show what is typed. */
import type { ReadStream } from 'node:tty'
import { CliError } from './cli-error.ts'

/** The longest one taken, in characters. */
const charsMax = 4_096

/** What of a terminal's input it needs. */
export type SecretInput = Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>

/**
 * Asks until a line ends.
 *
 * @throws CliError `INTERRUPTED` on Ctrl-C
 */
export function askSecret(question: string, input: SecretInput, write: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (finish: () => void): void => {
      input.off('data', take)
      input.setRawMode(false)
      input.pause()
      write('\n')
      finish()
    }
    const take = (piece: Buffer | string): void => {
      for (const character of piece.toString()) {
        if (character === '\r' || character === '\n' || character === '\u0004') return end(() => resolve(typed))
        if (character === '\u0003') return end(() => reject(new CliError('INTERRUPTED', 'interrupted')))
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1)
        else if (typed.length < charsMax) typed += character
      }
    }
    input.setRawMode(true)
    input.on('data', take)
    input.resume()
    // Only now: what is typed at the sight of it is not shown.
    write(question)
  })
}
