/** `keywitness keystore keys`, `store`, `update` and `delete-key`: keys, certificates and data in EP11 keystores. */
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber, withInstance } from '../command-options.ts'
import type { Item } from '../iam-api.ts'
import { readInput } from '../input-file.ts'
import { type KeystoreApi, openKeystores, versionOf } from '../keystore-api.ts'
import {
  type AttributeOptions,
  attributesOfKind,
  givenAttributes,
  type ObjectKind,
  objectKinds,
  takenAttributes,
  withAttributes,
} from '../keystore-attributes.ts'
import type { InstanceOptions } from '../kms-api.ts'
import { makeSure } from '../make-sure.ts'
import { printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions, AttributeOptions {
  readonly json?: boolean
}

interface StoreOptions extends Options {
  readonly id?: string
  readonly class: ObjectKind
}

interface UpdateOptions extends Options {
  readonly object?: string
  readonly unset?: readonly string[]
  readonly ifVersion?: number
}

interface DeleteOptions extends InstanceOptions {
  readonly yes?: boolean
}

const keystoreId = '0f8fad5b-d9cb-469f-a165-70867728950e'
const keyId = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

const advice = {
  PRECONDITION_FAILED: 'somebody changed it since: look at it again, then repeat what is still to be done',
  KEYSTORE_BLOB_BROKEN: 'store what GenerateKey, UnwrapKey or DeriveKey answered; --class says that it is no key',
  KEYSTORE_NOT_DESTROYABLE: 'it goes with its keystore only',
}

export function addKeystoreKeys(keystores: Command, io: Surroundings): void {
  addKeys(keystores, io)
  addStore(keystores, io)
  addUpdate(keystores, io)
  addDelete(keystores, io)
}

function addKeys(keystores: Command, io: Surroundings): void {
  const keys = withAttributes(withInstance(keystores.command('keys')), 'only those with')
    .description('the keys and other objects of an EP11 keystore, or those of all that have some attributes')
    .argument('[keystore]', 'its id; all keystores without')
    .option('--json', 'as JSON')
    .action(async (keystore: string | undefined, options: Options) => {
      const api = await openKeystores(io, options)
      printList(io, options.json, 'keys', await found(api, keystore, options), [
        { title: 'id' },
        { title: 'label', isWide: true },
        { title: 'class', of: (key) => memberText(key, 'class').replace('CKO_', '') },
        { title: 'type', of: (key) => memberText(key, 'keyType').replace('CKK_', '') },
        { title: 'version' },
        { title: 'keystore', isExtra: true },
      ])
    })
  examples(
    keys,
    `keystore keys ${keystoreId}`,
    'keystore keys --label billing',
    `keystore keys ${keystoreId} --attribute CKA_CLASS=3 --attribute CKA_SIGN=true`,
  )
}

function found(api: KeystoreApi, keystore: string | undefined, options: Options): Promise<Item[]> {
  const attributes = givenAttributes(options)
  if (keystore !== undefined && attributes === undefined) return api.keys(keystore)
  return api.search(keystore === undefined ? [] : [keystore], attributes ?? {})
}

function addStore(keystores: Command, io: Surroundings): void {
  const store = withAttributes(withInstance(keystores.command('store')), 'give it')
    .description('store a key as EP11 made it, a certificate or data')
    .argument('<keystore>', 'its id')
    .argument('<file>', 'the blob, or a certificate in PEM or DER (- is the standard input)')
    .option('--id <uuid>', 'the id of the new object; chosen by the service when not given')
    .addOption(new Option('--class <class>', 'what it is').choices(objectKinds).default('key'))
    .option('--json', 'as JSON')
    .action(async (keystore: string, file: string, options: StoreOptions) => {
      const attributes = { ...attributesOfKind(options.class), ...givenAttributes(options) }
      const object = bytesOf(await readInput(file), options.class)
      const { id } = options
      const api = await openKeystores(io, options)
      const made = await advised(
        advice,
        api.store(keystore, { ...(id === undefined ? {} : { id }), object, attributes }),
      )
      told(io, options, made)
    })
  examples(
    store,
    `keystore store ${keystoreId} aes.blob --label billing`,
    `keystore store ${keystoreId} ca.pem --class certificate --attribute CKA_ID=hex:01ff`,
  )
}

function addUpdate(keystores: Command, io: Surroundings): void {
  const update = withAttributes(withInstance(keystores.command('update')), 'give it')
    .description('change what is said of a key, or replace it by another form of itself')
    .argument('<keystore>', 'its id')
    .argument('<key>', 'the id of the key')
    .option('--object <file>', 'what SetAttributeValue answered (- is the standard input)')
    .option('--unset <name>', 'take this attribute away; may be given several times', several)
    .option('--if-version <number>', 'only while it has this version', wholeNumber(0, 1e15))
    .option('--json', 'as JSON')
    .action(async (keystore: string, key: string, options: UpdateOptions) => {
      const attributes = { ...givenAttributes(options), ...takenAttributes(options.unset ?? []) }
      if (options.object === undefined && Object.keys(attributes).length === 0) {
        throw new CliError('BAD_INPUT', 'what is to change?', 'give --label, --attribute, --unset or --object')
      }
      const object = options.object === undefined ? undefined : await readInput(options.object)
      const api = await openKeystores(io, options)
      const version = options.ifVersion ?? versionOf(await api.key(keystore, key))
      const wish = { ...(object === undefined ? {} : { object }), attributes }
      told(io, options, await advised(advice, api.update(keystore, key, version, wish)))
    })
  examples(
    update,
    `keystore update ${keystoreId} ${keyId} --label billing-2026`,
    `keystore update ${keystoreId} ${keyId} --object weaker.blob --if-version 3`,
  )
}

function addDelete(keystores: Command, io: Surroundings): void {
  const remove = withInstance(keystores.command('delete-key'))
    .description('delete a key or other object of an EP11 keystore, for ever')
    .argument('<keystore>', 'its id')
    .argument('<key>', 'the id of the key')
    .option('--yes', 'this is meant')
    .action((keystore: string, key: string, options: DeleteOptions) => deleteKey(io, keystore, key, options))
  examples(remove, `keystore delete-key ${keystoreId} ${keyId} --yes`)
}

async function deleteKey(io: Surroundings, keystore: string, key: string, options: DeleteOptions): Promise<void> {
  const what = `deleting ${printable(key)} makes everything that only this key opens unreadable`
  if (options.yes === true || io.confirm === undefined) {
    await makeSure(io, what, options.yes)
    await advised(advice, (await openKeystores(io, options)).deleteKey(keystore, key))
  } else {
    const api = await openKeystores(io, options)
    const object = await api.key(keystore, key)
    const words = ['class', 'keyType', 'label'].map((name) => memberText(object, name)).filter((word) => word !== '')
    io.err.write(`${printable(words.join(' '))}, version ${versionOf(object)}\n`)
    await makeSure(io, what, undefined)
    // What was shown is what goes.
    await advised(advice, api.deleteKey(keystore, key, versionOf(object)))
  }
  io.out.write(`deleted ${printable(key)}\n`)
}

function told(io: Surroundings, { json }: Pick<Options, 'json'>, object: Item): void {
  if (json === true) io.out.write(`${printableJson(object, 2)}\n`)
  else io.out.write(`${printable(memberText(object, 'id'))}  version ${versionOf(object)}\n`)
}

/** A certificate in PEM as the bytes that it stands for; anything else as it is. */
function bytesOf(file: Buffer, kind: ObjectKind): Buffer {
  if (kind !== 'certificate') return file
  const [, body] =
    /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(file.toString('latin1')) ?? []
  return body === undefined ? file : Buffer.from(body, 'base64')
}
