/** `keywitness iam service-ids list`: the service IDs of the account. */
import type { Command } from 'commander'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { listAll, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'

interface Options extends ServerOptions {
  readonly json?: boolean
}

export function addIamServiceIdsList(serviceIds: Command, io: Surroundings): void {
  const command = withServer(serviceIds.command('list'))
    .description('the service IDs of the account')
    .option('--json', 'as JSON')
    .action((options: Options) => listServiceIds(io, options))
  examples(command, 'iam service-ids list')
}

async function listServiceIds(io: Surroundings, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const serviceIds = await listAll(client, '/v1/iam/service-ids', 'serviceIds')
  if (options.json === true) {
    io.out.write(`${printableJson({ serviceIds }, 2)}\n`)
    return
  }
  const names = ['id', 'name', 'state', 'createdAt', 'description']
  const cells = serviceIds.map((one) => names.map((name) => printable(textOf(one, name))))
  io.out.write(
    table(
      io,
      names.map((title) => ({ title, isWide: title === 'description' })),
      cells,
    ),
  )
}
