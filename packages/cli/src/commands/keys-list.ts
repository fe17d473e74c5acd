/** `keywitness keys list`: the keys of a service instance. */
import type { Command } from 'commander'
import { examples, withInstance, wholeNumber } from '../command-options.ts'
import { kindText, stateText } from '../key-text.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly limit: number
  readonly offset: number
  readonly search?: string
  readonly filter?: string
  readonly state?: string
  readonly sort?: string
  readonly ring?: string
  readonly json?: boolean
}

export function addKeysList(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('list'))
    .description('the keys of a service instance')
    .option('-n, --limit <count>', 'keys at most', wholeNumber(1, 5000), 200)
    .option('--offset <count>', 'keys to skip', wholeNumber(0, 1_000_000), 0)
    .option('--search <text>', 'part of a name, alias or id; exact:, not:, name: and alias: before it')
    .option('--filter <terms>', 'such as \'state=1 creationDate=gte:"2026-01-01T00:00:00Z"\'')
    .option('--state <numbers>', 'only these states: 0 pre-active, 1 active, 2 suspended, 3 deactivated, 5 destroyed')
    .option('--sort <properties>', 'such as -creationDate')
    .option('--ring <ring>', 'only keys of this ring')
    .option('--json', 'as JSON, with all fields')
    .action((options: Options) => listKeys(io, options))
  examples(command, 'keys list', 'keys list --search billing --state 1,2', 'keys list --limit 10 --json')
}

async function listKeys(io: Surroundings, options: Options): Promise<void> {
  const { limit, offset, search, filter, state, sort, ring } = options
  const keys = await (
    await openKms(io, options)
  ).resources('GET', '/keys', {
    query: { limit, offset, search, filter, state, sort },
    ...(ring === undefined ? {} : { headers: { 'x-kms-key-ring': ring } }),
  })
  printList(io, options.json, 'keys', keys, [
    { title: 'id' },
    { title: 'name', isWide: true },
    { title: 'kind', of: kindText },
    { title: 'state', of: stateText },
    { title: 'created', of: (key) => memberText(key, 'creationDate') },
  ])
}
