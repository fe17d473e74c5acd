/** `keywitness keys delete`: destroys a key; what it protects can no longer be read. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly force?: boolean
  readonly yes?: boolean
}

export function addKeysDelete(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('delete'))
    .description('destroy a key; what it protects can no longer be read, unless it is restored within 30 days')
    .argument('<key>', "the key's id or alias")
    .option('--force', 'even when it protects registered resources')
    .option('--yes', 'this is meant')
    .action((id: string, options: Options) => deleteKey(io, id, options))
  examples(command, 'keys delete 0190a2b4-5f6a-4c3d-8e9f-001122334455 --yes')
}

async function deleteKey(io: Surroundings, id: string, options: Options): Promise<void> {
  if (options.yes !== true) {
    const what = `deleting key ${printable(id)} makes everything it protects unreadable`
    throw new CliError('BAD_INPUT', what, 'if that is meant, add --yes')
  }
  const query = options.force === true ? { query: { force: 'true' } } : {}
  await (await openKms(io, options)).send('DELETE', kmsPath`/keys/${id}`, query)
  io.out.write(`deleted ${printable(id)}\n`)
}
