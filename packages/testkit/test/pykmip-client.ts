/** The client of PyKMIP as a process that tests drive: Debian's package python3-pykmip, unmodified. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { answersOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'

/** Debian's own interpreter: packages of Debian are not those of another Python on the path. */
export const python = '/usr/bin/python3'
const isThere = spawnSync(python, ['-c', 'import kmip.pie.client']).status === 0
/** Without PyKMIP its tests are skipped, by name; where CI runs them that is a failure. */
export const isPykmipSkipped = !isThere && process.env['CI'] === undefined

/** What a call of PyKMIP came to. */
export interface PykmipAnswer {
  readonly result?: unknown
  /** The server refused: PyKMIP's KmipOperationFailure. */
  readonly failure?: { readonly text: string; readonly reason: string; readonly status: string }
  /** PyKMIP raised something else. */
  readonly error?: { readonly kind: string; readonly text: string }
  /** What it logged meanwhile, from the level of information up. */
  readonly said: readonly string[]
  /** The messages it got, hexadecimal. */
  readonly received: readonly string[]
}

export class Pykmip {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #ended: Promise<never>
  #complaints = ''

  constructor() {
    this.#child = spawn(python, [join(import.meta.dirname, 'pykmip/client.py')], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr?.on('data', (piece: Buffer) => (this.#complaints += piece.toString()))
    this.#lines = createInterface({ input: this.#child.stdout as NonNullable<ChildProcess['stdout']> })
    this.#ended = once(this.#lines, 'close').then((): never => {
      throw new Error(`PyKMIP ended: ${this.#complaints}`)
    })
    // Whoever waits for a line is told.
    this.#ended.catch(() => undefined)
  }

  /** What it wrote to standard error. */
  get complaints(): string {
    return this.#complaints
  }

  /** One call, whatever comes of it. Calls are made one after the other. */
  async told(wanted: { readonly do: string; readonly [name: string]: unknown }): Promise<PykmipAnswer> {
    const line = once(this.#lines, 'line')
    this.#child.stdin?.write(`${JSON.stringify(wanted)}\n`)
    const [text] = (await Promise.race([line, this.#ended])) as [string]
    return JSON.parse(text) as PykmipAnswer
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}

/** Something that was asked of the server, and whether it was done. */
export interface Asked {
  readonly operation: string
  readonly outcome: 'success' | 'failure'
}

/** A connection of it, in one version of the protocol. */
export class PykmipClient {
  /** All that the server answered, in its order. */
  readonly asked: Asked[] = []
  readonly #pykmip: Pykmip
  readonly #name: string

  constructor(pykmip: Pykmip, name: string) {
    this.#pykmip = pykmip
    this.#name = name
  }

  async told(name: string, members: object = {}): Promise<PykmipAnswer> {
    const answer = await this.#pykmip.told({ do: name, client: this.#name, ...members })
    for (const message of answer.received) {
      for (const { operation = '', status } of answersOf(decode(Buffer.from(message, 'hex')))) {
        this.asked.push({ operation, outcome: status === 'Success' ? 'success' : 'failure' })
      }
    }
    return answer
  }

  /** A call that must succeed without a word: its result. */
  async call<Result = unknown>(name: string, members: object = {}): Promise<Result> {
    const { result, failure, error, said } = await this.told(name, members)
    const wrong = failure?.text ?? (error === undefined ? said.join('\n') : `${error.kind}: ${error.text}`)
    if (wrong !== '') throw new Error(`${name}: ${wrong}`)
    return result as Result
  }

  /** A call that the server must refuse: how PyKMIP prints it. */
  async refused(name: string, members: object = {}): Promise<string> {
    const { result, failure, error } = await this.told(name, members)
    if (failure === undefined) throw new Error(`${name} was not refused: ${JSON.stringify(error ?? result)}`)
    return failure.text
  }
}
