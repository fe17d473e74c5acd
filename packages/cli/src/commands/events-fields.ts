/** `keywitness events fields`: what a query may name. */
import type { Command } from 'commander'
import { queryFields, shortFields } from '@keywitness/cadf'
import { examples } from '../command-options.ts'
import { printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'

interface Options {
  readonly all?: boolean
  readonly json?: boolean
}

export function addEventsFields(events: Command, io: Surroundings): void {
  const command = events
    .command('fields')
    .description('the fields a query may name')
    .option('--all', 'every member of every event, not the short names only')
    .option('--json', 'as JSON')
    .action((options: Options) => {
      const fields = (options.all === true ? queryFields() : shortFields).map(({ name, kind, meaning }) => ({
        name,
        kind,
        meaning,
      }))
      if (options.json === true) return io.out.write(`${printableJson({ fields }, 2)}\n`)
      const cells = fields.map(({ name, kind, meaning }) => [name, kind, meaning])
      io.out.write(table(io, [{ title: 'field' }, { title: 'kind' }, { title: 'meaning', isWide: true }], cells))
    })
  examples(command, 'events fields', 'events fields --all --json')
}
