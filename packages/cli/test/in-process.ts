/** Runs the command inside the test's process: its output kept, its clock and home the test's own. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../src/run.ts'
import type { Surroundings } from '../src/surroundings.ts'
import { type LogServer, apiKey } from './log-server.ts'

interface Ran {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface Terminal {
  /** Runs one command line; words are divided at spaces, or given one by one. */
  keywitness(words: string | readonly string[]): Promise<Ran>
  /** A folder of this terminal's own: working files, and `home` inside. */
  readonly folder: string
  readonly environment: Record<string, string | undefined>
  /** Called with every pause the command makes, in milliseconds, instead of pausing. */
  onWait: (ms: number) => void
  /** Seen by the commands as a terminal of this width; undefined for a pipe. */
  columns: number | undefined
  /** What a person types when asked, each time or one after the other; undefined where nobody can be asked. */
  typed: string | readonly string[] | undefined
  /** What a person answers to each question, seen or not, instead. */
  onQuestion: ((question: string) => string) | undefined
}

export function terminalAt(server: LogServer | undefined): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-cli-'))
  let now = Date.UTC(2026, 10, 25, 20)
  const terminal: Terminal = {
    folder,
    environment: {
      KEYWITNESS_HOME: join(folder, 'home'),
      KEYWITNESS_DATA: join(folder, 'data'),
      ...(server === undefined ? {} : { KEYWITNESS_URL: `http://${server.address}`, KEYWITNESS_API_KEY: apiKey }),
    },
    onWait: () => undefined,
    columns: undefined,
    typed: undefined,
    onQuestion: undefined,
    keywitness: async (words) => {
      let out = ''
      let err = ''
      const isTerminal = terminal.columns !== undefined
      const answers = typeof terminal.typed === 'string' ? undefined : [...(terminal.typed ?? [])]
      const answer = (question: string): Promise<string> => {
        err += question
        if (terminal.onQuestion !== undefined) return Promise.resolve(terminal.onQuestion(question))
        return Promise.resolve(answers === undefined ? String(terminal.typed) : (answers.shift() ?? ''))
      }
      const io: Surroundings = {
        environment: terminal.environment,
        home: folder,
        out: { isTerminal, columns: terminal.columns, write: (text) => void (out += text) },
        err: { isTerminal, columns: terminal.columns, write: (text) => void (err += text) },
        fetch: globalThis.fetch,
        now: () => now,
        wait: async (ms) => {
          now += ms
          terminal.onWait(ms)
          await new Promise(setImmediate)
        },
        signal: new AbortController().signal,
        ...(terminal.typed === undefined && terminal.onQuestion === undefined
          ? {}
          : { ask: answer, confirm: async (question) => (await answer(question)) === 'yes' }),
        ...(terminal.onQuestion === undefined ? {} : { askText: answer }),
      }
      const exitCode = await run(typeof words === 'string' ? words.split(' ') : words, io)
      return { exitCode, out, err }
    },
  }
  return terminal
}
