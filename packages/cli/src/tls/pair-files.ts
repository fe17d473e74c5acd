/** The two files of a new key pair, `<base>.key` and `<base>.pem`: over nothing that is there, the key for its owner alone. */
import { access, mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
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
 * @param use what else may be done, by the certificate's file, where both are there already
 * @throws CliError `BAD_INPUT` also when one of them is there already
 */
export async function pairFiles(
  commonName: string,
  path: string | undefined,
  use?: (certificate: string) => string,
): Promise<PairFiles> {
  if (!/^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u.test(commonName)) {
    throw new CliError('BAD_INPUT', 'a common name has 1 to 64 letters, digits and signs')
  }
  if (path === undefined && !/^\w[\w.-]*$/.test(commonName)) {
    throw new CliError('BAD_INPUT', `files cannot be called ${commonName}`, 'say with --files where they go')
  }
  const base = resolve(path ?? commonName)
  const files = { certificate: `${base}.pem`, key: `${base}.key` }
  const [hasKey, hasCertificate] = await Promise.all([isThere(files.key), isThere(files.certificate)])
  if (hasKey && hasCertificate && use !== undefined) throw occupied(files.key, `, or ${use(files.certificate)}`)
  if (hasKey || hasCertificate) throw occupied(hasKey ? files.key : files.certificate)
  return files
}

/** A folder that is not there is made. @throws CliError `BAD_INPUT` */
export async function writePair(files: PairFiles, pair: KeyPair): Promise<void> {
  await mkdir(dirname(files.key), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(
      'BAD_INPUT',
      `cannot make the folder ${printable(dirname(files.key))}: ${error.code ?? 'unknown'}`,
    )
  })
  // The key first: a certificate without its key would look as if it could be used.
  await write(files.key, pair.keyPem, 0o600)
  await write(files.certificate, pair.certificatePem, 0o644)
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function occupied(file: string, more = ''): CliError {
  return new CliError('BAD_INPUT', `${printable(file)} is there already`, `say with --files where else they go${more}`)
}

async function write(file: string, text: string, mode: number): Promise<void> {
  const isNew = await putNew(file, text, mode).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('BAD_INPUT', `cannot write ${printable(file)}: ${error.code ?? 'unknown'}`)
  })
  if (!isNew) throw occupied(file)
}
