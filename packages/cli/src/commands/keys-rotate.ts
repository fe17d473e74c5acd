/** `keywitness keys rotate`: a new version of a root key; what older versions wrapped stays readable. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { readInput } from '../input-file.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly material?: string
}

export function addKeysRotate(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('rotate'))
    .description('a new version of a root key; what older versions wrapped stays readable')
    .argument('<key>', "the key's id or alias")
    .option('--material <file>', 'of an imported key: the new material (- is the standard input)')
    .action(async (id: string, options: Options) => {
      const { material } = options
      const json = material === undefined ? {} : { payload: (await readInput(material)).toString('base64') }
      const request = material === undefined ? {} : { json }
      await (await openKms(io, options)).send('POST', kmsPath`/keys/${id}/actions/rotate`, request)
      io.out.write(`rotated ${printable(id)}\n`)
    })
  examples(command, 'keys rotate 0190a2b4-5f6a-4c3d-8e9f-001122334455')
}
