/** Who signs a certificate administrator's commands: a private key in a file, or one that a signing service keeps. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { CliError } from '../cli-error.ts'
import { inputName, readInput } from '../input-file.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { SigningService } from '../tke/signing-service.ts'
import { StateFolder } from '../tke/state-folder.ts'
import { keyIdOf, warnIfReadable } from './administrator-keys.ts'
import { isEncrypted, openPrivateKey } from './encrypted-key.ts'
import { type PassphraseSource, passphraseOf } from './key-passphrase.ts'

export interface CommandSigner {
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly keyId: string
  readonly publicKey: KeyObject
  /** The file or the name in the signing service. */
  readonly where: string
  /** ECDSA on P-521 with SHA-512, DER. */
  sign(text: string): Promise<Buffer>
}

/** A private key in PEM is a hundredth of that. */
const keyBytesMax = 65_536

export function newSignatureKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
}

export function signerOfKey(privateKey: KeyObject, where: string): CommandSigner {
  const publicKey = createPublicKey(privateKey)
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    where,
    sign: (text) => Promise.resolve(sign('sha512', Buffer.from(text, 'utf8'), privateKey)),
  }
}

/** @throws CliError `BAD_INPUT`, never with what the file or the passphrase is */
export async function signerOfFile(
  io: Surroundings,
  file: string,
  passphrase: PassphraseSource,
): Promise<CommandSigner> {
  const name = printable(inputName(file))
  if (file !== '-') await warnIfReadable(io, file)
  const bytes = await readInput(file, keyBytesMax)
  const pem = bytes.toString('latin1')
  bytes.fill(0)
  const secret = isEncrypted(pem) ? await passphraseOf(io, passphrase, `Passphrase of ${name}`) : undefined
  const key = openPrivateKey(pem, secret)
  if (key === undefined) {
    throw new CliError(
      'BAD_INPUT',
      secret === undefined ? `${name} holds no private key in PEM` : `the passphrase does not open ${name}`,
    )
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'secp521r1') {
    throw new CliError('BAD_INPUT', `${name} is no key of P-521, which administrators sign with`)
  }
  return signerOfKey(key, file)
}

/**
 * A key of the signing service that `TKE_SIGNSERV_URL` names, as for crypto units.
 *
 * @param token where its key token comes from, unless `SIGNSERVKEYS` has it
 */
export async function signerOfService(io: Surroundings, name: string, token: PassphraseSource): Promise<CommandSigner> {
  const service = SigningService.of(io)
  const known = (await service?.keys(await StateFolder.of(io)))?.find((key) => key.name === name)
  if (service === undefined || known === undefined) {
    throw new CliError(
      'BAD_INPUT',
      `no signing service has a key ${printable(name)}`,
      'TKE_SIGNSERV_URL names the service, and SIGNSERVKEYS in the folder of crypto units its keys',
    )
  }
  const secret = known.token ?? (await passphraseOf(io, token, `Key token of ${printable(name)}`))
  const publicKey = await service.publicKey(name, secret)
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    where: `${name} (signing service)`,
    sign: (text) => service.sign(name, secret, Buffer.from(text, 'utf8')),
  }
}
