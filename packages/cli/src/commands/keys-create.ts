/** `keywitness keys create`: a new key, made inside the crypto unit. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly standard?: boolean
  readonly json?: boolean
}

export function addKeysCreate(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('create'))
    .description('a new key, made inside the crypto unit: a root key, unless --standard')
    .argument('<name>', 'what it is called')
    .option('--standard', 'a standard key, whose material can be taken out')
    .option('--json', 'as JSON')
    .action((name: string, options: Options) => createKey(io, name, options))
  examples(command, 'keys create billing', 'keys create session-secret --standard --json')
}

async function createKey(io: Surroundings, name: string, options: Options): Promise<void> {
  const kind = options.standard === true ? 'standard' : 'root'
  const { id, resource } = await (await openKms(io, options)).create(name, kind)
  if (options.json === true) io.out.write(`${printableJson(resource, 2)}\n`)
  else io.out.write(`${printable(id)}  ${kind} key ${printable(name)}\n`)
}
