/** `keywitness keys move`: into another key ring. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

export function addKeysMove(keys: Command, io: Surroundings): void {
  const command = withInstance(keys.command('move'))
    .description('move a key into another key ring')
    .argument('<key>', "the key's id or alias")
    .argument('<ring>', 'the ring it goes into')
    .action(async (key: string, ring: string, options: InstanceOptions) => {
      await (await openKms(io, options)).send('PATCH', kmsPath`/keys/${key}`, { json: { keyRingID: ring } })
      io.out.write(`moved ${printable(key)} into ${printable(ring)}\n`)
    })
  examples(command, 'keys move billing-2026 finance')
}
