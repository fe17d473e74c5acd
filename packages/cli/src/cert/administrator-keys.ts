/** Signature keys of certificate administrators on this machine: `<uuid>.priv` and `<uuid>.pub` in a folder of this user's own. */
import { createHash, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import { putNew, syncFolder } from '../durable-file.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

/** Public keys looked at. */
const filesMax = 1_000
/** The longest public file read, in characters. */
const charsMax = 16_384
const OTHERS = 0o077

export interface KeyFiles {
  readonly privateKey: string
  readonly publicKey: string
}

/** What a pair is for: it stands above the public key, where programs that read PEM pass it over. */
export interface KeyPurpose {
  /** CRN of the instance. */
  readonly instance: string
  /** IAM id of the administrator. */
  readonly administrator: string
}

/** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal: what commands and events name a key by. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(spkiOf(publicKey)).digest('hex')
}

export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' })
}

export class AdministratorKeys {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** `certs` in `KEYWITNESS_HOME`, made where it is not there. @throws CliError `BAD_INPUT` */
  static async of({ environment, home }: Pick<Surroundings, 'environment' | 'home'>): Promise<AdministratorKeys> {
    const path = join(environment['KEYWITNESS_HOME'] ?? join(home, '.keywitness'), 'certs')
    await guard('make', path, () => mkdir(path, { recursive: true, mode: 0o700 }))
    return new AdministratorKeys(path)
  }

  /**
   * Writes a new pair, durable when this returns: the private key first, without which the public one is worth nothing.
   *
   * @param privatePem PKCS #8, encrypted or not
   */
  async add(publicKey: KeyObject, privatePem: string, purpose: KeyPurpose): Promise<KeyFiles> {
    const base = join(this.path, randomUUID())
    const files = { privateKey: `${base}.priv`, publicKey: `${base}.pub` }
    const head = [
      'Signature key of a certificate administrator',
      `Instance: ${purpose.instance}`,
      `Administrator: ${purpose.administrator}`,
      `Key id: ${keyIdOf(publicKey)}`,
    ]
    const pem = publicKey.export({ format: 'pem', type: 'spki' })
    await guard('write', files.privateKey, () => putNew(files.privateKey, privatePem))
    await guard('write', files.publicKey, () =>
      putNew(files.publicKey, `${head.map(printable).join('\n')}\n${pem.toString()}`, 0o644),
    )
    return files
  }

  /** The pair of this key; undefined when it is not on this machine. */
  async find(keyId: string): Promise<KeyFiles | undefined> {
    const names = await guard('read', this.path, () => readdir(this.path))
    for (const name of names.filter((one) => one.endsWith('.pub')).slice(0, filesMax)) {
      const publicKey = join(this.path, name)
      const pem = await readFile(publicKey, 'utf8').catch(() => '')
      if (pem.length > charsMax || idIn(pem) !== keyId) continue
      const privateKey = publicKey.replace(/\.pub$/, '.priv')
      // Whoever keeps it apart has left the public one here.
      if (existsSync(privateKey)) return { publicKey, privateKey }
    }
    return undefined
  }

  /** Of a pair that was refused, so that it never becomes anybody's key. False when the files cannot be removed. */
  async remove({ privateKey, publicKey }: KeyFiles): Promise<boolean> {
    try {
      await unlink(publicKey)
      await unlink(privateKey)
      await syncFolder(this.path)
      return true
    } catch {
      return false
    }
  }
}

/** Says it when others may read a private key; on Windows modes say nothing of that. */
export async function warnIfReadable(io: Surroundings, file: string): Promise<void> {
  if (process.platform === 'win32') return
  const found = await stat(file).catch(() => undefined)
  if (found === undefined || (found.mode & OTHERS) === 0) return
  io.err.write(`Others may use ${printable(file)}: chmod go-rwx ${printable(file)}\n`)
}

function idIn(pem: string): string | undefined {
  try {
    return keyIdOf(createPublicKey(pem))
  } catch {
    return undefined
  }
}

async function guard<T>(what: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new CliError('BAD_INPUT', `cannot ${what} ${printable(file)}: ${why}`)
  }
}
