/** Where a run works: a temporary folder, C programs compiled for it, and what must be ended and removed afterwards. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const compiler = '/usr/bin/gcc'
const benchFolder = join(import.meta.dirname, '..')

export class Workshop {
  /** Removed at the end. Lies on the disk that is measured: never a memory file system. */
  readonly folder: string
  readonly #undo: (() => void | Promise<void>)[] = []
  readonly #kept = new Map<string, Promise<unknown>>()

  constructor(parent: string = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'keywitness-bench-'))
    const tmpfs = 0x01021994
    if (statfsSync(this.folder).type === tmpfs) throw new Error(`${this.folder} is in memory: set TMPDIR to a disk`)
  }

  /** A fresh folder. */
  newFolder(name: string): string {
    return mkdtempSync(join(this.folder, `${name}-`))
  }

  /** Compiles a C program of the bench, once; with libraries as the linker is told of them. */
  compiled(source: string, libraries: readonly string[] = []): string {
    const program = join(this.folder, basename(source, '.c'))
    if (!existsSync(program)) execFileSync(compiler, ['-O2', '-o', program, join(benchFolder, source), ...libraries])
    return program
  }

  /** Runs a program and parses the line of JSON it prints. */
  async json<Result>(file: string, words: readonly string[]): Promise<Result> {
    const { stdout } = await run(file, words, { maxBuffer: 64 * 1024 * 1024 })
    return JSON.parse(stdout) as Result
  }

  /** Starts a program that `end` stops again. */
  start(file: string, words: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): ChildProcess {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    this.atEnd(() => stopped(child))
    return child
  }

  atEnd(step: () => void | Promise<void>): void {
    this.#undo.push(step)
  }

  /** What several rows share: made by the first that asks for it. */
  shared<Thing>(name: string, make: () => Promise<Thing>): Promise<Thing> {
    const known = this.#kept.get(name) as Promise<Thing> | undefined
    if (known !== undefined) return known
    const made = make()
    this.#kept.set(name, made)
    return made
  }

  /** Puts something in the place of what was shared under this name. */
  keep<Thing>(name: string, thing: Thing): void {
    this.#kept.set(name, Promise.resolve(thing))
  }

  async end(): Promise<void> {
    for (const step of this.#undo.toReversed()) await step()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Ends a child that we started, and waits for it. */
export async function stopped(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}

export function freshFolder(path: string): string {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}
