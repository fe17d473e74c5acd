/** `keywitness log checkpoints`: the signed heads that the log keeps, any two of which can be compared. */
import type { Command } from 'commander'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { keptCheckpoints } from '../log-api.ts'
import { formatCount } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly limit: number
  readonly json?: boolean
}

export function addLogCheckpoints(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('checkpoints'))
    .description('the signed heads that the log keeps: the first of each hour, and those handed out; largest first')
    .option('--limit <count>', 'how many', wholeNumber(1, 1_000_000), 50)
    .option('--json', 'as JSON, with the signed notes')
    .action(async (options: Options) => {
      const found = await keptCheckpoints(await openTrail(io, options), options.limit)
      const checkpoints = found.map(({ size, root, signedAt, note }) => ({ size, signedAt, root, note }))
      printList(io, options.json, 'checkpoints', checkpoints, [
        { title: 'size', of: ({ size }) => (io.out.isTerminal ? formatCount(size) : String(size)) },
        { title: 'signedAt' },
        { title: 'root', isWide: true },
      ])
    })
  examples(command, 'log checkpoints', 'log checkpoints --json', 'log consistency 120000 240000')
}
