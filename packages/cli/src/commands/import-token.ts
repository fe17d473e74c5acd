/** `keywitness import-token create` and `show`: what encrypts material on its way into a root key. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface CreateOptions extends Options {
  readonly expires: number
  readonly retrievals: number
}

export function addImportToken(token: Command, io: Surroundings): void {
  const create = withInstance(token.command('create'))
    .description('a new import token; it replaces the one before')
    .option('--expires <seconds>', 'how long it can be used', wholeNumber(300, 86_400), 600)
    .option('--retrievals <count>', 'how often it may be retrieved', wholeNumber(1, 500), 1)
    .option('--json', 'as JSON')
    .action(async (options: CreateOptions) => {
      const json = { expiration: options.expires, maxAllowedRetrievals: options.retrievals }
      printOne(io, options.json, await (await openKms(io, options)).object('POST', '/import_token', { json }))
    })
  examples(create, 'import-token create', 'import-token create --expires 3600 --retrievals 5')

  const show = withInstance(token.command('show'))
    .description('retrieve the public key and the nonce that encrypt material; each time counts')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      printOne(io, options.json, await (await openKms(io, options)).object('GET', '/import_token'))
    })
  examples(show, 'import-token show --json > token.json')
}
