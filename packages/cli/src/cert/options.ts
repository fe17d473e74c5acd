/** Options that the commands about client certificates share, and the key that they say signs. */
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { withInstance } from '../command-options.ts'
import type { InstanceOptions } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { AdministratorKeys } from './administrator-keys.ts'
import type { CertApi } from './cert-api.ts'
import { type CommandSigner, signerOfFile, signerOfService } from './command-signer.ts'

export const certIdForm = '1 to 64 letters, digits, dots, - and _'

export interface CertOptions extends InstanceOptions {
  readonly json?: boolean
}

/** Of commands that change something. */
export interface ChangeOptions extends CertOptions {
  readonly passphraseFile?: string
  readonly yes?: boolean
}

/** Of commands that the administrator's key signs. */
export interface SignedOptions extends ChangeOptions {
  readonly adminPrivKey?: string
  readonly signingKey?: string
}

export function withCert(command: Command): Command {
  return withInstance(command).option('--json', 'as JSON')
}

export function withChange(command: Command, passphrase: string): Command {
  return withCert(command).option('--passphrase-file <file>', passphrase).option('--yes', 'do it without asking')
}

export function withSigning(command: Command): Command {
  return withChange(command, 'file with the passphrase of the private key, or the key token of the signing service')
    .option('--admin-priv-key <file>', 'the private key that signs (default: the one in force, if it is here)')
    .addOption(
      new Option('--signing-key <name>', 'instead: a key of the signing service at TKE_SIGNSERV_URL').conflicts(
        'adminPrivKey',
      ),
    )
}

/**
 * The key that signs, opened before anybody is asked whether a change is meant: what is wrong with it is told first.
 *
 * @throws CliError `BAD_INPUT` when the key in force is not at hand, or does not open
 */
export async function signingKeyFor(io: Surroundings, api: CertApi, options: SignedOptions): Promise<CommandSigner> {
  const { adminPrivKey, signingKey, passphraseFile } = options
  const passphrase = { file: passphraseFile, option: '--passphrase-file' }
  const known = await api.adminKey()
  if (known === undefined) {
    throw new CliError('BAD_INPUT', 'you have no administrator key here yet', 'keywitness cert adminkey set makes one')
  }
  const { keyId } = known
  if (adminPrivKey !== undefined) return inForce(await signerOfFile(io, adminPrivKey, passphrase), keyId)
  if (signingKey !== undefined) return inForce(await signerOfService(io, signingKey, passphrase), keyId)
  const files = await (await AdministratorKeys.of(io)).find(keyId)
  if (files !== undefined) return signerOfFile(io, files.privateKey, passphrase)
  throw new CliError(
    'BAD_INPUT',
    `your administrator key ${keyId.slice(0, 16)}… is not on this machine`,
    `name its file with --admin-priv-key, or its name in the signing service with --signing-key; ${wayBack(api)}`,
  )
}

/** What is left to whoever has lost the private key. */
export function wayBack({ ground }: CertApi): string {
  return `if it is lost, two administrators of the account let it go: keywitness cert recover propose ${ground.caller}`
}

function inForce(signer: CommandSigner, keyId: string): CommandSigner {
  if (signer.keyId === keyId) return signer
  throw new CliError(
    'BAD_INPUT',
    `${printable(signer.where)} is not your administrator key: that is ${keyId.slice(0, 16)}…, and this one ${signer.keyId.slice(0, 16)}…`,
    'keywitness cert adminkey get tells where it is, if it is on this machine',
  )
}

/** An id for a certificate, as commands take it. @throws CliError `BAD_INPUT` */
export function demandCertId(certId: string): void {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(certId)) return
  throw new CliError('BAD_INPUT', `${printable(certId)} is no id for a certificate`, `it has ${certIdForm}`)
}
