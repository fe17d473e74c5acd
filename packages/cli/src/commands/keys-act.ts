/** `keywitness keys enable`, `disable` and the other actions that need nothing but the key. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Act {
  readonly name: string
  readonly description: string
  readonly path: (key: string) => string
  readonly did: string
}

const acts: readonly Act[] = [
  {
    name: 'disable',
    description: 'suspend a root key: nothing can be wrapped or unwrapped with it',
    path: (key) => kmsPath`/keys/${key}/actions/disable`,
    did: 'disabled',
  },
  {
    name: 'enable',
    description: 'take a suspended root key into use again',
    path: (key) => kmsPath`/keys/${key}/actions/enable`,
    did: 'enabled',
  },
  {
    name: 'restore',
    description: 'bring a deleted key back, within 30 days',
    path: (key) => kmsPath`/keys/${key}/restore`,
    did: 'restored',
  },
  {
    name: 'set-for-deletion',
    description: 'authorize the deletion of a key under dual authorization; somebody else deletes it within 7 days',
    path: (key) => kmsPath`/keys/${key}/actions/setKeyForDeletion`,
    did: 'set for deletion:',
  },
  {
    name: 'unset-for-deletion',
    description: 'withdraw the authorization to delete a key',
    path: (key) => kmsPath`/keys/${key}/actions/unsetKeyForDeletion`,
    did: 'no longer set for deletion:',
  },
  {
    name: 'sync',
    description: 'notify the services that use a key of its state once more',
    path: (key) => kmsPath`/keys/${key}/actions/sync`,
    did: 'synchronized',
  },
]

export function addKeysActs(keys: Command, io: Surroundings): void {
  for (const { name, description, path, did } of acts) {
    const command = withInstance(keys.command(name))
      .description(description)
      .argument('<key>', "the key's id or alias")
      .action(async (key: string, options: InstanceOptions) => {
        await (await openKms(io, options)).send('POST', path(key))
        io.out.write(`${did} ${printable(key)}\n`)
      })
    examples(command, `keys ${name} 0190a2b4-5f6a-4c3d-8e9f-001122334455`)
  }
}
