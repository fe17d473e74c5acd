/** `keywitness keystore create`, `list`, `show` and `delete`: EP11 keystores, in which PKCS #11 keeps its objects. */
import { type Command, Option } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { openKeystores, versionOf } from '../keystore-api.ts'
import type { InstanceOptions } from '../kms-api.ts'
import { makeSure } from '../make-sure.ts'
import { formatNumberOf, printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface CreateOptions extends Options {
  readonly id?: string
  readonly name?: string
  readonly private?: boolean
  readonly authenticated?: boolean
}

interface ListOptions extends Options {
  readonly type?: string
  readonly name?: string
}

interface DeleteOptions extends InstanceOptions {
  readonly yes?: boolean
}

const exampleId = '0f8fad5b-d9cb-469f-a165-70867728950e'

export function addKeystore(keystores: Command, io: Surroundings): void {
  const create = withInstance(keystores.command('create'))
    .description('a new EP11 keystore; a public one unless it is to be private')
    .option('--id <uuid>', 'the UUID that its users agreed on: tokenspaceID in the configuration of PKCS #11')
    .option('--name <name>', 'what it is called; need not be unique')
    .option('--private', 'only for callers with a role on the whole instance')
    .option('--authenticated', 'its keys are made in a login session, and work in it only')
    .option('--json', 'as JSON')
    .action(async (options: CreateOptions) => {
      const { id, name, authenticated } = options
      const made = await (
        await openKeystores(io, options)
      ).create({
        ...(id === undefined ? {} : { id }),
        ...(name === undefined ? {} : { name }),
        type: options.private === true ? 'private' : 'public',
        ...(authenticated === true ? { authenticated } : {}),
      })
      if (options.json === true) io.out.write(`${printableJson(made, 2)}\n`)
      else io.out.write(`${printable(memberText(made, 'id'))}  ${printable(memberText(made, 'type'))} keystore\n`)
    })
  examples(create, 'keystore create --name payments', `keystore create --private --id ${exampleId}`)

  const list = withInstance(keystores.command('list'))
    .description('the EP11 keystores of an instance')
    .addOption(new Option('--type <type>', 'only these').choices(['public', 'private']))
    .option('--name <name>', 'only those of this name')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const found = await (await openKeystores(io, options)).keystores({ type: options.type, name: options.name })
      printList(io, options.json, 'keystores', found, [
        { title: 'id' },
        { title: 'name', isWide: true },
        { title: 'type' },
        { title: 'objects' },
        { title: 'authenticated', isExtra: true },
        { title: 'created', of: (keystore) => memberText(keystore, 'createdAt'), isExtra: true },
      ])
    })
  examples(list, 'keystore list', 'keystore list --type private')

  const show = withInstance(keystores.command('show'))
    .description('one EP11 keystore, or one key or other object in it')
    .argument('<keystore>', 'its id')
    .argument('[key]', 'the id of a key in it; the blob of a key is of use to the crypto units only')
    .option('--json', 'as JSON')
    .action(async (keystore: string, key: string | undefined, options: Options) => {
      const api = await openKeystores(io, options)
      printOne(io, options.json, key === undefined ? await api.keystore(keystore) : await api.key(keystore, key))
    })
  examples(show, `keystore show ${exampleId}`, `keystore show ${exampleId} 7c9e6679-7425-40de-944b-e07fc1f90ae7 --json`)

  const remove = withInstance(keystores.command('delete'))
    .description('delete an EP11 keystore with all that is in it, for ever')
    .argument('<keystore>', 'its id')
    .option('--yes', 'this is meant')
    .action((keystore: string, options: DeleteOptions) => deleteKeystore(io, keystore, options))
  examples(remove, `keystore delete ${exampleId} --yes`)
}

async function deleteKeystore(io: Surroundings, id: string, options: DeleteOptions): Promise<void> {
  const what = `deleting keystore ${printable(id)} makes everything that its keys encrypt unreadable`
  if (options.yes === true || io.confirm === undefined) {
    await makeSure(io, what, options.yes)
    await (await openKeystores(io, options)).deleteKeystore(id)
  } else {
    const api = await openKeystores(io, options)
    const keystore = await api.keystore(id)
    const objects = formatNumberOf(Number(keystore['objects']), 'object')
    const name = memberText(keystore, 'name')
    io.err.write(
      `${printable(`${memberText(keystore, 'type')} keystore ${name === '' ? id : name}`)}: ${objects} in it\n`,
    )
    await makeSure(io, what, undefined)
    const advice = { PRECONDITION_FAILED: 'something came into it or left it since; look at it again' }
    // What was shown is what goes.
    await advised(advice, api.deleteKeystore(id, versionOf(keystore)))
  }
  io.out.write(`deleted ${printable(id)}\n`)
}
