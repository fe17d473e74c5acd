/** `keywitness aliases create` and `aliases delete`: other names of keys. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

export function addAliases(aliases: Command, io: Surroundings): void {
  const create = withInstance(aliases.command('create'))
    .description('another name for a key, by which it can be used')
    .argument('<key>', "the key's id or one of its aliases")
    .argument('<alias>', 'letters, digits, - and _')
    .action(async (key: string, alias: string, options: InstanceOptions) => {
      await (await openKms(io, options)).send('POST', kmsPath`/keys/${key}/aliases/${alias}`)
      io.out.write(`${printable(alias)} is ${printable(key)}\n`)
    })
  examples(create, 'aliases create 0190a2b4-5f6a-4c3d-8e9f-001122334455 billing-2026')

  const remove = withInstance(aliases.command('delete'))
    .description('take a name from a key')
    .argument('<key>', "the key's id or one of its aliases")
    .argument('<alias>', 'the name')
    .action(async (key: string, alias: string, options: InstanceOptions) => {
      await (await openKms(io, options)).send('DELETE', kmsPath`/keys/${key}/aliases/${alias}`)
      io.out.write(`deleted ${printable(alias)}\n`)
    })
  examples(remove, 'aliases delete 0190a2b4-5f6a-4c3d-8e9f-001122334455 billing-2026')
}
