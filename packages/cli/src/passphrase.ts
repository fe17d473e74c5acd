/** Passphrases of the seal: from a file, or asked of a person; a new one is asked for twice. */
import { passphraseFault } from '@keywitness/crypto-unit/seal-envelope'
import { CliError } from './cli-error.ts'
import { inputName, readInput } from './input-file.ts'
import type { Surroundings } from './surroundings.ts'

/** Where one passphrase comes from. */
export interface PassphraseInput {
  readonly file: string | undefined
  /** The option that names the file. */
  readonly option: string
  /** What it is, in a question. */
  readonly question: string
}

/**
 * A passphrase that there is.
 * @throws CliError `BAD_INPUT`, never with what it is; `INTERRUPTED`
 */
export async function knownPassphrase(io: Surroundings, input: PassphraseInput): Promise<string> {
  return input.file === undefined ? await asked(io, input, input.question) : await fromFile(input.file)
}

/**
 * A new passphrase, good enough to be taken.
 * @throws CliError `BAD_INPUT`, never with what it is; `INTERRUPTED`
 */
export async function newPassphrase(io: Surroundings, input: PassphraseInput): Promise<string> {
  const passphrase = await knownPassphrase(io, input)
  const fault = passphraseFault(passphrase)
  if (fault !== undefined) throw new CliError('BAD_INPUT', `the passphrase is not accepted: ${fault}`)
  if (input.file === undefined && (await asked(io, input, 'The same once more')) !== passphrase) {
    throw new CliError('BAD_INPUT', 'the two are not the same', 'nothing was changed; try again')
  }
  return passphrase
}

async function asked(io: Surroundings, { option }: PassphraseInput, question: string): Promise<string> {
  if (io.ask !== undefined) return await io.ask(`${question}: `)
  throw new CliError('BAD_INPUT', 'there is no terminal to ask for the passphrase at', `give ${option}`)
}

/** Without the space around it, as the server reads it. */
async function fromFile(file: string): Promise<string> {
  const passphrase = (await readInput(file)).toString('utf8').trim()
  if (passphrase === '') throw new CliError('BAD_INPUT', `${inputName(file)} is empty`)
  return passphrase
}
