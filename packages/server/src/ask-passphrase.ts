/** Asks for a passphrase at the terminal the server was started at, which does not show what is typed. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

export interface TerminalOptions {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  /** On Ctrl-C: while it asks, the terminal sends no signal. */
  readonly onInterrupt: () => void
}

/** What the terminal answers when there is nothing more to come: Ctrl-D, or it is gone. */
export class TerminalClosed extends Error {
  constructor() {
    super('The terminal gave no answer.')
    this.name = 'TerminalClosed'
  }
}

/**
 * Asks once; the terminal is left as it was.
 * @throws TerminalClosed
 */
export function askPassphrase(question: string, { input, output, onInterrupt }: TerminalOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    // Reads lines as a terminal does, with all its editing, and shows none of it.
    const nowhere = new Writable({ write: (_piece, _encoding, done) => done() })
    const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
    const end = (finish: () => void): void => {
      lines.removeAllListeners()
      lines.close()
      output.write('\n')
      finish()
    }
    lines.once('line', (line) => end(() => resolve(line)))
    lines.once('close', () => end(() => reject(new TerminalClosed())))
    lines.once('SIGINT', () => end(onInterrupt))
    // Stopped, this process would leave the one that started it running, and the terminal with nobody.
    lines.on('SIGTSTP', () => undefined)
    // Only now: from here on nothing that is typed is shown.
    output.write(question)
  })
}
