/** `keywitness registrations list`: what is protected by which key. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly key?: string
  readonly crn?: string
  readonly limit: number
  readonly json?: boolean
}

export function addRegistrationsList(registrations: Command, io: Surroundings): void {
  const command = withInstance(registrations.command('list'))
    .description('the resources that services registered with keys')
    .option('--key <key>', 'only those of one key')
    .option('--crn <crn>', 'only these resources; * stands for any part')
    .option('-n, --limit <count>', 'registrations at most', wholeNumber(1, 5000), 200)
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      const { key, crn, limit } = options
      const path = key === undefined ? '/keys/registrations' : kmsPath`/keys/${key}/registrations`
      const query = { limit, urlEncodedResourceCRNQuery: crn }
      const found = await (await openKms(io, options)).resources('GET', path, { query })
      printList(io, options.json, 'registrations', found, [
        { title: 'key', of: (one) => memberText(one, 'keyId') },
        { title: 'resource', isWide: true, of: (one) => memberText(one, 'resourceCrn') },
        { title: 'prevents deletion', of: (one) => (one['preventKeyDeletion'] === true ? 'yes' : 'no') },
      ])
    })
  examples(command, 'registrations list', 'registrations list --key billing-2026 --json')
}
