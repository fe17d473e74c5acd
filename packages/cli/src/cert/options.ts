/** Options that the commands about client certificates share, and the key that they say signs. */
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { withInstance } from '../command-options.ts'
import type { InstanceOptions } from '../kms-api.ts'
import type { Surroundings } from '../surroundings.ts'
import { AdministratorKeys } from './administrator-keys.ts'
import type { CertApi } from './cert-api.ts'
import { type CommandSigner, signerOfFile, signerOfService } from './command-signer.ts'

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

/** A key that is to sign, still closed: it is opened once a person has seen and agreed to what it signs. */
export interface SigningKey {
  /** Undefined where only the opened key tells. */
  readonly keyId: string | undefined
  /** Its file, or its name in the signing service. */
  readonly where: string
  readonly open: () => Promise<CommandSigner>
}

/** @throws CliError `BAD_INPUT` when the key in force is not at hand */
export async function signingKeyFor(io: Surroundings, api: CertApi, options: SignedOptions): Promise<SigningKey> {
  const { adminPrivKey, signingKey, passphraseFile } = options
  const passphrase = { file: passphraseFile, option: '--passphrase-file' }
  const ofFile = (where: string, keyId?: string): SigningKey => ({
    keyId,
    where,
    open: () => signerOfFile(io, where, passphrase),
  })
  if (adminPrivKey !== undefined) return ofFile(adminPrivKey)
  if (signingKey !== undefined) {
    const where = `${signingKey} (signing service)`
    return { keyId: undefined, where, open: () => signerOfService(io, signingKey, passphrase) }
  }
  const known = await api.adminKey()
  if (known === undefined) {
    throw new CliError('BAD_INPUT', 'you have no administrator key here yet', 'keywitness cert adminkey set makes one')
  }
  const files = await (await AdministratorKeys.of(io)).find(known.keyId)
  if (files !== undefined) return ofFile(files.privateKey, known.keyId)
  throw new CliError(
    'BAD_INPUT',
    `your administrator key ${known.keyId.slice(0, 16)}… is not on this machine`,
    'name its file with --admin-priv-key, or its name in the signing service with --signing-key',
  )
}
