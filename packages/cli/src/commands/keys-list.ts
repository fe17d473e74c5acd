/** `keywitness keys list`: the keys of a service instance. */
import type { Command } from 'commander'
import { examples, withInstance, wholeNumber } from '../command-options.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'

interface Options extends InstanceOptions {
  readonly limit: number
  readonly offset: number
  readonly json?: boolean
}

export function addKeysList(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('list'))
    .description('the keys of a service instance')
    .option('-n, --limit <count>', 'keys at most', wholeNumber(1, 5000), 200)
    .option('--offset <count>', 'keys to skip', wholeNumber(0, 1_000_000), 0)
    .option('--json', 'as JSON, with all fields')
    .action((options: Options) => listKeys(io, options))
  examples(command, 'keys list', 'keys list --limit 10 --json')
}

async function listKeys(io: Surroundings, options: Options): Promise<void> {
  const keys = await (await openKms(io, options)).list(options.limit, options.offset)
  if (options.json === true) {
    io.out.write(`${printableJson({ keys: keys.map(({ resource }) => resource) }, 2)}\n`)
    return
  }
  const cells = keys.map(({ id, name, kind, state, created }) => [id, name, kind, state, created].map(printable))
  const columns = [
    { title: 'id' },
    { title: 'name', isWide: true },
    { title: 'kind' },
    { title: 'state' },
    { title: 'created' },
  ]
  io.out.write(table(io, columns, cells))
}
