/** `keywitness kmip adapters …`: what binds a root key to clients that speak KMIP. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { envelope, type InstanceOptions, kmsPath, openKms, type Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface ListOptions extends Options {
  readonly key?: string
  readonly limit: number
}

interface CreateOptions extends Options {
  readonly name?: string
  readonly description?: string
  readonly allowExpiringKey?: boolean
}

export function addKmipAdapters(adapters: Command, io: Surroundings): void {
  const list = withInstance(adapters.command('list'))
    .description('the KMIP adapters of a service instance')
    .option('--key <key>', 'only those of one root key')
    .option('-n, --limit <count>', 'adapters at most', wholeNumber(1, 200), 100)
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const query = { limit: options.limit, crk_id: options.key }
      const found = await (await openKms(io, options)).resources('GET', '/kmip_adapters', { query })
      printList(io, options.json, 'adapters', found, [
        { title: 'id' },
        { title: 'name', isWide: true },
        { title: 'key', of: (adapter) => memberText((adapter['profile_data'] ?? {}) as Resource, 'crk_id') },
        { title: 'created', of: (adapter) => memberText(adapter, 'created_at') },
      ])
    })
  examples(list, 'kmip adapters list', 'kmip adapters list --key billing-2026')

  const create = withInstance(adapters.command('create'))
    .description('a new KMIP adapter; the root key wraps what its clients make')
    .argument('<key>', 'id or alias of the root key')
    .option('--name <name>', 'what it is called: letters, digits, - and _')
    .option('--description <text>', 'what it is for')
    .option('--allow-expiring-key', 'also when the root key expires one day')
    .option('--json', 'as JSON')
    .action(async (key: string, options: CreateOptions) => {
      const { name, description } = options
      const resource = {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        profile: 'native_1.0',
        profile_data: { crk_id: key },
      }
      const query = options.allowExpiringKey === true ? { query: { allowExpiringKey: 'true' } } : {}
      const request = { ...query, json: envelope('kmip_adapter', resource) }
      printOne(io, options.json, await (await openKms(io, options)).resource('POST', '/kmip_adapters', request))
    })
  examples(create, 'kmip adapters create billing-2026 --name vcenter')

  const show = withInstance(adapters.command('show'))
    .description('one KMIP adapter')
    .argument('<adapter>', 'its id or name')
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: Options) => {
      printOne(io, options.json, await (await openKms(io, options)).resource('GET', kmsPath`/kmip_adapters/${adapter}`))
    })
  examples(show, 'kmip adapters show vcenter')

  const remove = withInstance(adapters.command('delete'))
    .description('delete a KMIP adapter whose objects are all destroyed')
    .argument('<adapter>', 'its id or name')
    .action(async (adapter: string, options: InstanceOptions) => {
      await (await openKms(io, options)).send('DELETE', kmsPath`/kmip_adapters/${adapter}`)
      io.out.write(`deleted ${printable(adapter)}\n`)
    })
  examples(remove, 'kmip adapters delete vcenter')
}
