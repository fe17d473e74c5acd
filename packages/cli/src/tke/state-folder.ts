/** The folder in which this user's signature keys, key parts, chosen units and pinned roots are kept: 0700, files 0600. */
import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import { putInPlace, putNew, syncFolder } from '../durable-file.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

/** The largest file read, in bytes. */
const fileBytesMax = 256 * 1024

/** Files looked at for who may read and write them. */
const filesMax = 20_100

/** What the folder follows from, and where it is said that others can read it. */
type Place = Pick<Surroundings, 'environment' | 'home'> & Partial<Pick<Surroundings, 'err'>>

/** The highest number that a key or part file has. */
const numberMax = 9_999

export class StateFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /**
   * `CLOUDTKEFILES`, which must exist, else `tke` in `KEYWITNESS_HOME`, which is made.
   *
   * @throws CliError `BAD_INPUT`, also when others may write there
   */
  static async of(io: Place): Promise<StateFolder> {
    const named = io.environment['CLOUDTKEFILES']
    if (named !== undefined && named !== '') {
      const found = await stat(named).catch(() => undefined)
      if (found?.isDirectory() === true) return keptFromOthers(io, new StateFolder(named))
      throw new CliError('BAD_INPUT', `CLOUDTKEFILES names no folder: ${named}`, 'make it, readable to you alone')
    }
    const path = join(io.environment['KEYWITNESS_HOME'] ?? join(io.home, '.keywitness'), 'tke')
    await mkdir(path, { recursive: true, mode: 0o700 })
    return keptFromOthers(io, new StateFolder(path))
  }

  fileOf(name: string): string {
    return join(this.path, name)
  }

  /** Numbers of the files `<n>.<kind>`, smallest first. */
  async numbers(kind: string): Promise<number[]> {
    const names = await this.#guard('read', '', () => readdir(this.path))
    return names
      .map((name) => /^([1-9]\d{0,3})\.(\w+)$/.exec(name))
      .filter((match) => match?.[2] === kind)
      .map((match) => Number(match?.[1]))
      .toSorted((a, b) => a - b)
  }

  /** The text of a file; undefined when it is not there. */
  async read(name: string): Promise<string | undefined> {
    try {
      const file = this.fileOf(name)
      if ((await stat(file)).size > fileBytesMax) throw new CliError('BAD_INPUT', `${file} is too large`)
      return await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error instanceof CliError ? error : failed('read', this.fileOf(name), error)
    }
  }

  /** A file's JSON; undefined when it is not there. @throws CliError `BAD_INPUT` when it is damaged */
  async readJson(name: string): Promise<unknown> {
    const text = await this.read(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw this.damaged(name)
    }
  }

  damaged(name: string): CliError {
    return new CliError('BAD_INPUT', `${this.fileOf(name)} is damaged`, 'restore it from a copy')
  }

  async replaceJson(name: string, value: unknown): Promise<void> {
    await this.#guard('write', name, () => putInPlace(this.fileOf(name), jsonText(value)))
  }

  /** Writes a new file `<n>.<kind>` under the number after the highest there is. */
  async add(kind: string, value: unknown): Promise<number> {
    for (let number = ((await this.numbers(kind)).at(-1) ?? 0) + 1; number <= numberMax; number++) {
      const name = `${number}.${kind}`
      if (await this.#guard('write', name, () => putNew(this.fileOf(name), jsonText(value)))) return number
    }
    throw new CliError('BAD_INPUT', `${this.path} has no room for another file`)
  }

  async remove(name: string): Promise<void> {
    await this.#guard('remove', name, async () => {
      await unlink(this.fileOf(name))
      await syncFolder(this.path)
    })
  }

  /** Adds a line to a file that only grows, and makes it durable; an empty one only makes the file. */
  async append(name: string, line: string): Promise<void> {
    await this.#guard('write', name, async () => {
      const handle = await open(this.fileOf(name), 'a', 0o600)
      try {
        if (line !== '') await handle.writeFile(`${line}\n`)
        await handle.sync()
      } finally {
        await handle.close()
      }
    })
  }

  async #guard<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw failed(what, this.fileOf(name), error)
    }
  }
}

/** Files of ours: whoever writes them chooses which root is trusted and who signs. */
const ours = /^(\d{1,4}\.(sigkey|mkpart)|DOMAINS|SELECTED|ROOTS|COUNTERS|SIGNSERVKEYS|commands\.jsonl)$/
const OTHERS_WRITE = 0o022
const OTHERS_READ = 0o044

/** @throws CliError `BAD_INPUT` when others may write; that others may read is only said */
async function keptFromOthers(io: Place, folder: StateFolder): Promise<StateFolder> {
  // There, modes say nothing of who may do what.
  if (process.platform === 'win32') return folder
  await demandUnwritable(folder.path, '')
  const readable: string[] = []
  for (const name of (await readdir(folder.path)).filter((one) => ours.test(one)).slice(0, filesMax)) {
    const mode = await demandUnwritable(folder.path, name)
    if ((mode & OTHERS_READ) !== 0) readable.push(name)
  }
  if (readable.length > 0) {
    io.err?.write(
      `Others can read ${readable.join(', ')} in ${printable(folder.path)}: chmod go-rwx ${printable(folder.path)}/*\n`,
    )
  }
  return folder
}

async function demandUnwritable(folder: string, name: string): Promise<number> {
  const path = join(folder, name)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw failed('read', path, error)
  })
  if (found === undefined || (found.mode & OTHERS_WRITE) === 0) return found?.mode ?? 0
  throw new CliError(
    'BAD_INPUT',
    `others can write ${printable(path)}: whoever does decides which keys sign and which device root is trusted`,
    `look whether it is as you left it, then chmod go-w ${printable(path)} (a removable medium: mount it for you alone)`,
  )
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function failed(what: string, file: string, error: unknown): CliError {
  return new CliError('BAD_INPUT', `cannot ${what} ${file}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
}
