/** `keywitness retention show` and `set`: for how long a tracker keeps events. */
import type { Command } from 'commander'
import { memberOf, Refused } from '../api-client.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { read } from '../iam-api.ts'
import { formatCount, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'
import { propose } from './proposals.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

export function addRetention(retention: Command, io: Surroundings): void {
  const show = withTrail(retention.command('show'))
    .description('for how long events are kept at least, and which have left')
    .option('--json', 'as JSON')
    .action((options: Options) => showRetention(io, options))
  examples(show, 'retention show', 'retention show --location eu-de --json')

  const set = withTrail(retention.command('set'))
    .description(
      'keep events at least so many days: longer at once, shorter as a proposal that another person approves',
    )
    .argument('<days>', '0 is for ever', wholeNumber(0, 36_500))
    .option('--json', 'as JSON')
    .action((days: number, options: Options) => setRetention(io, days, options))
  examples(set, 'retention set 3650', 'retention set 0')
}

async function showRetention(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const found = await read(trail.client, `${trail.path}/retention`)
  if (options.json === true) {
    io.out.write(`${printableJson(found, 2)}\n`)
    return
  }
  const minimum = Number(memberOf(found, 'minimumIndex') ?? 0)
  io.out.write(
    `${textOfDays(Number(memberOf(found, 'retentionDays') ?? 0))}\n` +
      (minimum === 0 ? 'nothing was pruned\n' : `entries below ${formatCount(minimum)} were pruned\n`),
  )
}

async function setRetention(io: Surroundings, retentionDays: number, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  try {
    const json = { retentionDays }
    const set = await trail.client.json(`${trail.path}/retention`, { method: 'PUT', json })
    io.out.write(options.json === true ? `${printableJson(set, 2)}\n` : `${textOfDays(retentionDays)}\n`)
  } catch (error) {
    if (!(error instanceof Refused) || error.reason !== 'TWO_PEOPLE_REQUIRED') throw error
    await propose(io, trail, { kind: 'retention', retentionDays }, options.json === true)
  }
}

function textOfDays(days: number): string {
  return days === 0 ? 'events are kept for ever' : `events are kept at least ${formatCount(days)} days`
}
