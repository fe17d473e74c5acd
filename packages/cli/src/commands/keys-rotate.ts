/** `keywitness keys rotate`: a new version of a root key; what older versions wrapped stays readable. */
import type { Command } from 'commander'
import { examples, importOptions, type ImportOptions, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { importMembers } from '../secure-import.ts'
import type { Surroundings } from '../surroundings.ts'

type Options = InstanceOptions & ImportOptions

export function addKeysRotate(keys: Command, io: Surroundings): void {
  const command = importOptions(withInstance(keys.command('rotate')), 'of an imported key: the new material')
    .description('a new version of a root key; what older versions wrapped stays readable')
    .argument('<key>', "the key's id or alias")
    .action(async (id: string, options: Options) => {
      const kms = await openKms(io, options)
      const json = await importMembers(kms, options)
      await kms.send('POST', kmsPath`/keys/${id}/actions/rotate`, json === undefined ? {} : { json })
      io.out.write(`rotated ${printable(id)}\n`)
    })
  examples(
    command,
    'keys rotate 0190a2b4-5f6a-4c3d-8e9f-001122334455',
    'keys rotate brought-in --material new.bin --import-token key-protect',
  )
}
