/** `keywitness keys rotate`: a new version of a root key; what older versions wrapped stays readable. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

export function addKeysRotate(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('rotate'))
    .description('a new version of a root key; what older versions wrapped stays readable')
    .argument('<id>', "the key's id")
    .action(async (id: string, options: InstanceOptions) => {
      await (await openKms(io, options)).rotate(id)
      io.out.write(`rotated ${printable(id)}\n`)
    })
  examples(command, 'keys rotate 0190a2b4-5f6a-4c3d-8e9f-001122334455')
}
