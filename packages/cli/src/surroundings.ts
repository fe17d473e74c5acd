/** Everything a command touches outside itself: terminal, environment, network, clock. Tests bring their own. */
import { homedir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { styleText } from 'node:util'
import { askSecret } from './ask-secret.ts'
import { askText } from './ask-text.ts'
import { confirm } from './confirm.ts'

/** Where text goes. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Width in characters; of a file or pipe, undefined: lines are not cut to it. */
  readonly columns: number | undefined
  /** The stream itself, for a progress bar; only where it is a terminal. */
  readonly stream?: NodeJS.WriteStream
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The user's home folder. */
  readonly home: string
  readonly out: Output
  readonly err: Output
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after a time; rejects when `signal` is aborted. */
  wait(ms: number): Promise<void>
  /** Aborted when the user interrupts, or, with the error as its reason, when nobody reads what is written any more. */
  readonly signal: AbortSignal
  /** Asks a person, without showing what is typed; undefined where there is no terminal to ask at. */
  readonly ask?: (question: string) => Promise<string>
  /** Asks a person whether something is meant; undefined where `ask` is. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** Asks a person for what may be seen: a choice, a confirmation. */
  readonly askText?: (question: string) => Promise<string>
}

export type Style = Parameters<typeof styleText>[0]

/** Styled text where the output is a terminal that wants colour (https://no-color.org), else the text. */
export function paint(io: Surroundings, style: Style, text: string, output: Output = io.out): string {
  const { NO_COLOR, TERM } = io.environment
  const isPlain = !output.isTerminal || (NO_COLOR ?? '') !== '' || TERM === 'dumb'
  return isPlain ? text : styleText(style, text, { validateStream: false })
}

/** The surroundings of a real process. */
export function processSurroundings(): Surroundings {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  process.once('SIGTERM', () => interrupted.abort())
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    interrupted.abort(error)
  })
  const write = (text: string): void => void process.stderr.write(text)
  return {
    environment: process.env,
    home: homedir(),
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    fetch: globalThis.fetch,
    now: () => Date.now(),
    wait: async (ms) => {
      await setTimeout(ms, undefined, { signal: interrupted.signal })
    },
    signal: interrupted.signal,
    ...(isatty(0) && isatty(2)
      ? {
          ask: (question) => askSecret(question, process.stdin, write),
          askText: (question) => askText(question, process.stdin, write, interrupted.signal),
          confirm: (question) => confirm(question, process.stdin, process.stderr, interrupted.signal),
        }
      : {}),
  }
}

function outputOf(stream: NodeJS.WriteStream & { fd: number }): Output {
  const isTerminal = isatty(stream.fd)
  return {
    write: (text) => {
      stream.write(text)
    },
    isTerminal,
    get columns() {
      return isTerminal ? stream.columns : undefined
    },
    ...(isTerminal ? { stream } : {}),
  }
}
