/** `keywitness trackers remove` and `removed`: proposing that a tracker ends, and those that did. */
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withServer, withTrail } from '../command-options.ts'
import { connect, type ServerOptions } from '../connection.ts'
import type { Item } from '../iam-api.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'
import { propose } from './proposals.ts'

interface RemoveOptions extends TrailOptions {
  readonly json?: boolean
}

export function addTrackersRemoved(trackers: Command, io: Surroundings): void {
  const remove = withTrail(trackers.command('remove'))
    .description('propose that a tracker ends with a final checkpoint; another person must approve')
    .option('--json', 'as JSON')
    .action(async (options: RemoveOptions) => {
      if (options.location === undefined) throw new CliError('BAD_INPUT', 'name the tracker with --location')
      await propose(io, await openTrail(io, options), { kind: 'tracker-removal' }, options.json === true)
    })
  examples(remove, 'trackers remove --location eu-de')

  const removed = withServer(trackers.command('removed'))
    .description('trackers that were removed: each is in the folder archive, under its id, and still verifies')
    .option('--json', 'as JSON')
    .action(async (options: ServerOptions & { readonly json?: boolean }) => {
      const { client } = await connect(io, options)
      const found = memberOf(await client.json('/v1/removed-trackers'), 'trackers')
      if (!Array.isArray(found)) throw new CliError('BAD_ANSWER', 'the server answered without trackers')
      printList(io, options.json, 'trackers', found as Item[], [
        { title: 'id' },
        { title: 'location' },
        { title: 'state' },
        { title: 'removedAt' },
        { title: 'size' },
        { title: 'origin', isWide: true },
      ])
    })
  examples(removed, 'trackers removed', 'trackers removed --json')
}
