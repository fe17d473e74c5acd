/** The two files of a new key pair, `<base>.key` and `<base>.pem`: over nothing that is there, the key for its owner alone. */
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import { putNew } from '../durable-file.ts'
import { printable } from '../printable.ts'
import type { KeyPair } from './new-certificate.ts'

export interface PairFiles {
  readonly certificate: string
  readonly key: string
}

/**
 * Where the pair of a common name goes.
 *
 * @param path what is said with `--files`; without it the files are called like the name
 * @throws CliError `BAD_INPUT` also when one of them is there already
 */
export async function pairFiles(commonName: string, path: string | undefined): Promise<PairFiles> {
  if (!/^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u.test(commonName)) {
    throw new CliError('BAD_INPUT', 'a common name has 1 to 64 letters, digits and signs')
  }
  if (path === undefined && !/^\w[\w.-]*$/.test(commonName)) {
    throw new CliError('BAD_INPUT', `files cannot be called ${commonName}`, 'say with --files where they go')
  }
  const base = resolve(path ?? commonName)
  const files = { certificate: `${base}.pem`, key: `${base}.key` }
  await Promise.all([files.certificate, files.key].map(demandFree))
  return files
}

/** @throws CliError `BAD_INPUT` */
export async function writePair(files: PairFiles, pair: KeyPair): Promise<void> {
  // The key first: a certificate without its key would look as if it could be used.
  await write(files.key, pair.keyPem, 0o600)
  await write(files.certificate, pair.certificatePem, 0o644)
}

async function demandFree(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (isThere) throw occupied(file)
}

function occupied(file: string): CliError {
  return new CliError('BAD_INPUT', `${printable(file)} is there already`, 'say with --files where else they go')
}

async function write(file: string, text: string, mode: number): Promise<void> {
  const isNew = await putNew(file, text, mode).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('BAD_INPUT', `cannot write ${printable(file)}: ${error.code ?? 'unknown'}`)
  })
  if (!isNew) throw occupied(file)
}
