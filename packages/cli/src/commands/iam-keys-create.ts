/** `keywitness iam keys create`: a new API key; its secret is shown this once. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { create, textOf } from '../iam-api.ts'
import { printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends ServerOptions {
  readonly json?: boolean
}

export function addIamKeysCreate(keys: Command, io: Surroundings): void {
  const command = withServer(keys.command('create'))
    .description('a new API key; its secret is the output, this once')
    .argument('<identity>', 'the user or service ID it signs in')
    .argument('<name>', 'what it is for')
    .option('--json', 'as JSON')
    .action((identity: string, name: string, options: Options) => createApiKey(io, identity, name, options))
  examples(command, 'iam keys create iam-ServiceId-0190a2b4-5f6a-4c3d-8e9f-001122334455 nightly > nightly.key')
}

async function createApiKey(io: Surroundings, identity: string, name: string, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const created = await create(client, '/v1/iam/api-keys', { identity, name })
  const secret = textOf(created, 'apikey')
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new CliError('BAD_ANSWER', 'the server gave no API key')
  if (options.json === true) io.out.write(`${printableJson(created, 2)}\n`)
  else io.out.write(`${secret}\n`)
  io.err.write('Keep it now: the server has only its hash, and will not show it again.\n')
}
