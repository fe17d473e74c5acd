/** `keywitness iam keys list`: the API keys of the account; their secrets are shown at creation only. */
import type { Command } from 'commander'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { listAll, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'

interface Options extends ServerOptions {
  readonly identity?: string
  readonly json?: boolean
}

export function addIamKeysList(keys: Command, io: Surroundings): void {
  const command = withServer(keys.command('list'))
    .description('the API keys of the account, without their secrets')
    .option('--identity <id>', 'of this user or service ID only')
    .option('--json', 'as JSON')
    .action((options: Options) => listApiKeys(io, options))
  examples(command, 'iam keys list', 'iam keys list --identity iam-ServiceId-0190a2b4-5f6a-4c3d-8e9f-001122334455')
}

async function listApiKeys(io: Surroundings, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const apiKeys = await listAll(client, '/v1/iam/api-keys', 'apiKeys', { identity: options.identity })
  if (options.json === true) {
    io.out.write(`${printableJson({ apiKeys }, 2)}\n`)
    return
  }
  const names = ['id', 'name', 'identity', 'state', 'createdAt']
  const cells = apiKeys.map((key) => names.map((name) => printable(textOf(key, name))))
  io.out.write(
    table(
      io,
      names.map((title) => ({ title, isWide: title === 'name' })),
      cells,
    ),
  )
}
