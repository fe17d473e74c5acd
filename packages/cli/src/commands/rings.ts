/** `keywitness rings list`, `create` and `delete`: groups of keys that roles can be granted on. */
import type { Command } from 'commander'
import { examples, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface ListOptions extends InstanceOptions {
  readonly json?: boolean
}

interface DeleteOptions extends InstanceOptions {
  readonly force?: boolean
}

export function addRings(rings: Command, io: Surroundings): void {
  const list = withInstance(rings.command('list'))
    .description('the key rings of a service instance')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const found = await (await openKms(io, options)).resources('GET', '/key_rings')
      printList(io, options.json, 'rings', found, [
        { title: 'id', isWide: true },
        { title: 'created', of: (ring) => memberText(ring, 'creationDate') },
        { title: 'by', of: (ring) => memberText(ring, 'createdBy') },
      ])
    })
  examples(list, 'rings list')

  const create = withInstance(rings.command('create'))
    .description('a new key ring')
    .argument('<ring>', 'letters, digits, - and _')
    .action(async (ring: string, options: InstanceOptions) => {
      await (await openKms(io, options)).send('POST', kmsPath`/key_rings/${ring}`)
      io.out.write(`created ${printable(ring)}\n`)
    })
  examples(create, 'rings create finance')

  const remove = withInstance(rings.command('delete'))
    .description('delete an empty key ring')
    .argument('<ring>', 'its id')
    .option('--force', 'also with destroyed keys in it: they go to the ring "default"')
    .action(async (ring: string, options: DeleteOptions) => {
      const query = options.force === true ? { query: { force: 'true' } } : {}
      await (await openKms(io, options)).send('DELETE', kmsPath`/key_rings/${ring}`, query)
      io.out.write(`deleted ${printable(ring)}\n`)
    })
  examples(remove, 'rings delete finance', 'rings delete finance --force')
}
