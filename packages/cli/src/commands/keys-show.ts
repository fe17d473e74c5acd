/** `keywitness keys show` and `keys versions`: what is known about a key, never its material. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface VersionsOptions extends Options {
  readonly limit: number
  readonly all?: boolean
}

export function addKeysShow(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('show'))
    .description('what is known about a key, without its material')
    .argument('<key>', "the key's id or alias")
    .option('--json', 'as JSON')
    .action(async (id: string, options: Options) => {
      printOne(io, options.json, await (await openKms(io, options)).resource('GET', kmsPath`/keys/${id}/metadata`))
    })
  examples(command, 'keys show billing-2026', 'keys show 0190a2b4-5f6a-4c3d-8e9f-001122334455 --json')
}

export function addKeysVersions(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('versions'))
    .description('the versions of a root key, newest first')
    .argument('<key>', "the key's id or alias")
    .option('-n, --limit <count>', 'versions at most', wholeNumber(1, 5000), 200)
    .option('--all', 'also while the key is not active')
    .option('--json', 'as JSON')
    .action(async (id: string, options: VersionsOptions) => {
      const query = { limit: options.limit, allKeyStates: options.all === true ? 'true' : undefined }
      const path = kmsPath`/keys/${id}/versions`
      const versions = await (await openKms(io, options)).resources('GET', path, { query })
      printList(io, options.json, 'versions', versions, [
        { title: 'id' },
        { title: 'created', of: (version) => memberText(version, 'creationDate') },
      ])
    })
  examples(command, 'keys versions billing-2026', 'keys versions billing-2026 --all --json')
}
