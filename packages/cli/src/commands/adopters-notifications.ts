/** `keywitness adopters notifications` and `resend`: messages that did not reach a service. */
import { type Command, Option } from 'commander'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { listAll } from '../iam-api.ts'
import { printable } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { adopterPath } from './adopters.ts'

interface ListOptions extends ServerOptions {
  readonly state: string
  readonly json?: boolean
}

const service = 'iam-ServiceId-0190a2b4-5f6a-4c3d-8e9f-001122334455'

export function addAdopterNotifications(adopters: Command, io: Surroundings): void {
  const list = withServer(adopters.command('notifications'))
    .description('messages to a service that were given up, or still wait, oldest first')
    .argument('<service>', 'its service ID')
    .addOption(new Option('--state <state>', 'which ones').choices(['dead', 'waiting']).default('dead'))
    .option('--json', 'as JSON')
    .action(async (id: string, { state, ...options }: ListOptions) => {
      const { client } = await connect(io, options)
      const found = await listAll(client, `${adopterPath(id)}/notifications`, 'notifications', { state })
      printList(io, options.json, 'notifications', found, [
        { title: 'id' },
        { title: 'type' },
        { title: 'createdAt' },
        { title: 'attempts' },
        { title: 'problem', isWide: true },
      ])
    })
  examples(list, `adopters notifications ${service}`, `adopters notifications ${service} --state waiting --json`)

  const resend = withServer(adopters.command('resend'))
    .description('send a message again that was given up')
    .argument('<service>', 'its service ID')
    .argument('<notification>', 'its id')
    .action(async (id: string, notification: string, options: ServerOptions) => {
      const { client } = await connect(io, options)
      const path = `${adopterPath(id)}/notifications/${encodeURIComponent(notification)}/resend`
      await client.text(path, { method: 'POST' })
      io.out.write(`sent again ${printable(notification)}\n`)
    })
  examples(resend, `adopters resend ${service} 0190a2b4-5f6a-7c3d-8e9f-001122334455`)
}
