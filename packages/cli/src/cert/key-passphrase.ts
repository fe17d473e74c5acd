/** Passphrases of administrators' private keys: from a file, or asked of a person; a new one may be left out. */
import { PASSPHRASE_CHARACTERS_MIN, passphraseFault } from '@keywitness/crypto-unit/seal-envelope'
import { CliError } from '../cli-error.ts'
import { inputName, readInput } from '../input-file.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

/** Where one comes from. */
export interface PassphraseSource {
  readonly file: string | undefined
  /** The option that names the file. */
  readonly option: string
}

const passphraseBytesMax = 4_096

/** What one must be, for prompts and help. */
export const passphraseRule = `at least ${PASSPHRASE_CHARACTERS_MIN} characters`

/** @throws CliError `BAD_INPUT`, never with what it is; `INTERRUPTED` */
export async function passphraseOf(io: Surroundings, source: PassphraseSource, what: string): Promise<string> {
  if (source.file !== undefined) return fromFile(source.file)
  if (io.ask !== undefined) return io.ask(`${what}: `)
  throw new CliError('BAD_INPUT', `${what} is needed`, `give ${source.option}`)
}

/** Of a key that is made now, from a file that is named. @throws CliError `BAD_INPUT` when it is too easily guessed */
export async function filedPassphraseOf({ file }: PassphraseSource): Promise<string | undefined> {
  return file === undefined ? undefined : goodEnough(await fromFile(file))
}

/**
 * Of a key that is made now, asked of a person: undefined where nobody can be asked, or none is wanted, twice.
 *
 * @throws CliError `BAD_INPUT` when it is too easily guessed, or typed in two ways
 */
export async function askNewPassphrase({ ask }: Surroundings): Promise<string | undefined> {
  if (ask === undefined) return undefined
  const first =
    (await ask(`Passphrase for the new private key (${passphraseRule}; empty: none): `)) ||
    // Whoever only pressed the key once too often has a key that lies open.
    (await ask('Without one, whoever reads the file can sign. Passphrase (empty again: none): '))
  if (first === '') return undefined
  const passphrase = goodEnough(first)
  if ((await ask('The same again: ')) === passphrase) return passphrase
  throw new CliError('BAD_INPUT', 'the passphrases differ', 'nothing was done; begin again')
}

function goodEnough(passphrase: string): string {
  const fault = passphraseFault(passphrase)
  if (fault === undefined) return passphrase
  throw new CliError('BAD_INPUT', `the passphrase is not accepted: ${fault}`, 'nothing was done; begin again')
}

async function fromFile(file: string): Promise<string> {
  const bytes = await readInput(file, passphraseBytesMax)
  const passphrase = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (passphrase !== '') return passphrase
  throw new CliError('BAD_INPUT', `${printable(inputName(file))} is empty`)
}
