/** The log heads this machine has verified, kept so that no log can later take anything back unnoticed. */
import { mkdir, readFile, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Checkpoint,
  type NoteVerifier,
  NoteError,
  openCheckpoint,
  parseVerifierKey,
  sameBytes,
  sha256,
  toHex,
} from '@keywitness/tlog'
import { CliError } from './cli-error.ts'
import { putNew } from './durable-file.ts'
import type { Surroundings } from './surroundings.ts'

/** Heads kept of each origin: the newest. Older ones are implied, each was checked against those before it. */
const headsKept = 10

const fileBytesMax = 1_000_000

/** A head that was verified, with its signed note as it came. */
interface RememberedHead {
  readonly note: string
  readonly checkpoint: Checkpoint
  readonly file: string
}

/** What is known of one log. */
export interface RememberedLog {
  readonly origin: string
  /** Keys trusted for its checkpoints; none before the first contact. */
  readonly keys: readonly string[]
  /** Smallest first. */
  readonly heads: readonly RememberedHead[]
}

/**
 * A folder of one folder per origin, each holding the origin's name, its keys and its heads. Files are only ever
 * added whole and never changed, so any number of processes may remember at once: a head takes the place of none.
 */
export class Heads {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** The store of this user: `heads` in `KEYWITNESS_HOME`, by default `~/.keywitness`. */
  static of(io: Surroundings): Heads {
    return new Heads(join(io.environment['KEYWITNESS_HOME'] ?? join(io.home, '.keywitness'), 'heads'))
  }

  /**
   * What is remembered of an origin. Every head is opened with the remembered keys: what does not open was damaged.
   *
   * @throws CliError `REMEMBERED_HEAD_DAMAGED`: never passed over, or damaging a file would be the way to forget
   */
  async read(origin: string): Promise<RememberedLog> {
    const folder = this.#folderOf(origin)
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (isMissing(error)) return []
      throw damaged(folder, error.message)
    })
    if (names.length === 0) return { origin, keys: [], heads: [] }
    if ((await this.#text(join(folder, 'origin'))) !== origin) throw damaged(join(folder, 'origin'), 'another origin')
    const keys: string[] = []
    const verifiers: NoteVerifier[] = []
    for (const name of names.filter((file) => /^key-[0-9a-f]{8}\.vkey$/.test(file)).toSorted()) {
      const text = (await this.#text(join(folder, name))).trim()
      const verifier = openKey(text, join(folder, name))
      if (verifier.name !== origin) throw damaged(join(folder, name), 'the key of another log')
      keys.push(text)
      verifiers.push(verifier)
    }
    const heads: RememberedHead[] = []
    for (const name of names.filter((file) => file.startsWith('head-') && file.endsWith('.note')).toSorted()) {
      const file = join(folder, name)
      const note = await this.#text(file).catch((error: unknown) => {
        // Another process, remembering a newer head, may just have let this one go.
        if (error instanceof CliError && isMissing(error.cause)) return undefined
        throw error
      })
      if (note === undefined) continue
      const checkpoint = await openHead(note, verifiers, file)
      if (checkpoint.origin !== origin || headName(checkpoint.size) !== name) throw damaged(file, 'another head')
      heads.push({ note, checkpoint, file })
    }
    return { origin, keys, heads }
  }

  /** Trusts a key for the log of its name from now on. */
  async trust(vkey: string): Promise<void> {
    const { name, keyId } = openKey(vkey, 'the key')
    const folder = await this.#makeFolder(name)
    await putNew(join(folder, `key-${keyId.toString(16).padStart(8, '0')}.vkey`), `${vkey.trim()}\n`)
  }

  /**
   * Remembers a head that was verified. One of this size that is remembered already must be the same tree.
   *
   * @throws CliError `VERIFICATION_FAILED` when two trees of one size were signed
   */
  async remember(note: string, checkpoint: Checkpoint): Promise<void> {
    const { origin, size, root } = checkpoint
    const folder = await this.#makeFolder(origin)
    const file = join(folder, headName(size))
    if (!(await putNew(file, note))) {
      const { heads } = await this.read(origin)
      const before = heads.find((head) => head.checkpoint.size === size)
      if (before !== undefined && !sameBytes(before.checkpoint.root, root)) throw twoTrees(origin, size, file)
    }
    const { heads } = await this.read(origin)
    for (const head of heads.slice(0, -headsKept)) await unlink(head.file).catch(() => undefined)
  }

  #folderOf(origin: string): string {
    const slug = origin
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]+/g, '_')
      .replaceAll(/^[._-]+|[._-]+$/g, '')
      .slice(0, 60)
    const digest = toHex(sha256(new TextEncoder().encode(origin))).slice(0, 16)
    return join(this.folder, `${slug}${slug === '' ? '' : '-'}${digest}`)
  }

  async #makeFolder(origin: string): Promise<string> {
    const folder = this.#folderOf(origin)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await putNew(join(folder, 'origin'), origin)
    return folder
  }

  async #text(file: string): Promise<string> {
    let bytes: Uint8Array
    try {
      bytes = await readFile(file)
    } catch (error) {
      throw damaged(file, (error as Error).message, error)
    }
    if (bytes.length > fileBytesMax) throw damaged(file, 'too large')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw damaged(file, 'not UTF-8')
    }
  }
}

function headName(size: number): string {
  return `head-${String(size).padStart(16, '0')}.note`
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}

function damaged(file: string, why: string, cause?: unknown): CliError {
  const error = new CliError(
    'REMEMBERED_HEAD_DAMAGED',
    `what was remembered of the log cannot be read: ${file}: ${why}`,
    'restore the file; remove it only if you know why it is damaged, for the log could then go back unnoticed',
  )
  error.cause = cause
  return error
}

function twoTrees(origin: string, size: number, file: string): CliError {
  return new CliError(
    'VERIFICATION_FAILED',
    `${origin} signed two different trees of size ${size}; the one seen before is in ${file}`,
    'keep both: together they prove that the log was forked',
  )
}

function openKey(text: string, file: string): ReturnType<typeof parseVerifierKey> {
  try {
    return parseVerifierKey(text)
  } catch (error) {
    throw damaged(file, (error as Error).message)
  }
}

async function openHead(note: string, verifiers: readonly NoteVerifier[], file: string): Promise<Checkpoint> {
  try {
    return (await openCheckpoint(note, verifiers)).checkpoint
  } catch (error) {
    if (error instanceof NoteError) throw damaged(file, error.message)
    throw error
  }
}
