/** `keywitness iam … disable`, `enable` and `delete`: of users, service IDs and API keys, under the same words. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface DeleteOptions extends ServerOptions {
  readonly yes?: boolean
}

/** What the commands act on. */
interface Kind {
  /** Below `/v1/iam/`, and the name of the group. */
  readonly path: string
  readonly group: string
  readonly what: string
  /** An id of the kind, for the examples. */
  readonly example: string
}

export const users: Kind = {
  path: 'users',
  group: 'users',
  what: 'a user',
  example: 'KWid-0190a2b4-5f6a-7c3d-8e9f-001122334455',
}
export const serviceIds: Kind = {
  path: 'service-ids',
  group: 'service-ids',
  what: 'a service ID',
  example: 'iam-ServiceId-0190a2b4-5f6a-7c3d-8e9f-001122334455',
}
export const apiKeys: Kind = {
  path: 'api-keys',
  group: 'keys',
  what: 'an API key',
  example: 'ApiKey-0190a2b4-5f6a-7c3d-8e9f-001122334455',
}

export function addIamStates(group: Command, io: Surroundings, kind: Kind): void {
  for (const [name, state, description] of [
    ['disable', 'disabled', `refuse ${kind.what} from now on`],
    ['enable', 'active', `accept ${kind.what} again`],
  ] as const) {
    const command = withServer(group.command(name))
      .description(description)
      .argument('<id>', 'its id')
      .action(async (id: string, options: ServerOptions) => {
        const { client } = await connect(io, options)
        await client.text(pathOf(kind, id), { method: 'PATCH', json: { state } })
        io.out.write(`${name}d ${printable(id)}\n`)
      })
    examples(command, `iam ${kind.group} ${name} ${kind.example}`)
  }
  const remove = withServer(group.command('delete'))
    .description(`delete ${kind.what}`)
    .argument('<id>', 'its id')
    .option('--yes', 'this is meant')
    .action(async (id: string, options: DeleteOptions) => {
      if (options.yes !== true) {
        throw new CliError('BAD_INPUT', `${printable(id)} cannot be brought back`, 'if that is meant, add --yes')
      }
      const { client } = await connect(io, options)
      await client.text(pathOf(kind, id), { method: 'DELETE' })
      io.out.write(`deleted ${printable(id)}\n`)
    })
  examples(remove, `iam ${kind.group} delete ${kind.example} --yes`)
}

function pathOf({ path }: Kind, id: string): string {
  return `/v1/iam/${path}/${encodeURIComponent(id)}`
}
