/** `keywitness keys purge`: erases a deleted key for good. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly yes?: boolean
}

export function addKeysPurge(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('purge'))
    .description('erase a deleted key for good, 4 hours after its deletion; needs the role KeyPurge')
    .argument('<key>', "the key's id")
    .option('--yes', 'this is meant')
    .action(async (key: string, options: Options) => {
      if (options.yes !== true) {
        const what = `purging key ${printable(key)} cannot be undone`
        throw new CliError('BAD_INPUT', what, 'if that is meant, add --yes')
      }
      await (await openKms(io, options)).send('DELETE', kmsPath`/keys/${key}/purge`)
      io.out.write(`purged ${printable(key)}\n`)
    })
  examples(command, 'keys purge 0190a2b4-5f6a-4c3d-8e9f-001122334455 --yes')
}
