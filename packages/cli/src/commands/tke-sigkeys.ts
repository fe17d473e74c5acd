/** `keywitness tke sigkeys`, `sigkey-add`, `sigkey-rm`, `sigkey-sel`: the keys that administrators sign with. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { ADMINISTRATOR_NAME_CHARACTERS_MAX } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber } from '../command-options.ts'
import { inputName, readInput } from '../input-file.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { consent, given, givenWords } from '../tke/consent.ts'
import { type FolderOptions, isJson, type OutputOptions, withOutput, withPasswords } from '../tke/options.ts'
import { type LocalSession, openFolder } from '../tke/session.ts'
import { createSignatureKey, type KeyType, listSignatureKeys, readSignatureKey } from '../tke/signature-keys.ts'

/** A private key of 2048 bits in PEM is a tenth of that. */
const pemBytesMax = 16_384

interface AddOptions extends FolderOptions, OutputOptions {
  readonly name?: string
  readonly type: KeyType
  readonly pem?: string
  readonly certificateOut?: string
}

interface RemoveOptions extends FolderOptions {
  readonly key?: number
}

interface SelectOptions extends FolderOptions, OutputOptions {
  readonly key?: readonly string[]
  readonly none?: boolean
}

export function addTkeSignatureKeys(tke: Command, io: Surroundings): void {
  const list = withOutput(tke.command('sigkeys'))
    .description('the signature keys on this machine, and which sign')
    .action(async (options: FolderOptions & OutputOptions) => printKeys(await openFolder(io, options), options))
  examples(list, 'tke sigkeys', 'tke sigkeys --output json')

  const add = withOutput(withPasswords(tke.command('sigkey-add')))
    .description('make a signature key, kept in a file under a password; the key never leaves it')
    .option('--name <name>', `name of the administrator: at most ${ADMINISTRATOR_NAME_CHARACTERS_MAX} characters`)
    .addOption(
      new Option('--type <type>', 'rsa2048 only for units that take no other')
        .choices(['p521ec', 'rsa2048'])
        .default('p521ec'),
    )
    .addOption(
      new Option('--pem <file>', 'of this private key in PEM, such as the development profile leaves').conflicts(
        'type',
      ),
    )
    .option(
      '--certificate-out <file>',
      'also write the certificate, by which somebody else can install this administrator',
    )
    .action((options: AddOptions) => addKey(io, options))
  examples(
    add,
    'tke sigkey-add --name "Ana Alvarez"',
    'tke sigkey-add --name "Ben Okoro" --password-file ben.password --certificate-out ben.certificate',
    'tke sigkey-add --name "development 1" --pem administrator-1.key.pem',
  )

  const remove = tke
    .command('sigkey-rm')
    .description('delete a signature key; if it is lost to an administrator, so is that signature')
    .option('--key <number>', 'its number', wholeNumber(1, 9_999))
    .option('--yes', 'do it without asking')
    .action((options: RemoveOptions) => removeKey(io, options))
  examples(remove, 'tke sigkey-rm --key 3 --yes')

  const select = withOutput(tke.command('sigkey-sel'))
    .description('choose the keys that sign, unless --key names others')
    .option('--key <key>', 'number, or name in the signing service; may be given several times', several)
    .option('--none', 'no key signs unless --key names it')
    .action(async (options: SelectOptions) => {
      const session = await openFolder(io, options)
      if (options.none !== true && options.key === undefined && io.askText !== undefined) await printKeys(session, {})
      const wanted =
        options.none === true ? [] : await givenWords(io, options.key, 'Numbers of the keys that sign', '--key')
      const ids = await session.keys.ids()
      const unknown = wanted.find((id) => !ids.includes(id))
      if (unknown !== undefined) {
        throw new CliError('BAD_INPUT', `there is no signature key ${printable(unknown)}`, 'keywitness tke sigkeys')
      }
      await session.keys.select([...new Set(wanted)])
      await printKeys(session, options)
    })
  examples(select, 'tke sigkey-sel --key 1 --key 2', 'tke sigkey-sel --none')
}

async function addKey(io: Surroundings, options: AddOptions): Promise<void> {
  const session = await openFolder(io, options)
  const name = await given(io, options.name, 'Name of the administrator', '--name')
  if (name.trim() !== name || !/^[\x20-\x7e]{1,30}$/.test(name)) {
    throw new CliError('BAD_INPUT', 'the name of an administrator is 1 to 30 printable ASCII characters')
  }
  const key = options.pem === undefined ? options.type : await privateKeyIn(options.pem)
  const password = await session.passwords.ofNew(`the signature key of ${name}`)
  const made = await createSignatureKey(session.folder, name, password, key)
  session.passwords.keep(made.name, password)
  if (options.certificateOut !== undefined) await writeCertificate(session, String(made.number), name, options)
  const { number, ski } = made
  if (isJson(options)) io.out.write(`${printableJson({ number, description: name, ski }, 2)}\n`)
  else io.out.write(`${number}  ${printable(name)}  ${ski}\n`)
}

async function privateKeyIn(file: string): Promise<KeyObject> {
  const pem = await readInput(file, pemBytesMax)
  try {
    return createPrivateKey(pem)
  } catch {
    throw new CliError('BAD_INPUT', `${inputName(file)} holds no private key in PEM that opens without a passphrase`)
  } finally {
    pem.fill(0)
  }
}

async function writeCertificate(session: LocalSession, id: string, name: string, options: AddOptions): Promise<void> {
  const file = options.certificateOut ?? ''
  const signer = await (await session.keys.find(id)).open()
  try {
    await writeFile(file, await signer.certificate(name), { flag: 'wx' })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new CliError('BAD_INPUT', `cannot write ${file}: ${why}`, `the key was made, as number ${id}`)
  }
}

async function removeKey(io: Surroundings, options: RemoveOptions): Promise<void> {
  const session = await openFolder(io, options)
  if (options.key === undefined && io.askText !== undefined) await printKeys(session, {})
  const number = await given(io, options.key?.toString(), 'Number of the key to delete', '--key')
  const { name, description, ski } = await readSignatureKey(session.folder, Number(number))
  const lines = [
    `${name}  ${description}  ${ski}`,
    'A unit that it administers keeps the administrator, whose signature is lost.',
  ]
  await consent(io, options, 'Deletes the signature key:', lines)
  await session.keys.select((await session.keys.selected()).filter((id) => id !== number))
  await session.folder.remove(name)
  io.out.write(`deleted ${name}\n`)
}

async function printKeys({ io, folder, keys }: LocalSession, options: OutputOptions): Promise<void> {
  const selected = await keys.selected()
  const files = (await listSignatureKeys(folder)).map(({ number, description, ski, keyType }) => ({
    key: String(number),
    selected: selected.includes(String(number)),
    description,
    ski,
    type: keyType as string,
  }))
  const names = (await keys.ids()).filter((id) => !files.some(({ key }) => key === id))
  const service = names.map((key) => ({
    key,
    selected: selected.includes(key),
    description: '',
    ski: '',
    type: 'signing service',
  }))
  printList(
    io,
    isJson(options),
    'keys',
    [...files, ...service],
    [
      { title: 'key' },
      { title: 'selected', of: (key) => (key.selected ? 'yes' : 'no') },
      { title: 'description', isWide: true },
      { title: 'subject key identifier', of: ({ ski }) => ski },
      { title: 'type', isExtra: true },
    ],
  )
}
