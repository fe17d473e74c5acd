/** `keywitness iam users list` and `create`: the people of the account. */
import type { Command } from 'commander'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { create, listAll, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface ListOptions extends ServerOptions {
  readonly json?: boolean
}

interface CreateOptions extends ListOptions {
  readonly email?: string
}

export function addIamUsers(users: Command, io: Surroundings): void {
  const list = withServer(users.command('list'))
    .description('the users of the account')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const { client } = await connect(io, options)
      printList(io, options.json, 'users', await listAll(client, '/v1/iam/users', 'users'), [
        { title: 'id' },
        { title: 'name', isWide: true },
        { title: 'email' },
        { title: 'state' },
        { title: 'createdAt' },
      ])
    })
  examples(list, 'iam users list')

  const add = withServer(users.command('create'))
    .description('a new user')
    .argument('<name>', 'shown in events')
    .option('--email <address>', 'login name')
    .option('--json', 'as JSON')
    .action(async (name: string, options: CreateOptions) => {
      const { client } = await connect(io, options)
      const { email } = options
      const created = await create(client, '/v1/iam/users', { name, ...(email === undefined ? {} : { email }) })
      if (options.json === true) io.out.write(`${printableJson(created, 2)}\n`)
      else io.out.write(`${printable(textOf(created, 'id'))}  ${printable(name)}\n`)
    })
  examples(add, 'iam users create Ana --email ana@example.com')
}
