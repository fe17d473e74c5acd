/** `keywitness iam service-ids create`: an identity for a program. */
import type { Command } from 'commander'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { create, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends ServerOptions {
  readonly description?: string
  readonly json?: boolean
}

export function addIamServiceIdsCreate(serviceIds: Command, io: Surroundings): void {
  const command = withServer(serviceIds.command('create'))
    .description('an identity for a program; give it an API key and roles afterwards')
    .argument('<name>', 'shown in events')
    .option('--description <text>', 'what it is for')
    .option('--json', 'as JSON')
    .action((name: string, options: Options) => createServiceId(io, name, options))
  examples(command, 'iam service-ids create nightly-backup --description "Wraps the backup keys"')
}

async function createServiceId(io: Surroundings, name: string, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const { description } = options
  const json = { name, ...(description === undefined ? {} : { description }) }
  const created = await create(client, '/v1/iam/service-ids', json)
  if (options.json === true) io.out.write(`${printableJson(created, 2)}\n`)
  else io.out.write(`${printable(textOf(created, 'id'))}  ${printable(name)}\n`)
}
