/** `keywitness adopters list`, `show`, `create`, `update` and `delete`: where adopting services are told. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { change, create, type Item, listAll, read, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends ServerOptions {
  readonly json?: boolean
}

interface UpdateOptions extends Options {
  readonly webhook?: string
  readonly renewSecret?: boolean
}

interface DeleteOptions extends ServerOptions {
  readonly yes?: boolean
}

const service = 'iam-ServiceId-0190a2b4-5f6a-4c3d-8e9f-001122334455'

/** @param id of a service ID; what is put in cannot reach another path */
export function adopterPath(id: string): string {
  return `/v1/adopters/${encodeURIComponent(id)}`
}

export function addAdopters(adopters: Command, io: Surroundings): void {
  addReading(adopters, io)
  const add = withServer(adopters.command('create'))
    .description('say where a service is told; the secret that signs its messages is the output, this once')
    .argument('<service>', 'its service ID')
    .argument('<webhook>', 'where messages are sent: https://…')
    .option('--json', 'as JSON')
    .action(async (serviceId: string, url: string, options: Options) => {
      const { client } = await connect(io, options)
      printSecret(io, options, await create(client, '/v1/adopters', { serviceId, url }))
    })
  examples(add, `adopters create ${service} https://storage.example.com/hooks/keys > storage.secret`)

  const update = withServer(adopters.command('update'))
    .description('change where a service is told, or make a new secret for it')
    .argument('<service>', 'its service ID')
    .option('--webhook <url>', 'where messages are sent from now on')
    .option('--renew-secret', 'a new secret, which is the output; the old one ends at once')
    .option('--json', 'as JSON')
    .action((id: string, options: UpdateOptions) => updateAdopter(io, id, options))
  examples(
    update,
    `adopters update ${service} --webhook https://storage.example.com/keys`,
    `adopters update ${service} --renew-secret > storage.secret`,
  )

  const remove = withServer(adopters.command('delete'))
    .description('tell a service no more; its secret and the messages that wait for it end')
    .argument('<service>', 'its service ID')
    .option('--yes', 'this is meant')
    .action(async (id: string, options: DeleteOptions) => {
      if (options.yes !== true) {
        throw new CliError(
          'BAD_INPUT',
          `the secret of ${printable(id)} and the messages that wait for it cannot be brought back`,
          'if that is meant, add --yes',
        )
      }
      const { client } = await connect(io, options)
      await client.text(adopterPath(id), { method: 'DELETE' })
      io.out.write(`deleted ${printable(id)}\n`)
    })
  examples(remove, `adopters delete ${service} --yes`)
}

function addReading(adopters: Command, io: Surroundings): void {
  const list = withServer(adopters.command('list'))
    .description('the services that are told what happens to their keys')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      const { client } = await connect(io, options)
      printList(io, options.json, 'adopters', await listAll(client, '/v1/adopters', 'adopters'), [
        { title: 'serviceId' },
        { title: 'name' },
        { title: 'url', isWide: true },
        { title: 'waiting' },
        { title: 'dead' },
      ])
    })
  examples(list, 'adopters list', 'adopters list --json')

  const show = withServer(adopters.command('show'))
    .description('where a service is told, and how many messages wait or were given up; never its secret')
    .argument('<service>', 'its service ID')
    .option('--json', 'as JSON')
    .action(async (id: string, options: Options) => {
      const { client } = await connect(io, options)
      printOne(io, options.json, await read(client, adopterPath(id)))
    })
  examples(show, `adopters show ${service}`)
}

async function updateAdopter(io: Surroundings, id: string, options: UpdateOptions): Promise<void> {
  const { webhook, renewSecret } = options
  if (webhook === undefined && renewSecret !== true) {
    throw new CliError('BAD_INPUT', 'nothing to change', 'give --webhook or --renew-secret')
  }
  const { client } = await connect(io, options)
  const wish = { ...(webhook === undefined ? {} : { url: webhook }), ...(renewSecret === true ? { renewSecret } : {}) }
  const changed = await change(client, adopterPath(id), wish)
  if (renewSecret === true) printSecret(io, options, changed)
  else if (options.json === true) io.out.write(`${printableJson(changed, 2)}\n`)
  else io.out.write(`changed ${printable(id)}\n`)
}

function printSecret(io: Surroundings, options: Options, adopter: Item): void {
  const secret = textOf(adopter, 'secret')
  if (!/^whsec_[\w+/=-]+$/.test(secret)) throw new CliError('BAD_ANSWER', 'the server gave no signing secret')
  io.out.write(options.json === true ? `${printableJson(adopter, 2)}\n` : `${secret}\n`)
  io.err.write('Keep it now: the server will not show it again.\n')
}
