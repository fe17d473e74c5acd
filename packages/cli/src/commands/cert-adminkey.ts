/** `keywitness cert adminkey set`, `get`, `update` and `delete`: the key that signs an administrator's commands. */
import { createPublicKey } from 'node:crypto'
import { type Command, Option } from 'commander'
import { AdministratorKeys, type KeyFiles } from '../cert/administrator-keys.ts'
import { agree, groundRows } from '../cert/agreement.ts'
import { type AdminKey, type CertApi, openCerts } from '../cert/cert-api.ts'
import { type CommandSigner, newSignatureKey, signerOfKey, signerOfService } from '../cert/command-signer.ts'
import { consequencesOfNoKey } from '../cert/consequences.ts'
import { privateKeyPem } from '../cert/encrypted-key.ts'
import { askNewPassphrase, filedPassphraseOf, passphraseRule } from '../cert/key-passphrase.ts'
import {
  type CertOptions,
  type ChangeOptions,
  type SignedOptions,
  signingKeyFor,
  wayBack,
  withCert,
  withChange,
  withSigning,
} from '../cert/options.ts'
import { isOpen, settled } from '../cert/settled.ts'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { formatNumberOf, printable, printableJson } from '../printable.ts'
import { printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { fileText, timeText } from '../text-lines.ts'

interface SetOptions extends ChangeOptions {
  readonly signingKey?: string
}

interface UpdateOptions extends SignedOptions {
  readonly newPassphraseFile?: string
  readonly newSigningKey?: string
}

/** A key that is about to become the administrator's: on this machine in its files, or in a signing service. */
interface NewKey {
  readonly signer: CommandSigner
  readonly files: KeyFiles | undefined
}

const look = 'keywitness cert adminkey get'
const keepIt =
  'Whoever loses the private key changes nothing any more until the owner of the account has removed it: keep a copy apart from this machine.'

export function addCertAdminKey(cert: Command, io: Surroundings): void {
  const adminKey = cert.command('adminkey').description('the key that signs what you do to client certificates')

  const set = withChange(adminKey.command('set'), `file with a passphrase for the new private key: ${passphraseRule}`)
    .description('make your signature key: the private one stays here, in a file of mode 0600, and is sent nowhere')
    .option('--signing-key <name>', 'instead: a key that the signing service at TKE_SIGNSERV_URL keeps')
    .action((options: SetOptions) => setKey(io, options))
  examples(set, 'cert adminkey set', 'cert adminkey set --passphrase-file cert.passphrase --yes')

  const get = withCert(adminKey.command('get'))
    .description('your signature key as the server has it, and where its private key is')
    .action((options: CertOptions) => getKey(io, options))
  examples(get, 'cert adminkey get', 'cert adminkey get --json')

  const update = withSigning(adminKey.command('update'))
    .description('put a new signature key in the place of yours, which signs this and is void from then on')
    .option('--new-passphrase-file <file>', `file with a passphrase for the new private key: ${passphraseRule}`)
    .addOption(
      new Option('--new-signing-key <name>', 'instead of a new file: a key of the signing service').conflicts(
        'newPassphraseFile',
      ),
    )
    .action((options: UpdateOptions) => updateKey(io, options))
  examples(update, 'cert adminkey update', 'cert adminkey update --admin-priv-key /media/usb/ana.priv --yes')

  const remove = withSigning(adminKey.command('delete'))
    .description('give your signature key up; your certificates stay in force')
    .action((options: SignedOptions) => deleteKey(io, options))
  examples(remove, 'cert adminkey delete')
}

async function setKey(io: Surroundings, options: SetOptions): Promise<void> {
  const api = await openCerts(io, options)
  const known = await api.adminKey()
  if (known !== undefined) throw await hasOne(io, api, known)
  const { signingKey, passphraseFile } = options
  const source = { file: passphraseFile, option: '--passphrase-file' }
  const keys = await AdministratorKeys.of(io)
  const prepared =
    signingKey === undefined ? await filedPassphraseOf(source) : await signerOfService(io, signingKey, source)
  await agree(io, options, {
    title: 'Makes your signature key for client certificates:',
    rows: [...groundRows(api.ground), ['private key', signingKey ?? `a new file in ${keys.path}`]],
    consequences: ['From then on this key signs all that you do to certificates of the instance.', keepIt],
  })
  const fresh = await newKey(io, keys, api, prepared)
  const made = await introduce(io, keys, api, fresh, () => api.createAdminKey(fresh.signer))
  tellNew(io, options, made, fresh)
}

async function updateKey(io: Surroundings, options: UpdateOptions): Promise<void> {
  const api = await openCerts(io, options)
  const signer = await signingKeyFor(io, api, options)
  const { newSigningKey, newPassphraseFile, passphraseFile } = options
  const keys = await AdministratorKeys.of(io)
  const prepared =
    newSigningKey === undefined
      ? await filedPassphraseOf({ file: newPassphraseFile, option: '--new-passphrase-file' })
      : await signerOfService(io, newSigningKey, { file: passphraseFile, option: '--passphrase-file' })
  await agree(io, options, {
    title: 'Puts a new signature key in the place of yours:',
    rows: [
      ...groundRows(api.ground),
      ['old key', signer.keyId],
      ['private key', fileText(io, signer.where)],
      ['new key', newSigningKey ?? `a new file in ${keys.path}`],
    ],
    consequences: ['The old key is void at once. Certificates in force stay as they are.', keepIt],
  })
  const fresh = await newKey(io, keys, api, prepared)
  const made = await introduce(io, keys, api, fresh, () => api.updateAdminKey(signer, fresh.signer))
  tellNew(io, options, made, fresh)
  if (options.json !== true) io.err.write(`The old key is void: ${printable(signer.where)}\n`)
}

/**
 * Written and durable before anybody hears of it: a crash after that leaves a file too many, never a key too few.
 *
 * @param prepared a key of the signing service, or the passphrase of a file; undefined where a person is to be asked for that
 */
async function newKey(
  io: Surroundings,
  keys: AdministratorKeys,
  { ground }: CertApi,
  prepared: CommandSigner | string | undefined,
): Promise<NewKey> {
  if (typeof prepared === 'object') return { signer: prepared, files: undefined }
  const passphrase = prepared ?? (await askNewPassphrase(io))
  const privateKey = newSignatureKey()
  const pem = await privateKeyPem(privateKey, passphrase)
  const purpose = { instance: ground.crn, administrator: ground.caller }
  const files = await keys.add(createPublicKey(privateKey), pem, purpose)
  if (passphrase === undefined) {
    io.err.write(`Without a passphrase whoever reads ${printable(files.privateKey)} can sign.\n`)
  }
  return { signer: signerOfKey(privateKey, files.privateKey), files }
}

/**
 * Makes the new key known. Its files go again only when the server has surely not taken it: a refusal alone does not say so,
 * since it may be that of a repetition, made by a proxy on the way, of a command that was done.
 */
async function introduce(
  io: Surroundings,
  keys: AdministratorKeys,
  api: CertApi,
  { signer, files }: NewKey,
  command: () => Promise<AdminKey>,
): Promise<AdminKey> {
  const find = async (): Promise<AdminKey | undefined> => {
    const known = await api.adminKey()
    return known?.keyId === signer.keyId ? known : undefined
  }
  try {
    return await settled(command(), { find, look })
  } catch (error) {
    if (files === undefined) throw error
    if (!isOpen(error)) {
      const [known] = await Promise.allSettled([find()])
      if (known.status === 'fulfilled' && known.value !== undefined) return known.value
      if (known.status === 'fulfilled' && (await keys.remove(files))) throw error
    }
    io.err.write(`The new private key stays in ${printable(files.privateKey)}\n`)
    throw error
  }
}

function tellNew(io: Surroundings, { json }: CertOptions, made: AdminKey, { files, signer }: NewKey): void {
  if (json === true) {
    io.out.write(`${printableJson({ ...made, files: files ?? null }, 2)}\n`)
    return
  }
  const rows =
    files === undefined ? { SigningKey: signer.where } : { PrivateKey: files.privateKey, PublicKey: files.publicKey }
  printOne(io, false, { KeyId: made.keyId, ...rows })
}

async function hasOne(io: Surroundings, api: CertApi, { keyId, createdAt }: AdminKey): Promise<CliError> {
  const files = await (await AdministratorKeys.of(io)).find(keyId)
  const where = files === undefined ? 'not on this machine' : `in ${printable(files.privateKey)}`
  return new CliError(
    'BAD_INPUT',
    `you have a signature key already, since ${printable(timeText(io, createdAt))}: ${keyId}, ${where}`,
    files === undefined
      ? `keywitness cert adminkey update --admin-priv-key FILE replaces it where its file is; ${wayBack(api)}`
      : 'keywitness cert adminkey update replaces it',
  )
}

async function getKey(io: Surroundings, options: CertOptions): Promise<void> {
  const known = await (await openCerts(io, options)).adminKey()
  const files = known === undefined ? undefined : await (await AdministratorKeys.of(io)).find(known.keyId)
  if (options.json === true) {
    io.out.write(`${printableJson({ ...(known ?? { publicKey: '' }), files: files ?? null }, 2)}\n`)
    return
  }
  if (known === undefined) {
    io.out.write('You have no signature key: keywitness cert adminkey set makes one.\n')
    return
  }
  printOne(io, false, {
    KeyId: known.keyId,
    Since: timeText(io, known.createdAt),
    ...(files === undefined ? {} : { PrivateKey: fileText(io, files.privateKey) }),
    PublicKey: known.publicKey,
  })
  if (files === undefined) io.err.write('Its private key is not among those of this machine.\n')
}

async function deleteKey(io: Surroundings, options: SignedOptions): Promise<void> {
  const api = await openCerts(io, options)
  const signer = await signingKeyFor(io, api, options)
  await agree(io, options, {
    title: 'Gives your signature key up:',
    rows: [...groundRows(api.ground), ['key', signer.keyId], ['private key', fileText(io, signer.where)]],
    consequences: consequencesOfNoKey(await api.certificates()),
  })
  const orphaned = await settled(api.deleteAdminKey(signer), {
    find: async () => ((await api.adminKey()) === undefined ? (await api.certificates()).certs.length : undefined),
    look,
  })
  if (options.json === true) {
    io.out.write(`${printableJson({ keyId: signer.keyId, orphanedCerts: orphaned }, 2)}\n`)
    return
  }
  const left = orphaned === 0 ? '' : `; still in force: ${formatNumberOf(orphaned, 'certificate')}`
  io.out.write(`deleted ${signer.keyId}${left}\n`)
  io.err.write(`The private key stays in ${printable(fileText(io, signer.where))}: it signs nothing here any more.\n`)
}
