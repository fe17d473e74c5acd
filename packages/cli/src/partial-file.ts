/** A file that grows by whole lines beside its final name and takes the name when it is whole; a break keeps what is there. */
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'
import { printable } from './printable.ts'

/** What a break leaves beside the lines: enough to go on, as JSON. */
export interface PartialState {
  /** The whole request, by name. */
  readonly query: Readonly<Record<string, unknown>>
  /** The signed note of the checkpoint it stands on. */
  readonly note: string
  readonly now: string
}

const NEWLINE = 0x0a

/** The longest line looked for at the end of a file. */
const lineBytesMax = 16 * 1024 * 1024

export class PartialFile {
  readonly #name: string
  #handle: FileHandle | undefined
  /** What came after the last line end. */
  #rest: Buffer[] = []
  #lastLine: Buffer | undefined
  #bytes = 0
  #isBegun = false

  constructor(name: string) {
    this.#name = name
  }

  get #lines(): string {
    return `${this.#name}.part`
  }

  get #state(): string {
    return `${this.#name}.part.json`
  }

  /** Bytes of whole lines so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** The last whole line, without its end; undefined when there is none. */
  get lastLine(): string | undefined {
    return this.#lastLine?.toString().trimEnd()
  }

  /**
   * Refuses to take what is there, unless told to.
   *
   * @throws CliError `BAD_INPUT`
   */
  async checkFree(): Promise<void> {
    if (await isThere(this.#name)) {
      throw new CliError('BAD_INPUT', `${printable(this.#name)} is there already`, 'pass --force to replace it')
    }
    if (!(await isThere(this.#lines))) return
    const advice = 'go on with it by --resume, or begin anew by --force'
    throw new CliError('BAD_INPUT', `${printable(this.#lines)} is left of an export that was broken off`, advice)
  }

  /** Begins, with nothing; only with a state can it be gone on with. */
  async begin(state?: PartialState): Promise<void> {
    await this.close()
    await this.#guard(async () => {
      if (state !== undefined) await writeFile(this.#state, `${JSON.stringify(state, undefined, 2)}\n`)
      this.#handle = await open(this.#lines, 'w')
    })
    this.#isBegun = true
    this.#rest = []
    this.#lastLine = undefined
    this.#bytes = 0
  }

  /**
   * Goes on with what a break left, cut behind its last line end.
   *
   * @throws CliError `BAD_INPUT` when nothing was left
   */
  async resume(): Promise<PartialState> {
    const text = await readFile(this.#state, 'utf8').catch(() => undefined)
    if (text === undefined || !(await isThere(this.#lines))) {
      throw new CliError('BAD_INPUT', `there is no ${printable(this.#lines)} to go on with`, 'leave out --resume')
    }
    const state = parseState(text, this.#state)
    await this.#guard(async () => {
      this.#handle = await open(this.#lines, 'r+')
      const { end, lastLine } = await wholeLines(this.#handle)
      await this.#handle.truncate(end)
      this.#bytes = end
      this.#lastLine = lastLine
    })
    return state
  }

  /** Writes the whole lines there are; what follows the last line end waits for the rest of its line. */
  async write(chunk: Uint8Array): Promise<void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const end = bytes.lastIndexOf(NEWLINE) + 1
    if (end === 0) {
      this.#rest.push(Buffer.from(bytes))
      return
    }
    const lines = Buffer.concat([...this.#rest, bytes.subarray(0, end)])
    this.#rest = end < bytes.length ? [Buffer.from(bytes.subarray(end))] : []
    await this.#guard(async () => this.#handle?.write(lines, 0, lines.length, this.#bytes))
    this.#bytes += lines.length
    this.#lastLine = Buffer.from(lines.subarray(lines.lastIndexOf(NEWLINE, -2) + 1))
  }

  /** Forgets what came of a line that a break cut. */
  forgetRest(): void {
    this.#rest = []
  }

  /** Whether all that came is whole lines. */
  get isWhole(): boolean {
    return this.#rest.length === 0
  }

  /** The name under which it grows. */
  get growing(): string {
    return this.#lines
  }

  /** Lines there are, read again from the disk. */
  async countLines(): Promise<number> {
    return this.#guard(async () => {
      let count = 0
      for await (const chunk of createReadStream(this.#lines) as AsyncIterable<Buffer>) {
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count += 1
      }
      return count
    })
  }

  /** Makes it durable and gives it its name. */
  async finish(): Promise<void> {
    await this.#guard(async () => {
      await this.#handle?.sync()
      await this.close()
      await rename(this.#lines, this.#name)
      await rm(this.#state, { force: true })
    })
  }

  /** Removes what there is under the name it grows by. */
  async discard(): Promise<void> {
    await this.close()
    await Promise.all([rm(this.#lines, { force: true }), rm(this.#state, { force: true })])
  }

  /** Removes what was begun here; what an earlier run left is not touched. */
  async discardBegun(): Promise<void> {
    if (this.#isBegun) await this.discard()
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new CliError('BAD_INPUT', `cannot write ${printable(this.#name)}: ${(error as Error).message}`)
    }
  }
}

async function isThere(name: string): Promise<boolean> {
  return stat(name).then(
    () => true,
    () => false,
  )
}

function parseState(text: string, name: string): PartialState {
  try {
    const state = JSON.parse(text) as Partial<PartialState> | null
    const { query, note, now } = state ?? {}
    if (typeof query === 'object' && query !== null && typeof note === 'string' && typeof now === 'string') {
      return { query, note, now }
    }
  } catch {
    // Told below like any other text that is none.
  }
  throw new CliError('BAD_INPUT', `${printable(name)} is damaged`, 'begin anew by --force')
}

/** Where the last line end is, and the line before it. */
async function wholeLines(handle: FileHandle): Promise<{ end: number; lastLine: Buffer | undefined }> {
  const { size } = await handle.stat()
  for (let wanted = 64 * 1024; ; wanted *= 4) {
    const from = Math.max(0, size - wanted)
    const tail = Buffer.alloc(size - from)
    await handle.read(tail, 0, tail.length, from)
    const last = tail.lastIndexOf(NEWLINE)
    if (last < 0 && from === 0) return { end: 0, lastLine: undefined }
    const before = last <= 0 ? -1 : tail.lastIndexOf(NEWLINE, last - 1)
    if (last >= 0 && (before >= 0 || from === 0)) {
      return { end: from + last + 1, lastLine: tail.subarray(before + 1, last + 1) }
    }
    if (wanted > lineBytesMax) throw new Error('its lines are too long for an export')
  }
}
